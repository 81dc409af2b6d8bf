package verdict

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// good draws scores of good images: location 0.4, scale 0.02, some skewness,
// peaks 0.2 high.
func good(rng *rand.Rand, n int) []Image {
	out := make([]Image, n)
	for i := range out {
		out[i] = Image{Score: 0.4 + 0.02*math.Expm1(0.3*rng.NormFloat64())/0.3, Height: 0.2}
	}
	return out
}

// spoil makes the first n images defective: 5 to 15 scales higher.
func spoil(rng *rand.Rand, images []Image, n int) {
	for i := range n {
		images[i].Score += 0.1 + 0.2*rng.Float64()
	}
}

func judge(t testing.TB, images []Image) *Judgement {
	t.Helper()
	j, err := Judge(images, DefaultParams())
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func count(vs []Verdict, l Label) (n int) {
	for _, v := range vs {
		if v.Label == l {
			n++
		}
	}
	return n
}

// TestGoodBatches: in few batches of good images one fails, and most pass.
func TestGoodBatches(t *testing.T) {
	t.Parallel()
	for _, n := range []int{Fewest, 40} {
		rng := rand.New(rand.NewPCG(7, uint64(n)))
		const batches = 12
		alarms, passed := 0, 0
		for range batches {
			j := judge(t, good(rng, n))
			passed += count(j.Verdicts, Pass)
			if count(j.Verdicts, Fail) > 0 {
				alarms++
			}
		}
		if alarms > 2 {
			t.Errorf("an image of %d fails in %d of %d batches of good ones", n, alarms, batches)
		}
		if share := float64(passed) / float64(batches*n); share < 0.5 {
			t.Errorf("of %d good images %.2f pass", n, share)
		}
	}
}

// TestDefects: with up to two fifths of the batch defective, few of them pass
// and hardly any good one fails.
func TestDefects(t *testing.T) {
	t.Parallel()
	for _, defects := range []int{4, 16} {
		rng := rand.New(rand.NewPCG(9, uint64(defects)))
		const batches, n = 5, 40
		missed, failed, wrong, passed := 0, 0, 0, 0
		for range batches {
			images := good(rng, n)
			spoil(rng, images, defects)
			j := judge(t, images)
			missed += count(j.Verdicts[:defects], Pass)
			failed += count(j.Verdicts[:defects], Fail)
			wrong += count(j.Verdicts[defects:], Fail)
			passed += count(j.Verdicts[defects:], Pass)
		}
		bad, fine := float64(batches*defects), float64(batches*(n-defects))
		t.Logf("%d of %d: missed %.3f, failed %.3f, wrong %.3f, passed %.3f", defects, n, float64(missed)/bad, float64(failed)/bad, float64(wrong)/fine, float64(passed)/fine)
		if float64(missed) > 0.1*bad || float64(wrong) > 0.02*fine || float64(passed) < 0.6*fine {
			t.Errorf("%d of %d defective: too many wrong verdicts", defects, n)
		}
	}
}

// TestTwoHeaps: where most of the batch is defective, nothing passes, and the
// note says why; known good images settle it.
func TestTwoHeaps(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(11, 1))
	images := good(rng, 50)
	spoil(rng, images, 35)
	j := judge(t, images)
	if n := count(j.Verdicts, Unsure); n != len(images) || j.Note == "" {
		t.Errorf("%d of %d are unsure; note %q", n, len(images), j.Note)
	}
	for i := 35; i < 49; i++ {
		images[i].Known = Good
	}
	j = judge(t, images)
	if count(j.Verdicts[:35], Pass) > 2 || count(j.Verdicts[:35], Fail) < 20 || j.Note != "" {
		t.Errorf("with 14 known: %d pass and %d fail of 35; note %q", count(j.Verdicts[:35], Pass), count(j.Verdicts[:35], Fail), j.Note)
	}
}

