package main

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"text/tabwriter"

	"gonum.org/v1/gonum/stat/distuv"

	"codegraph/internal/eval/benchmark"
	"codegraph/internal/eval/dataset"
	"codegraph/internal/imagescore"
	"codegraph/internal/verdict"
)

// readBatches reads the batches of files.
func readBatches(files []string, use func(*benchmark.ScoredBatch) error) error {
	for _, name := range files {
		if err := benchmark.ReadLines(name, func(b *benchmark.ScoredBatch) error {
			score(b)
			return use(b)
		}); err != nil {
			return err
		}
	}
	return nil
}

// score scores images by their patches, so that another image score is tried
// without comparing again.
func score(b *benchmark.ScoredBatch) {
	var maps [][]float32
	for _, im := range b.Images {
		if im.Final == nil {
			return // of an earlier version
		}
		maps = append(maps, im.Final)
	}
	pattern := imagescore.NewPattern(maps)
	for i := range b.Images {
		s := pattern.Score(maps[i])
		b.Images[i].Score, b.Images[i].PeakHeight = s.Peak, s.Height
	}
}

// group holds what became of the batches of a kind and a share of defective
// images.
type group struct {
	kind    string
	share   float64 // per cent
	batches int
	alarms  int                            // batches in which a good image fails
	unsure  int                            // batches in which no image passes
	counts  map[bool]map[verdict.Label]int // of images, by whether defective
}

// judgeAll judges the batches of the files and groups them.
func judgeAll(files []string, p verdict.Params) ([]*group, error) {
	var groups []*group
	err := readBatches(files, func(b *benchmark.ScoredBatch) error {
		kind, share := sort(b)
		k := slices.IndexFunc(groups, func(g *group) bool { return g.kind == kind && g.share == share })
		if k < 0 {
			k = len(groups)
			groups = append(groups, &group{kind: kind, share: share})
		}
		return groups[k].add(b, p)
	})
	slices.SortFunc(groups, func(a, b *group) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.share, b.share))
	})
	return groups, err
}

// sort reads the kind and the share from the name of a rendered batch. Others
// are of their own kind.
func sort(b *benchmark.ScoredBatch) (kind string, share float64) {
	if rest, ok := strings.CutPrefix(b.Name, "bed "); ok {
		set, _, _ := strings.Cut(rest, "-")
		return "bed " + set, 0
	}
	kind, rest, _ := strings.Cut(b.Name, ", ")
	_, rest, _ = strings.Cut(rest, ", ")
	var seed int
	if _, err := fmt.Sscanf(rest, "%g %% defective, seed %d", &share, &seed); err == nil {
		return kind, share
	}
	bad := 0
	for _, im := range b.Images {
		if defective(im) {
			bad++
		}
	}
	return b.Name, math.Round(100 * float64(bad) / float64(len(b.Images)))
}

// evidence is what of the images verdicts rest on.
func evidence(b *benchmark.ScoredBatch, of func(benchmark.ScoredImage) verdict.Image) []verdict.Image {
	out := make([]verdict.Image, len(b.Images))
	for i, im := range b.Images {
		out[i] = of(im)
		out[i].Member = im.Member
	}
	return out
}

// byScore is what an image's own verdict rests on.
func byScore(im benchmark.ScoredImage) verdict.Image {
	return verdict.Image{Score: im.Score, Height: im.PeakHeight}
}

func (g *group) add(b *benchmark.ScoredBatch, p verdict.Params) error {
	j, err := verdict.Judge(evidence(b, byScore), p)
	if err != nil {
		return err
	}
	n := labels(b, j.Verdicts)
	g.batches++
	if n[false][verdict.Fail] > 0 {
		g.alarms++
	}
	if j.Note != "" {
		g.unsure++
	}
	g.count(n)
	return nil
}

// labels counts the images of a batch, by whether they are defective.
func labels(b *benchmark.ScoredBatch, of []verdict.Verdict) map[bool]map[verdict.Label]int {
	n := map[bool]map[verdict.Label]int{false: {}, true: {}}
	for i, im := range b.Images {
		n[defective(im)][of[i].Label]++
	}
	return n
}

func defective(im benchmark.ScoredImage) bool { return im.Type != dataset.Good }

// count adds numbers of images.
func (g *group) count(n map[bool]map[verdict.Label]int) {
	if g.counts == nil {
		g.counts = map[bool]map[verdict.Label]int{false: {}, true: {}}
	}
	for defective, labels := range n {
		for label, count := range labels {
			g.counts[defective][label] += count
		}
	}
}

// merged puts the groups of all kinds together.
func merged(groups []*group) []*group {
	var out []*group
	for _, g := range groups {
		k := slices.IndexFunc(out, func(m *group) bool { return m.share == g.share })
		if k < 0 {
			k = len(out)
			out = append(out, &group{kind: "all", share: g.share})
		}
		m := out[k]
		m.batches, m.alarms, m.unsure = m.batches+g.batches, m.alarms+g.alarms, m.unsure+g.unsure
		m.count(g.counts)
	}
	slices.SortFunc(out, func(a, b *group) int { return cmp.Compare(a.share, b.share) })
	return out
}

// proportion is the 95 % interval of Clopper and Pearson (1934).
func proportion(k, n int) (lo, hi float64) {
	hi = 1
	if k > 0 {
		lo = distuv.Beta{Alpha: float64(k), Beta: float64(n - k + 1)}.Quantile(0.025)
	}
	if k < n {
		hi = distuv.Beta{Alpha: float64(k + 1), Beta: float64(n - k)}.Quantile(0.975)
	}
	return lo, hi
}

func printGroups(w io.Writer, groups []*group) error {
	t := tabwriter.NewWriter(w, 0, 0, 1, ' ', 0)
	fmt.Fprintln(t, "| kind\t| defective\t| batches\t| with a false alarm\t| 95 %\t| without a verdict\t| good images\t| fail\t| pass\t| defective\t| fail\t| pass\t|")
	fmt.Fprintln(t, "| ---\t| ---\t| ---\t| ---\t| ---\t| ---\t| ---\t| ---\t| ---\t| ---\t| ---\t| ---\t|")
	for _, g := range groups {
		lo, hi := proportion(g.alarms, g.batches)
		fmt.Fprintf(t, "| %s\t| %g %%\t| %d\t| %d\t| %.1f – %.1f %%\t| %d\t", g.kind, g.share, g.batches, g.alarms, 100*lo, 100*hi, g.unsure)
		for _, defective := range []bool{false, true} {
			fmt.Fprintf(t, "| %d\t| %s\t| %s\t", g.all(defective), percent(g.of(defective, verdict.Fail)), percent(g.of(defective, verdict.Pass)))
		}
		fmt.Fprintln(t, "|")
	}
	return t.Flush()
}

// all counts the good or the defective images.
func (g *group) all(defective bool) (n int) {
	for _, count := range g.counts[defective] {
		n += count
	}
	return n
}

// of is the share of the good or the defective images that have a label; NaN of
// none.
func (g *group) of(defective bool, label verdict.Label) float64 {
	return float64(g.counts[defective][label]) / float64(g.all(defective))
}

func percent(v float64) string {
	if math.IsNaN(v) {
		return "–"
	}
	return fmt.Sprintf("%.1f %%", 100*v)
}
