package explain

import (
	"fmt"
	"io"
	"text/tabwriter"

	"codegraph/internal/burnout"
	"codegraph/internal/text"
)

// Text writes the document for people, with the nearest images listed, so many
// of them.
func (d *Document) Text(w io.Writer, nearest int) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	d.heading(t)
	d.alphas(t)
	d.burnout(t)
	d.nearest(t, nearest)
	fmt.Fprintf(t, "\nFit of the batch\n%s\n", text.Wrap(d.Fit.sentence(), 76, ""))
	return t.Flush()
}

func (d *Document) heading(w io.Writer) {
	fmt.Fprintf(w, "%s at %d,%d: patch %d,%d of %d × %d\n\n", d.Image, d.X, d.Y, d.Patch.X, d.Patch.Y, d.Grid.X, d.Grid.Y)
	fmt.Fprintf(w, "score\t%.4g here; the image scores %.4g, rank %d of %d\n", d.Score, d.Whole.Score, d.Whole.Rank, d.Whole.Images)
	if d.Score != d.MuScScore {
		fmt.Fprintf(w, "\t%.4g by mutual scoring alone\n", d.MuScScore)
	}
	switch f := d.Family; {
	case f == nil:
		fmt.Fprintln(w, "family\tnone")
	case f.Anomalous:
		fmt.Fprintf(w, "family\t%s (%s, %d images); this patch carries what they share\n", f.ID, f.Status, f.Members)
	default:
		fmt.Fprintf(w, "family\t%s (%s, %d images); what they share is elsewhere in the image\n", f.ID, f.Status, f.Members)
	}
}

func (d *Document) alphas(w io.Writer) {
	fmt.Fprintln(w, "\nTail index α and its standard error")
	for _, row := range []struct {
		name string
		a    AlphaRef
		note string
	}{
		{"this patch", d.Alpha.Hill, "Hill's estimate"},
		{"this image", d.Alpha.Image, "median of its patches"},
		{"this position", d.Alpha.Position, "median of the images"},
		{"the batch", d.Alpha.Batch, "median of the images"},
	} {
		fmt.Fprintf(w, "%s\t%s\t%s\n", row.name, row.a, row.note)
	}
}

func (a AlphaRef) number() string {
	if a.Alpha == nil {
		return "–"
	}
	return fmt.Sprintf("%.1f", *a.Alpha)
}

func (a AlphaRef) String() string {
	if a.StdErr == nil {
		return a.number()
	}
	return fmt.Sprintf("%s ± %.1f", a.number(), *a.StdErr)
}

func (d *Document) burnout(w io.Writer) {
	fmt.Fprintln(w, "\nBurnout: do look-alikes run out?")
	if d.Normal == nil || len(d.Test.Ranks) == 0 {
		fmt.Fprintln(w, "The distances do not grow: there is nothing to test.")
		return
	}
	if d.Test.BurnsOut {
		fmt.Fprintf(w, "Yes, after %d of the %d images below ω = %d.\n", d.Test.Rank, d.Omega-1, d.Omega)
	} else {
		fmt.Fprintf(w, "No: the p-value is above %v. Least likely are the first %d of the %d images below ω = %d.\n", burnout.Level, d.Test.Rank, d.Omega-1, d.Omega)
	}
	fmt.Fprintf(w, "p-value\t%.2g that the nearest images of a normal patch are so near\n", d.Test.P)
	fmt.Fprintf(w, "\t%.2g %% of the patches of this batch have one as low\n", 100*d.Test.Share)
	if d.Test.Growth > 0 {
		fmt.Fprintf(w, "growth\tafter rank %d by %.1f %%; %.1f %% is usual there\n", d.Test.Rank, 100*(d.Test.Growth-1), 100*(d.Test.Usual-1))
	}
}

func (d *Document) nearest(w io.Writer, most int) {
	fmt.Fprintln(w, "\nNearest images: the mutual similarity vector")
	fmt.Fprintln(w, "rank\tdistance\tif normal, 5 to 95 %\tmatches\timage")
	for k, n := range d.Vector[:min(most, len(d.Vector))] {
		normal, at := "", "–"
		if d.Normal != nil && k < len(d.Normal.Expected) {
			normal = fmt.Sprintf("%.4f (%.4f–%.4f)", d.Normal.Expected[k], d.Normal.Low[k], d.Normal.High[k])
		}
		if n.X != nil {
			at = fmt.Sprintf("%d,%d", *n.X, *n.Y)
		}
		fmt.Fprintf(w, "%d\t%.4f\t%s\t%s\t%s\n", k+1, n.Distance, normal, at, n.Image)
	}
	if left := len(d.Vector) - most; left > 0 {
		fmt.Fprintf(w, "and %d more, up to a distance of %.4f\n", left, d.Vector[len(d.Vector)-1].Distance)
	}
}

// sentence says what the fit means.
func (f *FitSummary) sentence() string {
	if f.Sampled == 0 {
		return "There is too little to tell whether the model holds: p-values mean nothing here."
	}
	measured := fmt.Sprintf("Of %d patches %.1f %% are rejected at 5 %%; a sample of %d nearly independent ones has p = %.2g; the distributions differ by %.3f at most. %.1f %% of the patches have a p-value for burnout of 0.01 or less.",
		f.Patches, 100*f.Rejected, f.Sampled, f.P, f.Distance, 100*f.Low)
	switch {
	case f.Holds && f.P > 0.05:
		return "The model describes this batch. " + measured
	case f.Holds:
		return "The model describes most patches of this batch, though not exactly. " + measured
	}
	why := "the nearest images are nearer than a power law has them"
	if f.Profile[0] < 1 {
		why = "the nearest images are too alike in distance"
	}
	return "The model does not fit this batch: " + why + ". Take p-values as a ranking, not as error rates. " + measured
}
