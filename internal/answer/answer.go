package answer

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"codegraph/imageset"
	"codegraph/internal/regular"
	"codegraph/internal/verdict"
)

// Schema is the version of the file.
const Schema = "codegraph-answers/1"

// Answers to questions about images and families; empty ones are none.
type (
	ForImage  string
	ForFamily string
)

const (
	Good      ForImage = "good"
	Bad       ForImage = "bad"
	Reference ForImage = "reference"

	Defect   ForFamily = "defect"
	Harmless ForFamily = "harmless"
	NoGroup  ForFamily = "none"
)

// Answers are all that a person said of a batch.
type Answers struct {
	Schema   string   `json:"schema"`
	Version  string   `json:"version"` // of the program that wrote the file; "": unknown
	Images   []Image  `json:"images"`
	Families []Family `json:"families"`
	// Limit is the score from which on an image fails; nil: none was set.
	Limit *float64 `json:"limit,omitempty"`
	// ROI is the part of each photograph that is compared; nil: nothing was said.
	ROI *imageset.ROI `json:"roi,omitempty"`
}

// Image is the answer about one image.
type Image struct {
	Name   string   `json:"name"`
	Answer ForImage `json:"answer"`
}

// Family is the answer about one family.
type Family struct {
	ID      string    `json:"id"` // that it had; for people
	Answer  ForFamily `json:"answer"`
	Members []string  `json:"members"` // names of images
}

// Limit says from which score on an image fails; nil takes that back.
type Limit struct {
	Score *float64 `json:"score"`
}

// Region says which part of each photograph is compared; nil is all of it.
type Region struct {
	ROI *imageset.ROI `json:"roi"`
}

// Step is one thing that was said, about an image or several, a family, the limit or
// the region, or taken back: then its answer is empty.
type Step struct {
	Time   time.Time `json:"time"`
	Image  *Image    `json:"image,omitempty"`
	Images []Image   `json:"images,omitempty"`
	Family *Family   `json:"family,omitempty"`
	Limit  *Limit    `json:"limit,omitempty"`
	Region *Region   `json:"region,omitempty"`
}

// Check finds a step that says nothing, or too much.
func (s *Step) Check() error {
	said := 0
	for _, is := range []bool{s.Image != nil, len(s.Images) > 0, s.Family != nil, s.Limit != nil, s.Region != nil} {
		if is {
			said++
		}
	}
	switch {
	case said != 1:
		return errors.New("answer: it takes an image or several, a family, a limit or a region, and one of them")
	case s.Family != nil:
		return s.Family.check(true)
	case s.Limit != nil:
		return checkLimit(s.Limit.Score)
	}
	for _, im := range s.AboutImages() {
		if err := im.check(true); err != nil {
			return err
		}
	}
	return nil // a region is checked when it is read
}

// AboutImages is what the step says of images.
func (s *Step) AboutImages() []Image {
	if s.Image != nil {
		return []Image{*s.Image}
	}
	return s.Images
}

func checkLimit(score *float64) error {
	if score != nil && !(*score > 0 && *score <= maxLimit) {
		return fmt.Errorf("answer: the limit to fail is %v and must be a score above 0", *score)
	}
	return nil
}

func (im *Image) check(none bool) error {
	if im.Name == "" {
		return errors.New("answer: an image has no name")
	}
	if !slices.Contains([]ForImage{Good, Bad, Reference}, im.Answer) && !(none && im.Answer == "") {
		return fmt.Errorf("answer about image %q: it is %q and must be %s, %s or %s", im.Name, im.Answer, Good, Bad, Reference)
	}
	return nil
}

func (f *Family) check(none bool) error {
	if len(f.Members) == 0 {
		return fmt.Errorf("answer about family %q: it has no members", f.ID)
	}
	if !slices.Contains([]ForFamily{Defect, Harmless, NoGroup}, f.Answer) && !(none && f.Answer == "") {
		return fmt.Errorf("answer about family %q: it is %q and must be %s, %s or %s", f.ID, f.Answer, Defect, Harmless, NoGroup)
	}
	return nil
}

// After are the answers after all steps, sorted: of each image and family the
// last one.
func After(steps []Step) *Answers {
	a := &Answers{Schema: Schema, Images: []Image{}, Families: []Family{}}
	about := map[string]ForImage{}
	for _, s := range steps {
		for _, im := range s.AboutImages() {
			about[im.Name] = im.Answer
		}
		if f := s.Family; f != nil {
			a.Families = slices.DeleteFunc(a.Families, func(g Family) bool { return overlap(g.Members, f.Members) == 1 })
			if f.Answer != "" {
				a.Families = append(a.Families, *f)
			}
		}
		if s.Limit != nil {
			a.Limit = s.Limit.Score
		}
		if s.Region != nil {
			a.ROI = s.Region.ROI
		}
	}
	for name, said := range about {
		if said != "" {
			a.Images = append(a.Images, Image{name, said})
		}
	}
	slices.SortFunc(a.Images, func(x, y Image) int { return cmp.Compare(x.Name, y.Name) })
	slices.SortStableFunc(a.Families, func(x, y Family) int { return cmp.Compare(x.ID, y.ID) })
	return a
}

