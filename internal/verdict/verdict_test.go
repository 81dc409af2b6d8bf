package verdict

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// normalScores draws scores of good images by the model.
func normalScores(rng *rand.Rand, n int, p Params) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = 0.4 + 0.03*p.standard(rng.NormFloat64())
	}
	return out
}

func judge(t testing.TB, scores []float64, families []Family, p Params) *Judgement {
	t.Helper()
	if families == nil {
		families = make([]Family, len(scores))
	}
	j, err := Judge(scores, families, p)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func failed(j *Judgement) (n int) {
	for _, v := range j.Verdicts {
		if v.Label == Fail {
			n++
		}
	}
	return n
}

// TestModelBatchesPass holds the share of all-good batches in which an image
// fails against the nominal rate: 3 standard errors of 400 batches.
func TestModelBatchesPass(t *testing.T) {
	p := DefaultParams()
	for _, n := range []int{8, 20, 60} {
		rng := rand.New(rand.NewPCG(7, uint64(n)))
		const batches = 400
		alarms := 0
		for range batches {
			if failed(judge(t, normalScores(rng, n, p), nil, p)) > 0 {
				alarms++
			}
		}
		if limit := p.FDR + 3*math.Sqrt(p.FDR*(1-p.FDR)/batches); float64(alarms) > limit*batches {
			t.Errorf("an image of %d fails in %d of %d batches of good ones", n, alarms, batches)
		}
	}
}

func TestPValuesAreUniform(t *testing.T) {
	p := DefaultParams()
	rng := rand.New(rand.NewPCG(8, 8))
	var all []float64
	for range 300 {
		for _, v := range judge(t, normalScores(rng, 30, p), nil, p).Verdicts {
			all = append(all, v.P)
		}
	}
	slices.Sort(all)
	for _, share := range []float64{0.01, 0.05, 0.2, 0.5, 0.9} {
		below, _ := slices.BinarySearch(all, share)
		if got := float64(below) / float64(len(all)); math.Abs(got-share) > 4*math.Sqrt(share*(1-share)/float64(len(all))) {
			t.Errorf("%v of the p-values are below %v", got, share)
		}
	}
}

func TestDefectsFail(t *testing.T) {
	p := DefaultParams()
	rng := rand.New(rand.NewPCG(9, 9))
	for _, defects := range []int{1, 5, 15, 20} {
		scores := normalScores(rng, 40, p)
		for i := range defects {
			scores[i] = 0.8 + 0.2*rng.Float64()
		}
		j := judge(t, scores, nil, p)
		for i, v := range j.Verdicts[:defects] {
			if v.Label != Fail {
				t.Errorf("%d of 40 defective: image %d with %.3f is %s, q = %.3g", defects, i, scores[i], v.Label, v.Q)
			}
		}
		if n := failed(j); n > defects+2 {
			t.Errorf("%d of 40 defective: %d fail", defects, n)
		}
		if n := 40 - defects; j.Null.Normal < n-4 || j.Null.Normal > n+4 {
			t.Errorf("%d of 40 defective: %d are taken for normal", defects, j.Null.Normal)
		}
	}
}

func TestFamilies(t *testing.T) {
	p := DefaultParams()
	rng := rand.New(rand.NewPCG(10, 10))
	scores := normalScores(rng, 30, p)
	families := make([]Family, 30)
	low := slices.Index(scores, slices.Min(scores))
	families[low] = Defect
	second := (low + 1) % 30
	families[second], scores[second] = Candidate, 0.4
	third := (low + 2) % 30
	families[third], scores[third] = Candidate, 0.9
	j := judge(t, scores, families, p)
	for i, want := range map[int]Label{low: Fail, second: Unsure, third: Fail} {
		if got := j.Verdicts[i].Label; got != want {
			t.Errorf("image %d of family %d with score %.3f: %s, want %s", i, families[i], scores[i], got, want)
		}
	}
	if v := j.Verdicts[low]; v.P < 0.5 {
		t.Errorf("the lowest score has p = %v", v.P)
	}
}

func TestCritical(t *testing.T) {
	p := DefaultParams()
	null := Fit(normalScores(rand.New(rand.NewPCG(11, 11)), 30, p), p)
	for _, want := range []float64{0.001, 0.05, 0.5, 0.9} {
		s := null.Critical(want)
		if got := null.P(s); math.Abs(got-want) > 1e-3*want+2e-5 {
			t.Errorf("P(%v) = %v, want %v", s, got, want)
		}
	}
}

func TestNoNull(t *testing.T) {
	p := DefaultParams()
	for name, scores := range map[string][]float64{
		"few":       {1, 2, 3, 4, 5, 6, 7},
		"identical": make([]float64, 20),
	} {
		j := judge(t, scores, nil, p)
		if j.Null != nil || j.Note == "" {
			t.Errorf("%s: null %v, note %q", name, j.Null, j.Note)
		}
		for i, v := range j.Verdicts {
			if v != (Verdict{Unsure, 1, 1}) {
				t.Errorf("%s: image %d is %+v", name, i, v)
			}
		}
	}
}

func TestWrongParams(t *testing.T) {
	for _, p := range []Params{{}, {FDR: 1, Body: 0.9, Used: 0.9}, {FDR: 0.05, Skew: -1, Body: 0.9, Used: 0.9}, {FDR: 0.05, Body: 1, Used: 0.9}} {
		if _, err := Judge(nil, nil, p); err == nil {
			t.Errorf("%+v is accepted", p)
		}
	}
	if _, err := Judge([]float64{1}, nil, DefaultParams()); err == nil {
		t.Error("a score without a family is accepted")
	}
}

// TestJudgeProperties checks what holds of any batch: verdicts do not depend
// on the unit and the order of the scores, and a higher score has no higher
// p- and q-value.
func TestJudgeProperties(t *testing.T) {
	p := DefaultParams()
	rapid.Check(t, func(t *rapid.T) {
		scores := rapid.SliceOfN(rapid.Float64Range(0.1, 1), Fewest, 24).Draw(t, "scores")
		families := make([]Family, len(scores))
		j, err := Judge(scores, families, p)
		if err != nil {
			t.Fatal(err)
		}
		twice := slices.Clone(scores)
		for i := range twice {
			twice[i] *= 2
		}
		k, err := Judge(twice, families, p)
		if err != nil {
			t.Fatal(err)
		}
		for a, v := range j.Verdicts {
			if v != k.Verdicts[a] {
				t.Fatalf("%+v, of twice the scores %+v", v, k.Verdicts[a])
			}
			if !(v.P > 0 && v.P <= v.Q && v.Q <= 1) {
				t.Fatalf("%+v", v)
			}
			for b, w := range j.Verdicts {
				if scores[a] > scores[b] && (v.P > w.P || v.Q > w.Q) {
					t.Fatalf("%v has %+v and %v has %+v", scores[a], v, scores[b], w)
				}
			}
		}
	})
}

// TestJudgeLater: p-values of normal images that the null was not fitted to
// are uniform; few of these fail, as few as in the batch; what is far off
// fails; and no later image changes the verdict on another.
func TestJudgeLater(t *testing.T) {
	rng, p := rand.New(rand.NewPCG(8, 8)), DefaultParams()
	const batches, n, later = 150, 30, 40
	var low, failed int
	for range batches {
		batch := normalScores(rng, n, p)
		scores := append(normalScores(rng, later, p), slices.Max(batch)*20)
		j, err := JudgeLater(batch, make([]Family, n), scores, make([]Family, len(scores)), p)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range j.Verdicts[:later] {
			if v.P <= 0.1 {
				low++
			}
			if v.Label == Fail {
				failed++
			}
		}
		if v := j.Verdicts[later]; v.Label != Fail {
			t.Errorf("an image far off is %+v", v)
		}
		alone, err := JudgeLater(batch, make([]Family, n), scores[3:4], make([]Family, 1), p)
		if err != nil || alone.Verdicts[0] != j.Verdicts[3] {
			t.Fatalf("alone an image is %+v, with others %+v (%v)", alone.Verdicts[0], j.Verdicts[3], err)
		}
	}
	if share := float64(low) / (batches * later); share < 0.08 || share > 0.12 {
		t.Errorf("%.3f of the normal images have p ≤ 0.1", share)
	}
	if share := float64(failed) / (batches * later); share > 0.006 {
		t.Errorf("%.4f of the normal images fail", share)
	}
}

// TestJudgeLaterFamilies: members of families are judged by these, and where
// there is no null nothing passes.
func TestJudgeLaterFamilies(t *testing.T) {
	rng, p := rand.New(rand.NewPCG(9, 9)), DefaultParams()
	batch := normalScores(rng, 30, p)
	for families, want := range map[Family]Label{NoFamily: Pass, Candidate: Unsure, Defect: Fail} {
		j, err := JudgeLater(batch, make([]Family, 30), []float64{slices.Min(batch)}, []Family{families}, p)
		if err != nil || j.Verdicts[0].Label != want {
			t.Errorf("family %d: %+v, %v", families, j.Verdicts[0], err)
		}
	}
	j, err := JudgeLater(batch[:5], make([]Family, 5), []float64{0}, make([]Family, 1), p)
	if err != nil || j.Verdicts[0] != (Verdict{Unsure, 1, 1}) || j.Note == "" {
		t.Errorf("after five images: %+v, %v", j, err)
	}
	if _, err := JudgeLater(batch, make([]Family, 30), []float64{1}, nil, p); err == nil {
		t.Error("a score without a family is accepted")
	}
}

// TestJudgeBy: by references no good image of an all-good batch fails more
// often than it should, and nine in ten may be defective.
func TestJudgeBy(t *testing.T) {
	rng, p := rand.New(rand.NewPCG(10, 10)), DefaultParams()
	const batches, n = 200, 40
	alarms, wrong := 0, 0.0
	for range batches {
		references, scores := normalScores(rng, FewestReferences, p), normalScores(rng, n, p)
		j, err := JudgeBy(references, scores, make([]Family, n), p)
		if err != nil {
			t.Fatal(err)
		}
		if failed(j) > 0 {
			alarms++
		}
		for i := range n * 9 / 10 {
			scores[i] += 20 * j.Null.Scale
		}
		if j, err = JudgeBy(references, scores, make([]Family, n), p); err != nil {
			t.Fatal(err)
		}
		got := failed(j)
		if got < n*9/10 {
			t.Errorf("%d of %d fail, %d are defective", got, n, n*9/10)
		}
		wrong += float64(got-n*9/10) / float64(got) / batches
	}
	t.Logf("false alarms in %d of %d batches, %.3f of those that fail are good", alarms, batches, wrong)
	if wrong > p.FDR {
		t.Errorf("%.3f of the images that fail are good", wrong)
	}
	if alarms > batches*9/100 {
		t.Errorf("%d of %d batches without defects have an image that fails", alarms, batches)
	}
	if j, err := JudgeBy(make([]float64, 20), []float64{1}, make([]Family, 1), p); err != nil || j.Null != nil || j.Verdicts[0].Label != Unsure || j.Note == "" {
		t.Errorf("by references that do not vary: %+v, %v", j, err)
	}
}