// TestAnswers: a person's answers are the verdicts, and never make another
// verdict wrong that was right in this batch.
func TestAnswers(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(12, 1))
	images := good(rng, 40)
	spoil(rng, images, 8)
	before := judge(t, images)
	marked := slices.Clone(images)
	marked[0].Known, marked[1].Known = Bad, Bad
	for i := 20; i < 30; i++ {
		marked[i].Known = Good
	}
	marked[31].Known = Bad // whatever it scores
	after := judge(t, marked)
	if after.Verdicts[20].Label != Pass || after.Verdicts[31].Label != Fail {
		t.Errorf("answers are not the verdicts: %+v, %+v", after.Verdicts[20], after.Verdicts[31])
	}
	for i := range 8 {
		if before.Verdicts[i].Label == Fail && after.Verdicts[i].Label == Pass {
			t.Errorf("defective image %d failed and passes with answers", i)
		}
	}
}

// TestCandidate: what a person is asked about neither passes nor fails, but by a limit of
// the user's own, and an answer counts more. The others are judged as before.
func TestCandidate(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(5, 5))
	images := good(rng, 40)
	spoil(rng, images, 4)
	before := judge(t, images)
	for i := range 20 {
		if i > 0 {
			images[i].Member = OfCandidate
		}
	}
	after := judge(t, images)
	for i, v := range after.Verdicts {
		want := before.Verdicts[i].Label
		if images[i].Member == OfCandidate {
			want = Unsure
		}
		if v.Label != want {
			t.Errorf("image %d: %s, want %s", i, v.Label, want)
		}
	}
	if count(before.Verdicts[1:20], Pass) == 0 || count(before.Verdicts[1:4], Fail) == 0 || count(after.Verdicts[20:], Pass) == 0 || count(after.Verdicts, Fail) == 0 {
		t.Error("nothing passes or fails: the test shows nothing")
	}
	p := DefaultParams()
	p.Threshold = images[1].Score
	if j, err := Judge(images, p); err != nil || j.Verdicts[1].Label != Fail {
		t.Errorf("above a limit of the user's own: %v (%v)", j.Verdicts[1].Label, err)
	}
	images[19].Known = Good
	if l := judge(t, images).Verdicts[19].Label; l != Pass {
		t.Errorf("said to be good: %s", l)
	}
}

// TestConfirmed: once a candidate is said to be a defect, its images fail by what they
// then score, and no other image passes that did not.
func TestConfirmed(t *testing.T) {
	t.Parallel()
	decided := 0
	for seed := range uint64(12) {
		rng := rand.New(rand.NewPCG(seed, 7))
		images := good(rng, 40)
		spoil(rng, images, 3) // defects of their own
		for i := 3; i < 13; i++ {
			images[i].Member = OfCandidate
		}
		before := judge(t, images)
		spoil(rng, images[3:13], 10)
		for i := 3; i < 13; i++ {
			images[i].Member = OfConfirmed
		}
		after := judge(t, images)
		if after.Limits.Pass > before.Limits.Pass {
			t.Errorf("seed %d: the limit to pass rises from %v to %v", seed, before.Limits.Pass, after.Limits.Pass)
		}
		if n := count(before.Verdicts[3:13], Unsure); n < 10 {
			t.Errorf("seed %d: %d of 10 are unsure before the answer", seed, n)
		}
		decided += count(after.Verdicts[3:13], Fail)
	}
	if decided < 60 {
		t.Errorf("%d of 120 confirmed images fail", decided)
	}
}

// TestDefectFamily: members of a defect family fail by their own score, do not pass,
// and leave the others as they would be without them, be they most of the batch.
func TestDefectFamily(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(5, 6))
	images := good(rng, 60)
	spoil(rng, images, 32)
	alone := judge(t, images[32:])
	if j := judge(t, images); count(j.Verdicts, Unsure) != len(images) {
		t.Fatal("more than half of the batch fails or passes by its scores: the test shows nothing")
	}
	for i := range 30 {
		images[i].Member = OfDefect
	}
	images[0].Score = images[40].Score
	j := judge(t, images)
	if n := count(j.Verdicts[:30], Fail); n < 15 {
		t.Errorf("%d of 29 members with a high score fail", n)
	}
	if l := j.Verdicts[0].Label; l != Unsure {
		t.Errorf("a member with a low score: %s", l)
	}
	if before, after := count(alone.Verdicts, Pass), count(j.Verdicts[30:], Pass); before == 0 || after < before {
		t.Errorf("%d others pass beside a family, %d without it", after, before)
	}
	if n := count(j.Verdicts[32:], Fail); n > 0 {
		t.Errorf("%d good images fail", n)
	}
	for i := range 30 {
		images[i].Known = Bad
	}
	if confirmed := judge(t, images); confirmed.Limits != j.Limits || count(confirmed.Verdicts[:30], Fail) != 30 {
		t.Errorf("once it is confirmed, limits are %+v, and were %+v", confirmed.Limits, j.Limits)
	}
	images[0].Known = Good
	if l := judge(t, images).Verdicts[0].Label; l != Pass {
		t.Errorf("said to be good: %s", l)
	}
}

