package table

import (
	"fmt"
	"strings"
)

// summary makes the table of means: what was measured, and below a rule what
// was published.
func (v *view) summary() sheet {
	t := sheet{title: fmt.Sprintf("Means over categories (%d), per cent", len(v.categories)), stub: 1, columns: []column{{text: true}}}
	t.notes = v.gaps(metrics[:], evaluated)
	for i := range metrics {
		t.columns = append(t.columns, column{group: metrics[i].level() + " level", name: metrics[i].name})
	}
	for _, method := range v.methods {
		row := []string{methodName(method)}
		for i := range metrics {
			row = append(row, spread(v.at(meanRow, method, evaluated, &metrics[i])))
		}
		t.rows = append(t.rows, row)
	}
	if len(v.methods) == 2 {
		t.rows = append(t.rows, v.differences())
	}
	for i := range v.sources {
		s := &v.sources[i]
		f, ok := s.figures[meanRow]
		if !ok {
			continue
		}
		row := []string{strings.TrimSpace(v.mark(i) + " " + methodName(s.method))}
		for k := range metrics {
			row = append(row, metrics[k].of(&f).published())
		}
		t.rows = append(t.rows, row)
		t.foot++
		if v.Protocol.Paper == "" {
			continue
		}
		row = []string{"difference"}
		for k := range metrics {
			row = append(row, v.apart(i, meanRow, &metrics[k]))
		}
		t.rows = append(t.rows, row)
		t.foot++
	}
	return t
}

// differences are those of the methods' means.
func (v *view) differences() []string {
	row := []string{"difference"}
	for i := range metrics {
		a, _ := v.at(meanRow, v.methods[0], evaluated, &metrics[i])
		b, _ := v.at(meanRow, v.methods[1], evaluated, &metrics[i])
		row = append(row, difference(a, b))
	}
	return row
}
