package benchmark

import (
	"encoding/csv"
	"io"
	"math"
	"strconv"

	"codegraph"
	"codegraph/internal/eval/table"
)

// CSVWriter writes evaluations as CSV, a line for each evaluation and method. What
// is not defined is empty.
type CSVWriter struct {
	w   *csv.Writer
	err error
}

// tidyFigures are the columns of every evaluation.
var tidyFigures = []string{
	"method", "image_auroc", "image_f1", "image_ap", "pixel_auroc", "pixel_f1", "pixel_ap", "pixel_pro", "pixel_pro_musc",
	"pixel_ap_recurring", "consistency_recurring", "defect_families", "candidate_families",
}

// NewCSVWriter writes the heading: the names of the columns that tell evaluations
// apart, then those of the figures.
func NewCSVWriter(w io.Writer, columns ...string) *CSVWriter {
	t := &CSVWriter{w: csv.NewWriter(w)}
	t.line(append(columns, tidyFigures...))
	return t
}

func (t *CSVWriter) line(cells []string) {
	if t.err == nil {
		t.err = t.w.Write(cells)
	}
}

// Add writes e; values are those of the columns.
func (t *CSVWriter) Add(e *Evaluation, values ...string) {
	status := make(map[codegraph.Status]int)
	for _, f := range e.Families {
		status[f.Status]++
	}
	recurring := e.recurring()
	for _, m := range methods {
		cells := append(append([]string{}, values...), string(m))
		for _, v := range figureList(e.Figures[m]) {
			cells = append(cells, decimal(v))
		}
		cells = append(cells, decimal(recurring.PixelAP[m]), decimal(recurring.Consistency), strconv.Itoa(status[codegraph.StatusDefect]),
			strconv.Itoa(status[codegraph.StatusCandidate]))
		t.line(cells)
	}
}

// Flush ends the file, or says what went wrong.
func (t *CSVWriter) Flush() error {
	t.w.Flush()
	if t.err != nil {
		return t.err
	}
	return t.w.Error()
}

func figureList(f table.Figures) []float64 {
	var out []float64
	for _, v := range []table.Percent{f.ImageAUROC, f.ImageF1, f.ImageAP, f.PixelAUROC, f.PixelF1, f.PixelAP, f.PixelPRO, f.PixelPROMuSc} {
		out = append(out, float64(v))
	}
	return out
}

// decimal writes v so that it reads back the same; NaN is empty.
func decimal(v float64) string {
	if math.IsNaN(v) {
		return ""
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}
