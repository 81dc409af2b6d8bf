package benchmark

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"codegraph"
	"codegraph/internal/option"
	"codegraph/internal/parallel"
)

// Axis is a constant and the values it takes in a sweep.
type Axis struct {
	Name   string
	Values []float64
}

// Point is one choice of constants in a sweep, a value for each axis.
type Point struct {
	Values    []float64
	Constants codegraph.Constants
}

// Grid returns the points of a sweep: every combination of values of the
// axes, the last axis fastest; or with oneByOne each axis by itself, the
// others at base.
func Grid(base codegraph.Constants, axes []Axis, oneByOne bool) ([]Point, error) {
	start := Point{Values: make([]float64, len(axes)), Constants: base}
	for a, axis := range axes {
		v, err := constant(base, axis.Name)
		if err != nil {
			return nil, err
		}
		start.Values[a] = v
	}
	points := []Point{start}
	for a := range axes {
		from := points
		if oneByOne {
			from = []Point{start}
		}
		varied, err := vary(from, axes, a)
		if err != nil {
			return nil, err
		}
		if oneByOne {
			varied = append(points, varied...)
		}
		points = varied
	}
	return distinct(points), nil
}

// vary replaces each point by one for each value of axis a.
func vary(points []Point, axes []Axis, a int) ([]Point, error) {
	var out []Point
	for _, p := range points {
		for _, v := range axes[a].Values {
			c, err := withConstant(p.Constants, axes[a].Name, v)
			if err != nil {
				return nil, err
			}
			q := Point{Values: slices.Clone(p.Values), Constants: c}
			q.Values[a] = v
			out = append(out, q)
		}
	}
	return out, nil
}

func distinct(points []Point) []Point {
	var out []Point
	for _, p := range points {
		if !slices.ContainsFunc(out, func(q Point) bool { return slices.Equal(p.Values, q.Values) }) {
			out = append(out, p)
		}
	}
	return out
}

// constant returns the value of the constant called name.
func constant(c codegraph.Constants, name string) (float64, error) {
	o, ok := option.Lookup(name)
	if !ok || o.Group != option.Algorithm {
		return 0, fmt.Errorf("there is no constant %q%s", name, option.DidYouMean(name, nil))
	}
	s := option.Settings{Options: option.Options{Constants: c}}
	return strconv.ParseFloat(o.Value(&s).String(), 64)
}

// withConstant returns c with another value of the constant called name.
func withConstant(c codegraph.Constants, name string, v float64) (codegraph.Constants, error) {
	o, _ := option.Lookup(name)
	s := option.Settings{Options: option.Options{Constants: c}}
	err := o.Value(&s).Set(strconv.FormatFloat(v, 'g', -1, 64))
	return s.Constants, err
}

// Swept is the evaluation of one batch at one point.
type Swept struct {
	Batch string
	Point Point
	*Evaluation
}

// Source makes a batch when it is its turn, so that one is in memory at a
// time.
type Source func(ctx context.Context) (*Batch, error)

// Sweep evaluates batches at every point: batch by batch, jobs points at a
// time. The first point of a batch fills the cache of o.Detect, if there is
// one, so that the others neither embed nor compare again. Results come in
// the order of batches and points.
func Sweep(ctx context.Context, batches []Source, points []Point, jobs int, o Options) (all []*Swept, err error) {
	for _, source := range batches {
		b, err := source(ctx)
		if err != nil {
			return nil, err
		}
		found := make([]*Evaluation, len(points))
		at := func(k int, o Options) (err error) {
			o.Detect.Constants = points[k].Constants
			found[k], err = Evaluate(ctx, b, o)
			return err
		}
		if len(points) > 0 {
			if err := at(0, o); err != nil {
				return nil, err
			}
		}
		one := o
		one.Progress = nil
		one.Detect.Threads = max(1, o.Detect.Threads/max(1, jobs))
		rest := max(0, len(points)-1)
		if err := parallel.Do(ctx, rest, jobs, func(k int) error { return at(k+1, one) }, nil); err != nil {
			return nil, err
		}
		for k, e := range found {
			all = append(all, &Swept{b.Name, points[k], e})
		}
	}
	return all, nil
}

// SweepFigure shows the means over batches and the other constants against
// the values of axis a.
func SweepFigure(name string, a int, all []*Swept) [][]Panel {
	var values []float64
	for _, s := range all {
		values = append(values, s.Point.Values[a])
	}
	slices.Sort(values)
	values = slices.Compact(values)
	var row []Panel
	for _, figure := range []struct {
		label string
		of    func(*Evaluation, codegraph.Method) float64
	}{
		{"image AUROC, %", func(e *Evaluation, m codegraph.Method) float64 { return float64(e.Figures[m].ImageAUROC) }},
		{"pixel AP, %", func(e *Evaluation, m codegraph.Method) float64 { return float64(e.Figures[m].PixelAP) }},
	} {
		panel := Panel{Title: name, X: name, Y: figure.label}
		for _, m := range methods {
			c := Curve{Name: string(m)}
			for _, x := range values {
				var v []float64
				for _, s := range all {
					if s.Point.Values[a] == x {
						v = append(v, figure.of(s.Evaluation, m))
					}
				}
				mean, _ := spread(v)
				// The batches differ from each other; their spread is not an error.
				c.X, c.Mean, c.Std = append(c.X, x), append(c.Mean, mean), append(c.Std, 0)
			}
			panel.Curves = append(panel.Curves, c)
		}
		row = append(row, panel)
	}
	return [][]Panel{row}
}
