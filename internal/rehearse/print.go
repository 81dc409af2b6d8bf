package rehearse

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"
)

// Encode writes the report as JSON.
func (r *Report) Encode(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// Print writes the report for a terminal.
func (r *Report) Print(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	line := func(format string, args ...any) { fmt.Fprintf(t, format+"\t\n", args...) }
	if len(r.Rare) > 0 {
		line("rare defect\tpixels\tplanted\tfail\tunsure\tpass\ttop tenth")
		for _, d := range r.Rare {
			line("%s\t%.0f\t%d\t%d\t%d\t%d\t%d", d.Kind, d.Size, d.All(), d.Fail, d.Unsure, d.Pass, d.Top)
		}
		line("")
	}
	if len(r.Recurring) > 0 {
		line("recurring defect\tpixels\tshare\tbatches\tfamilies\tasked\tfail\tunsure\tpass")
		for _, d := range r.Recurring {
			line("%s\t%.0f\t%.0f %%\t%d\t%d\t%d\t%d\t%d\t%d", d.Kind, d.Size, 100*d.Share, d.Batches, d.Families, d.Asked, d.Fail, d.Unsure, d.Pass)
		}
		line("")
	}
	line("harmless\t\tshare\tbatches\tdefects\tasked\tfail\tunsure\tpass")
	for _, c := range r.Harmless {
		line("%s\t\t%.0f %%\t%d\t%d\t%d\t%d\t%d\t%d", c.Kind, 100*c.Share, c.Batches, c.Defects, c.Asked, c.Fail, c.Unsure, c.Pass)
	}
	u := r.Untouched
	line("nothing planted\t\t\t1\t\t\t%d\t%d\t%d", u.Fail, u.Unsure, u.Pass)
	b := r.Bystanders
	line("good parts of all\t\t\t%d\t%d\t\t%d\t%d\t%d", r.Batches, r.FalseFamilies, b.Fail, b.Unsure, b.Pass)
	if err := t.Flush(); err != nil {
		return err
	}
	for _, s := range r.Sentences {
		if _, err := fmt.Fprintf(w, "\n%s", s); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(w)
	return err
}

// CSV writes a line for each row of the report.
func (r *Report) CSV(w io.Writer) error {
	c := csv.NewWriter(w)
	c.Write([]string{"planted", "kind", "size_pixels", "share", "batches", "families", "asked", "fail", "unsure", "pass", "top_tenth"})
	row := func(what, kind string, size, share float64, counts []int, v Verdicts, top string) {
		cells := []string{what, kind, decimal(size), decimal(share)}
		for _, n := range append(counts, v.Fail, v.Unsure, v.Pass) {
			cells = append(cells, strconv.Itoa(n))
		}
		c.Write(append(cells, top))
	}
	for _, d := range r.Rare {
		row("rare", string(d.Kind), d.Size, 0, []int{0, 0, 0}, d.Verdicts, strconv.Itoa(d.Top))
	}
	for _, d := range r.Recurring {
		row("recurring", string(d.Kind), d.Size, d.Share, []int{d.Batches, d.Families, d.Asked}, d.Verdicts, "")
	}
	for _, d := range r.Harmless {
		row("harmless", string(d.Kind), 0, d.Share, []int{d.Batches, d.Defects, d.Asked}, d.Verdicts, "")
	}
	row("nothing", "", 0, 0, []int{1, 0, 0}, r.Untouched, "")
	row("bystanders", "", 0, 0, []int{r.Batches, r.FalseFamilies, 0}, r.Bystanders, "")
	c.Flush()
	return c.Error()
}

func decimal(v float64) string { return strconv.FormatFloat(v, 'g', 4, 64) }
