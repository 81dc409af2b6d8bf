package beds

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"codegraph/internal/plant"
	"codegraph/internal/stats"
)

// Print prints what the outcomes of one method add up to: the bars of the
// families, the verdicts, and a line for each kind and each share.
func Print(w io.Writer, title string, all []*Outcome) error {
	t := &printer{tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)}
	t.printf("\n%s: %d beds\n\n", title, len(all))
	t.bars(all)
	t.printf("\n")
	t.verdicts(all)
	t.printf("\n| recurring | beds | found | exact | in pieces | asked | of those that one copy shows: beds | found | false defects | image AUROC, MuSc | as scored |\n")
	t.printf("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n")
	for _, kind := range append([]plant.Kind{plant.Real}, plant.Defects()...) {
		t.line(string(kind), only(all, func(o *Outcome) bool { return o.Bed.Purpose == Recurring && o.Bed.Kind == kind }))
	}
	for _, share := range slices.Sorted(slices.Values(shares)) {
		t.line(fmt.Sprintf("%.0f %%", 100*share), only(all, func(o *Outcome) bool { return o.Bed.Purpose == Recurring && o.Bed.Share == share }))
	}
	for _, s := range sets {
		t.line(s.name, only(all, func(o *Outcome) bool { return o.Bed.Purpose == Recurring && o.Bed.Set == s.name }))
	}
	t.printf("\n| harmless | beds | beds with a false defect | asked, exact or close | questions in a bed, median |\n| --- | --- | --- | --- | --- |\n")
	for _, kind := range plant.Harmless() {
		t.harmless(string(kind), only(all, func(o *Outcome) bool { return o.Bed.Purpose == Harmless && o.Bed.Kind == kind }))
	}
	t.harmless("nothing recurs", only(all, func(o *Outcome) bool { return o.Bed.Purpose == Nothing }))
	return t.w.Flush()
}

// printer remembers nothing of errors: the writer does.
type printer struct{ w *tabwriter.Writer }

func (t *printer) printf(format string, args ...any) { fmt.Fprintf(t.w, format, args...) }

func only(all []*Outcome, keep func(*Outcome) bool) (some []*Outcome) {
	for _, o := range all {
		if keep(o) {
			some = append(some, o)
		}
	}
	return some
}

func count(all []*Outcome, what func(*Outcome) bool) int { return len(only(all, what)) }

func found(o *Outcome) bool    { return o.Defect.Found() }
func wrong(o *Outcome) bool    { return o.FalseDefects > 0 }
func detected(o *Outcome) bool { return o.Alone }

// of is "3 of 4 (75 %)".
func of(n, all int) string {
	if all == 0 {
		return "none"
	}
	return fmt.Sprintf("%d of %d (%.0f %%)", n, all, 100*float64(n)/float64(all))
}

func (t *printer) bars(all []*Outcome) {
	recurring := only(all, func(o *Outcome) bool { return o.Bed.Purpose == Recurring })
	shown := only(recurring, func(o *Outcome) bool { return o.Alone && o.Bed.Share >= 0.145 && o.Bed.Share <= 0.305 })
	t.printf("found, of defects on 15 to 30 %% that a single copy would show\t%s\n", of(count(shown, found), len(shown)))
	t.printf("found or asked about, of the same\t%s\n", of(count(shown, func(o *Outcome) bool { return found(o) || o.Question > 0 }), len(shown)))
	t.printf("found, of all recurring defects\t%s\n", of(count(recurring, found), len(recurring)))
	rest := only(all, func(o *Outcome) bool { return o.Bed.Purpose != Recurring })
	t.printf("beds with a false defect, where none recurs\t%s\n", of(count(rest, wrong), len(rest)))
	t.printf("beds with a false defect, where one does\t%s\n", of(count(recurring, wrong), len(recurring)))
	both := only(all, func(o *Outcome) bool { return o.AUROC >= 0 && o.MuSc >= 0 })
	t.printf("image AUROC at most 1 point below MuSc's\t%s\n", of(count(both, func(o *Outcome) bool { return o.AUROC >= o.MuSc-0.01 }), len(both)))
	low := only(both, func(o *Outcome) bool { return o.MuSc < 0.9 && o.Bed.Purpose == Recurring })
	t.printf("median change where MuSc's is below 90 and a defect recurs\t%+.1f points in %d beds\n", 100*medianOf(low, func(o *Outcome) float64 { return o.AUROC - o.MuSc }), len(low))
}

func (t *printer) verdicts(all []*Outcome) {
	t.printf("| images | pass | unsure | fail |\n| --- | --- | --- | --- |\n")
	for _, l := range []Label{Good, SharedFeature, RareDefect, SharedDefect} {
		var c Counts
		for _, o := range all {
			c = c.Plus(o.Verdicts[l])
		}
		if n := float64(c.All()); n > 0 {
			t.printf("| %s | %.1f %% | %.1f %% | %.1f %% |\n", l, 100*float64(c.Pass)/n, 100*float64(c.Unsure)/n, 100*float64(c.Fail)/n)
		}
	}
}

func (t *printer) line(name string, all []*Outcome) {
	if len(all) == 0 {
		return
	}
	alone := only(all, detected)
	cells := []string{
		name, fmt.Sprint(len(all)), fmt.Sprint(count(all, found)), fmt.Sprint(count(all, func(o *Outcome) bool { return o.Defect == Exact })),
		fmt.Sprint(count(all, func(o *Outcome) bool { return o.Defect == Pieces })), fmt.Sprint(count(all, func(o *Outcome) bool { return !found(o) && o.Question > 0 })),
		fmt.Sprint(len(alone)), fmt.Sprint(count(alone, found)), fmt.Sprint(count(all, wrong)),
		fmt.Sprintf("%.1f", 100*medianOf(all, func(o *Outcome) float64 { return o.MuSc })), fmt.Sprintf("%.1f", 100*medianOf(all, func(o *Outcome) float64 { return o.AUROC })),
	}
	t.printf("| %s |\n", strings.Join(cells, " | "))
}

func (t *printer) harmless(name string, all []*Outcome) {
	if len(all) == 0 {
		return
	}
	asked := count(all, func(o *Outcome) bool { return o.Question > 0 })
	t.printf("| %s | %d | %d | %d | %.0f |\n", name, len(all), count(all, wrong), asked, medianOf(all, func(o *Outcome) float64 { return float64(o.Questions) }))
}

// medianOf is the median of a figure; 0 of nothing.
func medianOf(all []*Outcome, figure func(*Outcome) float64) float64 {
	var v []float64
	for _, o := range all {
		v = append(v, figure(o))
	}
	return stats.Median(v)
}
