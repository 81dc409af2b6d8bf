package benchmark

import (
	"fmt"
	"image/color"
	"io"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// Panel is one diagram of a figure.
type Panel struct {
	Title, X, Y string
	Curves      []Curve
	Percent     bool // Y goes from 0 to 100
	Log         bool // both axes are logarithmic, with ticks at the points of the first curve
}

// Curve is the mean over repetitions at each x, with one standard deviation
// on both sides; points that are NaN are left out.
type Curve struct {
	Name      string
	X         []float64
	Mean, Std []float64
}

// Side of a panel, and resolution of the picture.
const (
	panelWidth  = 9 * vg.Centimeter
	panelHeight = 7 * vg.Centimeter
	dotsPerInch = 110
)

// palette can be told apart without seeing red from green (Okabe and Ito).
var palette = []color.NRGBA{{0, 114, 178, 255}, {213, 94, 0, 255}, {0, 158, 115, 255}, {204, 121, 167, 255}, {230, 159, 0, 255}}

// Draw writes rows of panels as a PNG picture.
func Draw(w io.Writer, rows [][]Panel) error {
	columns := 0
	for _, r := range rows {
		columns = max(columns, len(r))
	}
	if columns == 0 {
		return fmt.Errorf("a figure without panels")
	}
	img := vgimg.NewWith(
		vgimg.UseWH(vg.Length(columns)*panelWidth, vg.Length(len(rows))*panelHeight),
		vgimg.UseDPI(dotsPerInch))
	tiles := draw.Tiles{Rows: len(rows), Cols: columns, PadX: 2 * vg.Millimeter, PadY: 2 * vg.Millimeter,
		PadTop: vg.Millimeter, PadBottom: vg.Millimeter, PadLeft: vg.Millimeter, PadRight: 3 * vg.Millimeter}
	canvas := draw.New(img)
	for y, row := range rows {
		for x, panel := range row {
			p, err := panel.plot()
			if err != nil {
				return err
			}
			p.Draw(tiles.At(canvas, x, y))
		}
	}
	_, err := vgimg.PngCanvas{Canvas: img}.WriteTo(w)
	return err
}

func (p Panel) plot() (*plot.Plot, error) {
	out := plot.New()
	out.Title.Text, out.X.Label.Text, out.Y.Label.Text = p.Title, p.X, p.Y
	out.Title.TextStyle.Font = font.From(plot.DefaultFont, 11)
	out.Add(plotter.NewGrid())
	out.Legend.Top, out.Legend.Left = false, true
	if p.Percent {
		out.Y.Min, out.Y.Max = 0, 100
	}
	if p.Log {
		p.logarithmic(out)
	}
	for k, c := range p.Curves {
		if err := c.add(out, palette[k%len(palette)]); err != nil {
			return nil, fmt.Errorf("curve %q: %w", c.Name, err)
		}
	}
	return out, nil
}

func (p Panel) logarithmic(out *plot.Plot) {
	var ticks plot.ConstantTicks
	for _, x := range p.Curves[0].X {
		ticks = append(ticks, plot.Tick{Value: x, Label: strconv.FormatFloat(x, 'g', -1, 64)})
	}
	out.X.Scale, out.Y.Scale = plot.LogScale{}, plot.LogScale{}
	out.X.Tick.Marker, out.Y.Tick.Marker = ticks, plot.LogTicks{Prec: -1}
	out.Legend.Top = true
}

// add draws the band, the line and its points.
func (c Curve) add(p *plot.Plot, hue color.NRGBA) error {
	var line, band plotter.XYs
	for k, x := range c.X {
		if math.IsNaN(c.Mean[k]) {
			continue
		}
		line = append(line, plotter.XY{X: x, Y: c.Mean[k]})
	}
	if len(line) == 0 {
		return nil
	}
	for k, x := range c.X {
		if !math.IsNaN(c.Mean[k]) {
			band = append(band, plotter.XY{X: x, Y: c.Mean[k] + c.Std[k]})
		}
	}
	for k, x := range slices.Backward(c.X) {
		if !math.IsNaN(c.Mean[k]) {
			band = append(band, plotter.XY{X: x, Y: c.Mean[k] - c.Std[k]})
		}
	}
	area, err := plotter.NewPolygon(band)
	if err != nil {
		return err
	}
	area.Color, area.LineStyle.Width = color.NRGBA{hue.R, hue.G, hue.B, 40}, 0
	l, points, err := plotter.NewLinePoints(line)
	if err != nil {
		return err
	}
	l.Color, l.Width = hue, vg.Points(1.5)
	points.Color, points.Shape = hue, draw.CircleGlyph{}
	p.Add(area, l, points)
	p.Legend.Add(c.Name, l, points)
	return nil
}

// spread is the mean and the sample standard deviation of what is defined; a
// mean of nothing is NaN, a deviation of one value 0.
func spread(values []float64) (mean, std float64) {
	v := slices.DeleteFunc(slices.Clone(values), math.IsNaN)
	if len(v) < 2 {
		return stat.Mean(v, nil), 0
	}
	return stat.MeanStdDev(v, nil)
}