func TestNoNull(t *testing.T) {
	t.Parallel()
	for name, images := range map[string][]Image{
		"few":       good(rand.New(rand.NewPCG(1, 1)), Fewest-1),
		"identical": make([]Image, 20),
	} {
		j := judge(t, images)
		if j.Null != nil || j.Note == "" {
			t.Errorf("%s: null %v, note %q", name, j.Null, j.Note)
		}
		for i, v := range j.Verdicts {
			if v.Label != Unsure || v.P != 1 || v.Q != 1 || !math.IsNaN(v.Severity) {
				t.Errorf("%s: image %d is %+v", name, i, v)
			}
		}
	}
}

func TestWrongInput(t *testing.T) {
	t.Parallel()
	for _, change := range []func(*Params){
		func(p *Params) { p.FDR = 0 }, func(p *Params) { p.FDR = 1 }, func(p *Params) { p.Omission = 0 },
		func(p *Params) { p.Rare = -1 }, func(p *Params) { p.Clean = 1 }, func(p *Params) { p.Scatter = math.NaN() },
	} {
		p := DefaultParams()
		change(&p)
		if _, err := Judge(nil, p); err == nil {
			t.Errorf("%+v is accepted", p)
		}
	}
	if _, err := Judge([]Image{{Score: math.NaN()}}, DefaultParams()); err == nil {
		t.Error("a score that is not a number is accepted")
	}
}

// TestThreshold: a limit of one's own decides what fails.
func TestThreshold(t *testing.T) {
	t.Parallel()
	images := good(rand.New(rand.NewPCG(3, 3)), 30)
	p := DefaultParams()
	p.Threshold = 0.41
	j, err := Judge(images, p)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range j.Verdicts {
		if fails := images[i].Score >= 0.41; fails != (v.Label == Fail) {
			t.Errorf("score %v is %s", images[i].Score, v.Label)
		}
	}
	if s := j.Limits.Severity(0.41); s != 1 {
		t.Errorf("the limit has severity %v", s)
	}
}

// TestProperties checks what holds of any batch: verdicts do not depend on
// unit, origin and order of the scores, and a higher score is not better.
func TestProperties(t *testing.T) {
	t.Parallel()
	checks := 0
	rapid.Check(t, func(t *rapid.T) {
		if checks++; checks > 8 { // each judges twice
			return
		}
		scores := rapid.SliceOfN(rapid.Float64Range(0.1, 1), Fewest, 14).Draw(t, "scores")
		images, other := make([]Image, len(scores)), make([]Image, len(scores))
		for i, s := range scores {
			images[i] = Image{Score: s, Height: 0.4}
			other[len(scores)-1-i] = Image{Score: 2*s + 1, Height: 0.8}
		}
		a, err := Judge(images, DefaultParams())
		if err != nil {
			t.Fatal(err)
		}
		b, err := Judge(other, DefaultParams())
		if err != nil {
			t.Fatal(err)
		}
		rank := map[Label]int{Pass: 0, Unsure: 1, Fail: 2}
		for i, v := range a.Verdicts {
			w := b.Verdicts[len(scores)-1-i]
			if math.Abs(v.P-w.P) > 1e-6 || math.Abs(v.Q-w.Q) > 1e-6 {
				t.Fatalf("%+v, in another unit %+v", v, w)
			}
			for k, w := range a.Verdicts {
				if scores[i] > scores[k] && (v.P > w.P+1e-12 || v.Q > w.Q+1e-12 || rank[v.Label] < rank[w.Label]) {
					t.Fatalf("%v has %+v and %v has %+v", scores[i], v, scores[k], w)
				}
			}
		}
	})
}

