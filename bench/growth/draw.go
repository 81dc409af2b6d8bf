package main

import (
	"fmt"
	"io"

	"codegraph/internal/atomicfile"
	"codegraph/internal/eval/benchmark"
)

// curve is one way of running, against N.
type curve struct {
	base     int
	bound    int64
	n        []int
	outcomes []outcome
}

func (c curve) name() string {
	name := "all with all"
	if c.base > 0 {
		name = fmt.Sprintf("--base %d", c.base)
	}
	if c.bound > 0 {
		name += " within " + orNone(c.bound)
	}
	return name
}

// drawPlots puts time and memory side by side.
func drawPlots(path string, curves []curve) error {
	row := []benchmark.Panel{
		panel("processor time, seconds", curves, func(o outcome) float64 { return o.Seconds }),
		panel("memory beside mapped files, MiB", curves, func(o outcome) float64 { return float64(o.Private) / (1 << 20) }),
	}
	return atomicfile.Write(path, func(w io.Writer) error { return benchmark.Draw(w, [][]benchmark.Panel{row}) })
}

func panel(label string, curves []curve, figure func(outcome) float64) benchmark.Panel {
	p := benchmark.Panel{X: "images", Y: label, Log: true}
	for _, c := range curves {
		line := benchmark.Curve{Name: c.name(), Std: make([]float64, len(c.n))}
		for i, n := range c.n {
			line.X, line.Mean = append(line.X, float64(n)), append(line.Mean, max(figure(c.outcomes[i]), 1e-3))
		}
		p.Curves = append(p.Curves, line)
	}
	return p
}
