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
	p := printer{w: w}
	if len(r.Rare) > 0 {
		p.line("rare defect\tpixels\tplanted\tfail\tunsure\tpass\ttop tenth")
		for _, d := range r.Rare {
			p.line("%s\t%.0f\t%d\t%d\t%d\t%d\t%d", d.Kind, d.Size, d.All(), d.Fail, d.Unsure, d.Pass, d.Top)
		}
		p.flush()
	}
	if len(r.Recurring) > 0 {
		p.line("recurring defect\tpixels\tshare\tbatches\tfamilies\tasked\tfail\tunsure\tpass")
		for _, d := range r.Recurring {
			p.line("%s\t%.0f\t%.0f %%\t%d\t%d\t%d\t%d\t%d\t%d", d.Kind, d.Size, 100*d.Share, d.Batches, d.Families, d.Asked, d.Fail, d.Unsure, d.Pass)
		}
		p.flush()
	}
	p.line("harmless\tshare\tbatches\tdefects\tasked\tfail\tunsure\tpass")
	for _, c := range r.Harmless {
		p.line("%s\t%.0f %%\t%d\t%d\t%d\t%d\t%d\t%d", c.Kind, 100*c.Share, c.Batches, c.Defects, c.Asked, c.Fail, c.Unsure, c.Pass)
	}
	u, b := r.Untouched, r.Bystanders
	p.line("nothing planted\t\t1\t\t\t%d\t%d\t%d", u.Fail, u.Unsure, u.Pass)
	p.line("good parts of all\t\t%d\t%d\t\t%d\t%d\t%d", r.Batches, r.FalseFamilies, b.Fail, b.Unsure, b.Pass)
	p.flush()
	for _, s := range r.Sentences {
		p.text(s + "\n")
	}
	return p.err
}

// printer prints tables; it remembers the first error.
type printer struct {
	w   io.Writer
	t   *tabwriter.Writer
	err error
}

func (p *printer) text(s string) {
	if p.err == nil {
		_, p.err = io.WriteString(p.w, s)
	}
}

func (p *printer) line(format string, args ...any) {
	if p.t == nil {
		p.t = tabwriter.NewWriter(p.w, 0, 0, 2, ' ', tabwriter.AlignRight)
	}
	fmt.Fprintf(p.t, format+"\t\n", args...)
}

// flush ends a table.
func (p *printer) flush() {
	if err := p.t.Flush(); p.err == nil {
		p.err = err
	}
	p.t = nil
	p.text("\n")
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
