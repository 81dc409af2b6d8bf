package report

import (
	"bufio"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"text/tabwriter"
	"time"

	"codegraph/internal/text"
	"codegraph/internal/verdict"
)

// SummaryOptions control Summary.
type SummaryOptions struct {
	Dir    string // the output folder, as the user named it
	Worst  int    // images shown, and all that fail up to maxListed; 0: ten
	Timing bool   // list the time of each phase
}

// maxListed bounds the images that a summary lists.
const maxListed = 50

// Summary prints the short form of a document for people: the worst images,
// the families, what was skipped, the time.
func Summary(w io.Writer, doc *Document, opts SummaryOptions) error {
	if opts.Worst <= 0 {
		opts.Worst = 10
	}
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "%d images, %d × %d patches each, %s, %s\n",
		doc.Counts.Images, doc.Grid.Height, doc.Grid.Width, text.Printable(doc.Backbone.Name), doc.Method)
	summarizeVerdicts(out, doc)
	if a := doc.Answers; a != nil {
		fmt.Fprintf(out, "A person's answers count: %s and %s\n", count(len(a.Images), "image"), families(len(a.Families)))
		if a.Limit != nil {
			fmt.Fprintf(out, "A person set the limit to fail: %.4f\n", *a.Limit)
		}
		if a.ROI != nil {
			fmt.Fprintln(out, "A person drew the region that is compared")
		}
	}
	summarizeImages(out, doc, opts.Worst)
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
	if slices.Contains(doc.Files, PageName) {
		fmt.Fprintf(out, "To look at it, open %s\n", text.Printable(filepath.Join(opts.Dir, PageName)))
	}
	return out.Flush()
}

func summarizeVerdicts(out io.Writer, doc *Document) {
	if v := doc.Verdicts; v != (Verdicts{}) {
		fmt.Fprintf(out, "%d fail, %d unsure, %d pass, at a false-discovery rate of %g\n", v.Fail, v.Unsure, v.Pass, doc.Options.FDR)
	}
}

func summarizeImages(out io.Writer, doc *Document, worst int) {
	fmt.Fprintln(out)
	t := table(out)
	fmt.Fprintln(t, "RANK\tSCORE\tMUSC\tVERDICT\tSEVERITY\tFAMILY\tIMAGE")
	listed, left, failing := 0, 0, 0 // those left out, and how many of them fail
	for k, im := range byScore(doc.Images) {
		fails := im.Verdict != nil && *im.Verdict == verdict.Fail
		if k >= worst && !(fails && listed < maxListed) {
			left++
			if fails {
				failing++
			}
			continue
		}
		listed++
		family := "-"
		if im.Family != nil {
			family = *im.Family
		}
		label, severity := "-", "-"
		if im.Verdict != nil {
			label = string(*im.Verdict)
		}
		if im.Severity != nil {
			severity = fmt.Sprintf("%.2f", *im.Severity)
		}
		fmt.Fprintf(t, "%d\t%.4f\t%.4f\t%s\t%s\t%s\t%s\n", im.Rank, im.Score, im.MuScScore, label, severity, text.Printable(family), text.Printable(im.Name))
	}
	t.Flush()
	if left > 0 {
		fmt.Fprintf(out, "… and %d more, of which %d fail: see %s\n", left, failing, ScoresName)
	}
}

func summarizeFamilies(out io.Writer, doc *Document) {
	if len(doc.Families) == 0 {
		return
	}
	fmt.Fprintln(out)
	t := table(out)
	fmt.Fprintln(t, "FAMILY\tSTATUS\tIMAGES\tAREA\tGAIN\tSHEET")
	candidate := ""
	for _, f := range doc.Families {
		sheet := "-"
		if f.Sheet != nil {
			sheet = *f.Sheet
		}
		fmt.Fprintf(t, "%s\t%s\t%d\t%.1f %%\t%.2f\t%s\n",
			text.Printable(f.ID), f.Status, len(f.Members), 100*f.Area, f.Gain, sheet)
		if f.Status == "candidate" && candidate == "" {
			candidate = f.ID
		}
	}
	t.Flush()
	if candidate != "" {
		fmt.Fprintf(out, "A candidate may be a defect or a harmless variant: look at its sheet, then run again with --confirm %s or --reject %[1]s, or answer on the page.\n", text.Printable(candidate))
	}
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
