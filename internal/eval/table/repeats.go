package table

import (
	"math"
)

// Repeats collects the rows of runs that differ in their seed. The zero value
// has none.
type Repeats struct {
	order []place // of first appearance
	rows  map[place]*averages
	means map[string]*averages
	last  map[string]Mean // for counts of categories, the least of all runs
}

// Add takes the rows of one run. After an error they are left out.
func (r *Repeats) Add(run []Row) error {
	if err := checkRows(run); err != nil {
		return err
	}
	if r.rows == nil {
		r.rows = make(map[place]*averages)
		r.means, r.last = make(map[string]*averages), make(map[string]Mean)
	}
	for i := range run {
		at := place{run[i].Category, run[i].Method}
		if r.rows[at] == nil {
			r.rows[at] = new(averages)
			r.order = append(r.order, at)
		}
		r.rows[at].add(run[i].result(), run[i].Original != nil)
	}
	for _, m := range meansOf(run) {
		if r.means[m.Method] == nil {
			r.means[m.Method] = new(averages)
		} else {
			m = fewest(m, r.last[m.Method])
		}
		r.means[m.Method].add(m.result(), m.Original != nil)
		r.last[m.Method] = m
	}
	return nil
}

// fewest gives m the counts of the run that had fewer categories.
func fewest(m, other Mean) Mean {
	least := Mean{Categories: min(m.Categories, other.Categories), Defined: make(map[string]int)}
	for i := range resolutions {
		for k := range metrics {
			key := keyOf(i, &metrics[k])
			if n := min(m.defined(key), other.defined(key)); n < least.Categories {
				least.Defined[key] = n
			}
		}
	}
	m.Categories, m.Defined = least.Categories, least.Defined
	return m
}

// Rows returns the means over the runs, and their standard deviations if
// there was more than one. A figure is judged by the runs in which it is
// defined; the deviation of one that was defined once is not.
func (r *Repeats) Rows() []Row {
	rows := make([]Row, len(r.order))
	for i, at := range r.order {
		a := r.rows[at]
		rows[i] = Row{Category: at.category, Method: at.method, Repeats: a.n}
		rows[i].Figures, rows[i].Original = a.mean()
		rows[i].Std, rows[i].OriginalStd = a.std()
	}
	return rows
}

// Means returns the mean of the runs' means over categories and the standard
// deviation of these.
func (r *Repeats) Means() []Mean {
	var means []Mean
	for _, method := range methods {
		a := r.means[method]
		if a == nil {
			continue
		}
		counts := r.last[method]
		m := Mean{Method: method, Repeats: a.n, Categories: counts.Categories, Defined: counts.Defined}
		m.Figures, m.Original = a.mean()
		m.Std, m.OriginalStd = a.std()
		means = append(means, m)
	}
	return means
}

// moments are the mean and the sum of squared deviations of n numbers,
// updated number by number (Welford 1962, Technometrics 4, 419).
type moments struct {
	n         int
	mean, dev float64
}

func (m *moments) add(x float64) {
	m.n++
	d := x - m.mean
	m.mean += d / float64(m.n)
	m.dev += d * (x - m.mean)
}

// average is NaN for no number.
func (m *moments) average() float64 {
	if m.n == 0 {
		return math.NaN()
	}
	return m.mean
}

// std is the standard deviation of the sample, NaN for fewer than two numbers.
func (m *moments) std() float64 {
	if m.n < 2 {
		return math.NaN()
	}
	return math.Sqrt(m.dev / float64(m.n-1))
}
