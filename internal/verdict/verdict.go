package verdict

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"

	"codegraph/internal/stats"
)

// Label is what is said of an image.
type Label string

const (
	Pass   Label = "pass"   // good, at the stated rate of omissions
	Fail   Label = "fail"   // defective, at the stated false-discovery rate
	Unsure Label = "unsure" // for a person to judge
)

// Known is what a person knows of an image.
type Known int

const (
	Unknown Known = iota
	Good
	Bad
)

// Member is what a family makes of its images: they do not pass before a person says
// so, and those of a candidate do not fail either.
type Member int

const (
	OfNone Member = iota
	// OfCandidate: it is open whether what the image shares with others is a defect. If
	// it is harmless, the image scores high for having few look-alikes.
	OfCandidate
	// OfDefect: it is one, so that the image is more probably defective than not,
	// however rare defects are in the batch.
	OfDefect
	// OfConfirmed: a candidate is one, as a person said.
	OfConfirmed
)

// MemberOf is what a family makes of its images: defect says that it is one, asked that
// only a person can say so, and open that none has. A variant of the whole part makes
// nobody suspicious, and neither does what a person said to be harmless.
func MemberOf(defect, asked, open, whole bool) Member {
	switch {
	case defect && asked:
		return OfConfirmed
	case defect:
		return OfDefect
	case open && !whole:
		return OfCandidate
	}
	return OfNone
}

// Image is what of an image its verdict rests on.
type Image struct {
	Score float64
	// Height is that of the image's highest patches above its typical one, in
	// the unit of Score; 0 if unknown. See package imagescore.
	Height float64
	Known  Known
	// Member is what family the image belongs to.
	Member Member
}

const (
	// DefaultFDR is the usual false-discovery rate.
	DefaultFDR = 0.05
	// DefaultOmission is the usual rate of false omissions.
	DefaultOmission = 0.05
	// Fewest is the number of images below which there is no verdict.
	Fewest = 12
)

// Params control Judge.
type Params struct {
	// FDR is the highest probability of being good at which an image fails:
	// the share of good images among those that fail is expected to be lower.
	FDR float64
	// Omission is the highest expected share of defective images among those
	// that pass.
	Omission float64
	// Doubt is the highest probability of being defective at which an image
	// passes, and the probability beforehand that a member of a defect family is
	// good.
	Doubt float64
	// Threshold is a limit to fail of the user's own; NaN for none.
	Threshold float64
	// Clean is the probability beforehand that no image is defective.
	Clean float64
	// Rare is the weight of few defective images beforehand: a share π of them
	// has the prior density (1 − π)^Rare.
	Rare float64
	// Scatter is the scale of good scores that is expected, in heights of a
	// peak.
	Scatter float64
	// Within is the standard deviation of its logarithm, beforehand.
	Within float64
}

// DefaultParams are those that docs/verdicts.md measures.
func DefaultParams() Params {
	return Params{FDR: DefaultFDR, Omission: DefaultOmission, Doubt: 1. / 5, Threshold: math.NaN(), Clean: 1. / 3, Rare: 2, Scatter: 0.15, Within: 0.35}
}

// Verdict is the judgement of one image.
type Verdict struct {
	Label Label
	// P is the probability that a good image scores as high.
	P float64
	// Q is the probability that the image is good.
	Q float64
	// Severity is 0 for the median of the batch and 1 at the limit to fail; NaN
	// where there is no limit.
	Severity float64
}

// Limits are the scores that verdicts change at.
type Limits struct {
	Median float64 // of the images that the null is fitted to
	Pass   float64 // the highest that passes; −Inf: none does
	Fail   float64 // the least that fails; +Inf: none does
	given  bool    // Fail is the user's own
}

// Judgement is that of a batch.
type Judgement struct {
	Verdicts []Verdict // of each image
	Limits   Limits
	// Null is nil if the batch does not show what good images score.
	Null *Null
	// Note says why no image passes; "" if images may.
	Note string
}

// Judge labels the images of a batch by their scores and by what is known of
// some of them.
func Judge(images []Image, p Params) (*Judgement, error) {
	return JudgeLater(images, images, p)
}

// JudgeLater labels images that came after a batch, each by the limits of the
// batch.
func JudgeLater(batch, later []Image, p Params) (*Judgement, error) {
	return new(Memo).JudgeLater(batch, later, p)
}

// Memo is the last batch and what it says of good images: a tenth of a second's work
// that images which come one by one need not repeat. It is safe for concurrent use.
type Memo struct {
	mu     sync.Mutex
	batch  []Image
	params Params
	fitted Judgement
}

// JudgeLater is [JudgeLater], by what is remembered of the batch.
func (m *Memo) JudgeLater(batch, later []Image, p Params) (*Judgement, error) {
	if err := p.check(batch, later); err != nil {
		return nil, err
	}
	j := m.fit(batch, p)
	if !math.IsNaN(p.Threshold) {
		j.Limits.given = true
		j.Limits.Fail, j.Limits.Pass = p.Threshold, min(j.Limits.Pass, math.Nextafter(p.Threshold, math.Inf(-1)))
	}
	for _, im := range later {
		j.Verdicts = append(j.Verdicts, j.verdict(im))
	}
	return j, nil
}

func (m *Memo) fit(batch []Image, p Params) *Judgement {
	p.Threshold = 0 // of no consequence here, and no number is unlike itself
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.batch == nil || m.params != p || !slices.Equal(m.batch, batch) {
		m.batch, m.params = slices.Clone(batch), p
		m.fitted = Judgement{}
		m.fitted.fit(batch, p)
	}
	j := m.fitted
	return &j
}

