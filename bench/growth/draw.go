package main

import (
	"fmt"
	"image/color"
	"io"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"codegraph/internal/atomicfile"
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

var colours = []color.Color{color.RGBA{31, 119, 180, 255}, color.RGBA{214, 88, 24, 255}, color.RGBA{44, 140, 60, 255}, color.RGBA{120, 80, 170, 255}}

// drawPlots puts time and memory side by side.
func drawPlots(path string, curves []curve) error {
	seconds, err := panel("processor time, seconds", curves, func(o outcome) float64 { return o.Seconds })
	if err != nil {
		return err
	}
	memory, err := panel("memory beside mapped files, MiB", curves, func(o outcome) float64 { return float64(o.Private) / (1 << 20) })
	if err != nil {
		return err
	}
	img := vgimg.NewWith(vgimg.UseWH(24*vg.Centimeter, 10*vg.Centimeter), vgimg.UseDPI(110))
	dc := draw.New(img)
	for k, p := range []*plot.Plot{seconds, memory} {
		p.Draw(draw.Crop(dc, vg.Length(k)*12*vg.Centimeter+0.2*vg.Centimeter, vg.Length(k-1)*12*vg.Centimeter-0.2*vg.Centimeter, 0.2*vg.Centimeter, -0.2*vg.Centimeter))
	}
	return atomicfile.Write(path, func(w io.Writer) error {
		_, err := vgimg.PngCanvas{Canvas: img}.WriteTo(w)
		return err
	})
}

// numbers are ticks at the numbers of images.
func numbers(curves []curve) plot.ConstantTicks {
	var ticks plot.ConstantTicks
	for _, n := range curves[0].n {
		ticks = append(ticks, plot.Tick{Value: float64(n), Label: strconv.Itoa(n)})
	}
	return ticks
}

// panel plots one figure on logarithmic axes.
func panel(label string, curves []curve, figure func(outcome) float64) (*plot.Plot, error) {
	p := plot.New()
	p.X.Label.Text, p.Y.Label.Text = "images", label
	p.X.Scale, p.Y.Scale = plot.LogScale{}, plot.LogScale{}
	p.X.Tick.Marker, p.Y.Tick.Marker = numbers(curves), plot.LogTicks{Prec: -1}
	p.Legend.Top, p.Legend.Left = true, true
	p.Add(plotter.NewGrid())
	for k, c := range curves {
		var points plotter.XYs
		for i, n := range c.n {
			points = append(points, plotter.XY{X: float64(n), Y: max(figure(c.outcomes[i]), 1e-3)})
		}
		line, dots, err := plotter.NewLinePoints(points)
		if err != nil {
			return nil, err
		}
		line.Color, dots.Color = colours[k%len(colours)], colours[k%len(colours)]
		dots.Shape = draw.CircleGlyph{}
		p.Add(line, dots)
		p.Legend.Add(c.name(), line, dots)
	}
	return p, nil
}