// Empty says that nothing was said. A nil a is empty.
func (a *Answers) Empty() bool {
	return a == nil || len(a.Images)+len(a.Families) == 0 && a.Limit == nil && a.ROI == nil
}

// FailLimit is the score from which on an image fails, or else that of --threshold.
// A nil a has said nothing.
func (a *Answers) FailLimit(threshold float64) float64 {
	if a == nil || a.Limit == nil {
		return threshold
	}
	return *a.Limit
}

// Region is the part of each photograph that is compared, or else that of --roi. A
// nil a has said nothing.
func (a *Answers) Region(roi *imageset.ROI) *imageset.ROI {
	if a == nil || a.ROI == nil {
		return roi
	}
	return a.ROI
}

// Same says that a and b say the same.
func (a *Answers) Same(b *Answers) bool {
	if a.Empty() || b.Empty() {
		return a.Empty() == b.Empty()
	}
	return slices.Equal(a.Images, b.Images) && a.SameFamilies(b) && a.SameRegion(b) && a.FailLimit(0) == b.FailLimit(0)
}

// SameFamilies says that a and b say the same of families.
func (a *Answers) SameFamilies(b *Answers) bool {
	of := func(a *Answers) []Family {
		if a == nil {
			return nil
		}
		return a.Families
	}
	return slices.EqualFunc(of(a), of(b), func(x, y Family) bool { return x.Answer == y.Answer && slices.Equal(x.Members, y.Members) })
}

// SameRegion says that a and b have the same part of photographs compared.
func (a *Answers) SameRegion(b *Answers) bool {
	x, y := a.Region(nil), b.Region(nil)
	return x == y || x != nil && y != nil && x.Digest() == y.Digest()
}

// ByName are the answers about images.
func (a *Answers) ByName() map[string]ForImage {
	if a == nil {
		return nil
	}
	out := make(map[string]ForImage, len(a.Images))
	for _, im := range a.Images {
		out[im.Name] = im.Answer
	}
	return out
}

// Known is the answer as verdicts count it.
func (f ForImage) Known() verdict.Known {
	switch f {
	case Good, Reference:
		return verdict.Good
	case Bad:
		return verdict.Bad
	}
	return verdict.Unknown
}

// About is the answer about the family that these members are most of: whose
// Jaccard index with them is highest, and at least same. It is nil for none.
func (a *Answers) About(members []string, same float64) *Family {
	if a == nil {
		return nil
	}
	var best *Family
	most := same
	for i := range a.Families {
		if o := overlap(a.Families[i].Members, members); o >= most && (best == nil || o > most) {
			best, most = &a.Families[i], o
		}
	}
	return best
}

// overlap is the Jaccard index of two lists of names.
func overlap(a, b []string) float64 {
	in := make(map[string]bool, len(a))
	for _, name := range a {
		in[name] = true
	}
	both, all := 0, len(in)
	seen := make(map[string]bool, len(b))
	for _, name := range b {
		if seen[name] {
			continue
		}
		seen[name] = true
		if in[name] {
			both++
		} else {
			all++
		}
	}
	if all == 0 {
		return 0
	}
	return float64(both) / float64(all)
}

const (
	maxFile  = 64 << 20 // of a file of answers, in bytes
	maxLimit = 1e6      // as of --threshold
)

// Load reads a file of answers.
func Load(path string) (*Answers, error) {
	f, err := regular.Open(path)
	if err != nil {
		return nil, fmt.Errorf("answers: %w", err)
	}
	defer f.Close()
	a, err := Read(f)
	if err != nil {
		return nil, fmt.Errorf("answers %s: %w", path, err)
	}
	return a, nil
}

// Read reads answers and refuses what makes no sense.
func Read(r io.Reader) (*Answers, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("more than %d bytes", maxFile)
	}
	a := new(Answers)
	if err := json.Unmarshal(data, a); err != nil {
		return nil, fmt.Errorf("not a file of answers: %w", err)
	}
	if a.Schema != Schema {
		return nil, fmt.Errorf("it is of schema %q, want %q", a.Schema, Schema)
	}
	return a, a.check()
}

func (a *Answers) check() error {
	said := make(map[string]ForImage, len(a.Images))
	for i := range a.Images {
		im := &a.Images[i]
		if err := im.check(false); err != nil {
			return err
		}
		if before, ok := said[im.Name]; ok && before != im.Answer {
			return fmt.Errorf("image %q is both %s and %s", im.Name, before, im.Answer)
		}
		said[im.Name] = im.Answer
	}
	for i := range a.Families {
		if err := a.Families[i].check(false); err != nil {
			return err
		}
	}
	return checkLimit(a.Limit)
}

// Encode writes the file.
func (a *Answers) Encode(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	return enc.Encode(a)
}