// fit fills in null, limits and note. Images of which a person is asked say nothing of
// the others, as long as these are enough; and once the answer is that they are
// defective, of the others no more pass than would without them.
func (j *Judgement) fit(batch []Image, p Params) {
	if rest := without(batch, OfCandidate); len(independent(rest)) >= Fewest {
		batch = rest
	}
	j.fitTo(batch, p)
	if others := without(batch, OfConfirmed); len(others) < len(batch) && len(independent(others)) >= Fewest {
		var before Judgement
		before.fitTo(others, p)
		if before.Limits.Pass < j.Limits.Pass {
			j.Limits.Pass, j.Note = before.Limits.Pass, before.Note
		}
	}
}

// without are the images that are not of such families, or that a person knows.
func without(batch []Image, member Member) []Image {
	return slices.DeleteFunc(slices.Clone(batch), func(im Image) bool {
		return im.known() == Unknown && im.Member == member
	})
}

// independent are the scores of the images that may be as good as any other.
func independent(batch []Image) (scores []float64) {
	for _, im := range batch {
		if im.independent() {
			scores = append(scores, im.Score)
		}
	}
	return scores
}

// fitTo fits to images.
func (j *Judgement) fitTo(batch []Image, p Params) {
	j.Limits = Limits{Median: math.NaN(), Pass: math.Inf(-1), Fail: math.Inf(1)}
	scores := independent(batch)
	if len(scores) > 0 {
		j.Limits.Median = stats.Median(scores)
	}
	if len(scores) < Fewest {
		j.Note = fmt.Sprintf("no image passes: it takes %d images to say what good ones score, and there are %d", Fewest, len(scores))
		return
	}
	null := newNull(batch, p)
	if null == nil {
		j.Note = "no image passes: half of the images have the same score"
		return
	}
	j.Null, j.Limits.Median = null, null.median
	if null.Share > 0.5 && !null.anchored() {
		j.Note = fmt.Sprintf("no image passes or fails: by their scores most of the batch (%.0f %% expected) is defective, or there are several kinds of parts, and then what is normal cannot be told from the batch; compare with known good images, or mark some images as good", 100*null.Share)
		return
	}
	j.Limits.Fail = null.fails(batch, p.FDR)
	j.Limits.Pass = min(null.omits(batch, p.Omission, p.Doubt), math.Nextafter(j.Limits.Fail, math.Inf(-1)))
	if math.IsInf(j.Limits.Pass, -1) {
		j.Note = fmt.Sprintf("no image passes: the scores do not tell good ones from defective ones (%.0f %% expected); compare with known good images, or mark some images as good", 100*null.Share)
	}
}

func (j *Judgement) verdict(im Image) Verdict {
	v := Verdict{Label: j.Limits.label(im), P: 1, Q: 1, Severity: j.Limits.Severity(im.Score)}
	if j.Null != nil {
		at := j.Null.at(im.Score)
		v.P, v.Q = at.p, 1-at.of(im.Member)
		if im.Score >= j.Limits.Fail {
			v.Q = min(v.Q, 1-at.further)
		}
	}
	return v
}

// label is a person's answer or else what the limits say.
func (l Limits) label(im Image) Label {
	switch {
	case im.Known == Good:
		return Pass
	case im.Known == Bad:
		return Fail
	case im.Score >= l.Fail && (l.given || im.Member != OfCandidate):
		return Fail
	case im.Score <= l.Pass && im.Member == OfNone:
		return Pass
	}
	return Unsure
}

// Severity is 0 at the median and 1 at the limit to fail, and linear; NaN
// without a limit above the median.
func (l Limits) Severity(score float64) float64 {
	if !(l.Fail > l.Median) || math.IsInf(l.Fail, 1) {
		return math.NaN()
	}
	return (score - l.Median) / (l.Fail - l.Median)
}

func (p Params) check(batch, later []Image) error {
	for _, c := range []struct {
		name  string
		value float64
		ok    bool
	}{
		{"false-discovery rate", p.FDR, p.FDR > 0 && p.FDR < 1},
		{"rate of omissions", p.Omission, p.Omission > 0 && p.Omission < 1},
		{"doubt", p.Doubt, p.Doubt > 0 && p.Doubt < 1},
		{"probability of no defects", p.Clean, p.Clean > 0 && p.Clean < 1},
		{"weight of few defective images", p.Rare, p.Rare >= 0 && p.Rare <= 100},
		{"scatter of good scores", p.Scatter, p.Scatter > 0 && p.Scatter < 10},
		{"spread of the scatter", p.Within, p.Within > 0 && p.Within < 10},
	} {
		if !c.ok {
			return fmt.Errorf("a %s of %v", c.name, c.value)
		}
	}
	for _, im := range slices.Concat(batch, later) {
		if math.IsNaN(im.Score) || math.IsInf(im.Score, 0) {
			return errors.New("a score that is not a finite number")
		}
	}
	return nil
}

// known is what a person's answer about the image says of the others. That a defect
// family is one was taken for granted before it was said, and its images are of one
// kind: what they score does not say more of other defects.
func (im Image) known() Known {
	if im.Known == Bad && im.recurs() {
		return Unknown
	}
	return im.Known
}

// independent says that the image may be as good as any other, for all that is known.
func (im Image) independent() bool {
	return im.Known == Good || im.Known == Unknown && !im.recurs()
}

// recurs says that the image is of a defect family.
func (im Image) recurs() bool { return im.Member >= OfDefect }
