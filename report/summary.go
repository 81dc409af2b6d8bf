package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"codegraph"
	"codegraph/internal/text"
	"codegraph/internal/verdict"
)

// SummaryOptions control Summary.
type SummaryOptions struct {
	Dir    string // the output folder, as the user named it
	Timing bool   // list the time of each phase
}

// maxListed bounds the images that a summary lists, worst those that it lists where
// nobody judges.
const maxListed, worst = 50, 10

// Summary prints the short form of a document for people: what to look at image by
// image, the families, what was skipped, the time, and last what to make of it all.
func Summary(w io.Writer, doc *Document, opts SummaryOptions) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "%d images, %d × %d patches each, %s, %s\n",
		doc.Counts.Images, doc.Grid.Height, doc.Grid.Width, text.Printable(doc.Backbone.Name), doc.Method)
	summarizeAnswers(out, doc.Answers)
	summarizeImages(out, doc)
	summarizeFamilies(out, doc)
	for _, n := range doc.Notes {
		fmt.Fprintf(out, "\nNote: %s\n", text.Printable(n))
	}
	if n := len(doc.Skipped); n > 0 {
		fmt.Fprintf(out, "\nNot scored: %s that could not be read (see %q in %s)\n", count(n, "input"), "skipped", ResultsName)
	}
	fmt.Fprintln(out)
	if opts.Timing {
		t := table(out)
		for _, p := range doc.Run.Phases {
			fmt.Fprintf(t, "%s\t%s\n", p.Phase, duration(p.Seconds))
		}
		t.Flush()
	}
	fmt.Fprintf(out, "Took %s, output in %s\n", duration(doc.Run.Seconds), text.Printable(opts.Dir))
	summarizeVerdicts(out, doc)
	if slices.Contains(doc.Files, PageName) {
		fmt.Fprintf(out, "To look at it, open %s\n", text.Printable(filepath.Join(opts.Dir, PageName)))
	}
	return out.Flush()
}

func summarizeAnswers(out io.Writer, a *codegraph.Answers) {
	if a == nil {
		return
	}
	fmt.Fprintf(out, "A person's answers count: %s and %s\n", count(len(a.Images), "image"), families(len(a.Families)))
	if a.Limit != nil {
		fmt.Fprintf(out, "A person set the limit to fail: %.4f\n", *a.Limit)
	}
	if a.ROI != nil {
		fmt.Fprintln(out, "A person drew the region that is compared")
	}
}

// summarizeVerdicts says what to make of the batch, as the page does first.
func summarizeVerdicts(out io.Writer, doc *Document) {
	if v := doc.Verdicts; v != (Verdicts{}) {
		fmt.Fprintf(out, "%d fail, %d unsure, %d pass, at a false-discovery rate of %g\n", v.Fail, v.Unsure, v.Pass, doc.Options.FDR)
	}
	for _, f := range doc.Families {
		if f.Status == string(codegraph.StatusDefect) {
			fmt.Fprintf(out, "%s share a recurring defect, %s: look at these first\n", count(len(f.Members), "image"), text.Printable(f.ID))
		}
	}
	if n := doc.VerdictNote; n != "" {
		fmt.Fprintln(out, text.Printable(strings.ToUpper(n[:1])+n[1:]))
	}
}

// summarizeImages lists the images that fail or are unsure, and counts the others.
func summarizeImages(out io.Writer, doc *Document) {
	images := doc.toLookAt()
	all, pass := len(images), doc.Verdicts.Pass
	images = images[:min(all, maxListed)]
	if len(images) > 0 {
		fmt.Fprintln(out)
		t := table(out)
		fmt.Fprintln(t, "RANK\tSCORE\tMUSC\tVERDICT\tSEVERITY\tFAMILY\tIMAGE")
		for _, im := range images {
			summarizeImage(t, im)
		}
		t.Flush()
	}
	switch left := all - len(images); {
	case doc.Verdicts == (Verdicts{}):
		if more := doc.Counts.Images - all; more > 0 {
			fmt.Fprintf(out, "… and %d more: see %s\n", more, ScoresName)
		}
	case left > 0:
		fmt.Fprintf(out, "… and %d more that fail or are unsure, and %d that pass: see %s\n", left, pass, ScoresName)
	case all > 0:
		fmt.Fprintf(out, "The other %d pass\n", pass)
	default:
		fmt.Fprintf(out, "\nAll %s pass\n", count(pass, "image"))
	}
}

// toLookAt are the images that do not pass, in the order to look at them: what fails,
// then the members of recurring defects, then what else is unsure, each by score. Where
// nobody judges it is those of the highest scores.
func (d *Document) toLookAt() []*Image {
	images := byScore(d.Images)
	if d.Verdicts == (Verdicts{}) {
		return images[:min(len(images), worst)]
	}
	defects := map[string]bool{}
	for _, f := range d.Families {
		for _, m := range f.Members {
			defects[m.Name] = defects[m.Name] || f.Status == string(codegraph.StatusDefect)
		}
	}
	turn := func(im *Image) int {
		switch {
		case im.Verdict != nil && *im.Verdict == verdict.Fail:
			return 0
		case defects[im.Name]:
			return 1
		}
		return 2
	}
	images = slices.DeleteFunc(images, func(im *Image) bool { return im.Verdict != nil && *im.Verdict == verdict.Pass })
	slices.SortStableFunc(images, func(a, b *Image) int { return cmp.Compare(turn(a), turn(b)) })
	return images
}

func summarizeImage(t io.Writer, im *Image) {
	family, label, severity := "-", "-", "-"
	if im.Family != nil {
		family = *im.Family
	}
	if im.Verdict != nil {
		label = string(*im.Verdict)
	}
	if im.Severity != nil {
		severity = fmt.Sprintf("%.2f", *im.Severity)
	}
	fmt.Fprintf(t, "%d\t%.4f\t%.4f\t%s\t%s\t%s\t%s\n", im.Rank, im.Score, im.MuScScore, label, severity, text.Printable(family), text.Printable(im.Name))
}

func summarizeFamilies(out io.Writer, doc *Document) {
	if len(doc.Families) == 0 {
		return
	}
	fmt.Fprintln(out)
	t := table(out)
	fmt.Fprintln(t, "FAMILY\tSTATUS\tIMAGES\tAREA\tGAIN\tSHEET")
	for _, f := range doc.Families {
		sheet := "-"
		if f.Sheet != nil {
			sheet = *f.Sheet
		}
		fmt.Fprintf(t, "%s\t%s\t%d\t%.1f %%\t%.2f\t%s\n",
			text.Printable(f.ID), f.Status, len(f.Members), 100*f.Area, f.Gain, sheet)
	}
	t.Flush()
}

func table(w io.Writer) *tabwriter.Writer { return tabwriter.NewWriter(w, 0, 0, 2, ' ', 0) }

func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

func families(n int) string {
	if n == 1 {
		return "1 family"
	}
	return fmt.Sprintf("%d families", n)
}

func duration(seconds float64) string {
	if seconds < 60 {
		return fmt.Sprintf("%.1f s", seconds)
	}
	return time.Duration(seconds * float64(time.Second)).Round(time.Second).String()
}
