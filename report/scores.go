package report

import (
	"cmp"
	"encoding/csv"
	"io"
	"slices"
	"strconv"

	"codegraph/internal/text"
)

// writeScores writes scores.csv: the most anomalous image first, ties by
// path, one line per image under a header line.
func writeScores(w io.Writer, images []Image) error {
	out := csv.NewWriter(w)
	out.Write([]string{"path", "score", "musc_score", "family", "verdict", "p_value", "q_value", "severity"})
	for _, im := range byScore(images) {
		family := ""
		if im.Family != nil {
			family = *im.Family
		}
		row := []string{text.Cell(im.where()), number(im.Score), number(im.MuScScore), text.Cell(family), "", "", "", ""}
		if im.Verdict != nil {
			copy(row[4:], []string{string(*im.Verdict), number(*im.PValue), number(*im.QValue)})
			if im.Severity != nil {
				row[7] = number(*im.Severity)
			}
		}
		out.Write(row)
	}
	out.Flush()
	return out.Error()
}

// where is the path of a file and the name of an image in memory.
func (im *Image) where() string { return cmp.Or(im.Path, im.Name) }

func byScore(images []Image) []*Image {
	sorted := make([]*Image, len(images))
	for i := range images {
		sorted[i] = &images[i]
	}
	slices.SortStableFunc(sorted, func(a, b *Image) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.where(), b.where()))
	})
	return sorted
}

// number is the shortest decimal that reads back as the same float64.
func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
