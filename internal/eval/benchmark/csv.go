package benchmark

import (
	"encoding/csv"
	"io"
	"strconv"

	"codegraph"
	"codegraph/internal/eval/table"
)

// CSVWriter writes evaluations as CSV, a line for each evaluation and method. What
// is not defined is empty.
type CSVWriter struct{ w *csv.Writer }

// figureColumns are the columns of every evaluation.
var figureColumns = []string{
	"method", "image_auroc", "image_f1", "image_ap", "pixel_auroc", "pixel_f1", "pixel_ap", "pixel_pro", "pixel_pro_musc",
	"pixel_ap_recurring", "consistency_recurring", "defect_families", "candidate_families",
}

// NewCSVWriter writes the heading: the names of the columns that tell evaluations
// apart, then those of the figures.
func NewCSVWriter(w io.Writer, columns ...string) *CSVWriter {
	t := &CSVWriter{csv.NewWriter(w)}
	t.w.Write(append(columns, figureColumns...))
	return t
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
		f := e.Figures[m]
		for _, v := range []table.Percent{
			f.ImageAUROC, f.ImageF1, f.ImageAP, f.PixelAUROC, f.PixelF1, f.PixelAP, f.PixelPRO, f.PixelPROMuSc,
			table.Percent(recurring.PixelAP[m]), table.Percent(recurring.Consistency),
		} {
			cells = append(cells, table.Decimal(v))
		}
		cells = append(cells, strconv.Itoa(status[codegraph.StatusDefect]),
			strconv.Itoa(status[codegraph.StatusCandidate]))
		t.w.Write(cells)
	}
}

// Flush ends the file, or says what went wrong.
func (t *CSVWriter) Flush() error {
	t.w.Flush()
	return t.w.Error()
}
