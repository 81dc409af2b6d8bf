package table

import (
	"encoding/csv"
	"io"
	"strconv"

	"codegraph/internal/text"
)

// writeCSV writes a line per figure. Measured figures that are not defined
// have an empty value; published ones are left out.
func writeCSV(w io.Writer, d *Document) error {
	out := csv.NewWriter(w)
	out.Write([]string{"category", "method", "source", "metric", "value", "std", "reference"})
	measured := func(category, method string, r result, hasOriginal bool) {
		r.each(func(resolution int, m *metric, value, std Percent) {
			if resolution == evaluated || hasOriginal && m.level() == "pixel" {
				out.Write([]string{text.Cell(category), method, "measured", keyOf(resolution, m), Decimal(value), Decimal(std), ""})
			}
		})
	}
	for i := range d.Results {
		r := &d.Results[i]
		measured(r.Category, r.Method, r.result(), r.Original != nil)
	}
	for i := range d.Mean {
		m := &d.Mean[i]
		measured(meanCategory, m.Method, m.result(), m.Original != nil)
	}
	for i := range d.Published {
		p := &d.Published[i]
		for k := range metrics {
			if v := *metrics[k].of(&p.Figures); v.Defined() {
				out.Write([]string{text.Cell(p.Category), text.Cell(p.Method), "published", metrics[k].key, Decimal(v), "", text.Cell(p.reference())})
			}
		}
	}
	out.Flush()
	return out.Error()
}

// reference is the source with its caveat.
func (p *Published) reference() string {
	if p.OtherBackbone {
		return p.Source + "; other backbone"
	}
	return p.Source
}

// Decimal is the shortest decimal that reads back as the same, "" for none.
func Decimal(v Percent) string {
	if !v.Defined() {
		return ""
	}
	return strconv.FormatFloat(float64(v), 'g', -1, 64)
}