// TestMemo: what is remembered of a batch is not said of another, or at another rate.
func TestMemo(t *testing.T) {
	t.Parallel()
	var memo Memo
	for k := range uint64(6) {
		batch, p := good(rand.New(rand.NewPCG(k/2%2, 1)), 30), DefaultParams()
		if k%3 == 2 {
			p.FDR = 0.2
		}
		if k%2 == 1 {
			p.Threshold = 100
		}
		want, err := JudgeLater(batch, batch[:3], p)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := memo.JudgeLater(batch, batch[:3], p); err != nil || got.Limits != want.Limits || !slices.Equal(got.Verdicts, want.Verdicts) {
			t.Errorf("judged %v, %v; want %v", got, err, want)
		}
	}
}

// TestJudgeLater: an image that comes later is judged as one of the same score
// in the batch.
func TestJudgeLater(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(8, 8))
	batch := good(rng, 40)
	spoil(rng, batch, 6)
	own := judge(t, batch)
	later, err := JudgeLater(batch, batch[3:9], DefaultParams())
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range later.Verdicts {
		if v != own.Verdicts[3+i] {
			t.Errorf("%+v later and %+v in the batch", v, own.Verdicts[3+i])
		}
	}
}

// TestManyImages: groups of neighbouring scores stand for many images.
func TestManyImages(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(5, 5))
	images := good(rng, 3000)
	spoil(rng, images, 300)
	j := judge(t, images)
	if n := count(j.Verdicts[:300], Fail); n < 240 {
		t.Errorf("%d of 300 defective images fail", n)
	}
	if n := count(j.Verdicts[300:], Fail); n > 30 {
		t.Errorf("%d of 2700 good images fail", n)
	}
}

// TestRightAnswers: eight right answers leave no more wrong verdicts in a batch
// than there were, and fewer in all.
func TestRightAnswers(t *testing.T) {
	t.Parallel()
	const n = 40
	first, last := 0, 0
	for seed := range uint64(8) {
		rng := rand.New(rand.NewPCG(seed, 13))
		images, defects := good(rng, n), 4+4*int(seed%4)
		for i := range defects { // some of them hard to tell
			images[i].Score += 0.15 * rng.Float64()
		}
		wrong := func() (count int) {
			for i, v := range judge(t, images).Verdicts {
				if v.Label == Pass && i < defects || v.Label == Fail && i >= defects {
					count++
				}
			}
			return count
		}
		before := wrong()
		for _, i := range rng.Perm(n)[:8] {
			images[i].Known = Good
			if i < defects {
				images[i].Known = Bad
			}
		}
		after := wrong()
		if after > before {
			t.Errorf("seed %d: %d wrong verdicts before, and %d after eight right answers", seed, before, after)
		}
		first, last = first+before, last+after
	}
	t.Logf("wrong verdicts: %d without answers, %d with", first, last)
	if first == 0 || last >= first {
		t.Errorf("wrong verdicts: %d without answers, %d with", first, last)
	}
}

// TestScatter: scores that scatter more than a peak of good images does are
// taken for those of defective ones rather.
func TestScatter(t *testing.T) {
	t.Parallel()
	var unsure [2]int
	for k, height := range []float64{0.2, 0.02} {
		images := good(rand.New(rand.NewPCG(21, 1)), 40)
		for i := range images {
			images[i].Height = height
		}
		unsure[k] = count(judge(t, images).Verdicts, Unsure)
	}
	if unsure[0] > 8 || unsure[1] < 30 {
		t.Errorf("%d of 40 are unsure with peaks of ten scales, and %d with peaks of one", unsure[0], unsure[1])
	}
}

// BenchmarkJudge judges 40 images.
func BenchmarkJudge(b *testing.B) {
	rng := rand.New(rand.NewPCG(5, 5))
	images := good(rng, 40)
	spoil(rng, images, 6)
	for b.Loop() {
		if _, err := Judge(images, DefaultParams()); err != nil {
			b.Fatal(err)
		}
	}
}
