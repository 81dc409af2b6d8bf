package explain

import (
	"fmt"
	"image/color"
	"io"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Point is a place in a diagram.
type Point struct{ X, Y float64 }

// Series is a line, or points, of a diagram. What is not positive is left out:
// both axes are logarithmic.
type Series struct {
	Name   string
	Points []Point
	// Low and High are the borders of a band, at the X of Points; nil: none.
	Low, High []float64
	Line      bool // else points
	Theory    bool // a thin dark line: what the model says
}

// Figure is a diagram with logarithmic axes.
type Figure struct {
	Title, X, Y string
	Series      []Series
	Floor       float64 // of Y: what is lower is left out
}

// Format is that of a picture.
type Format string

// The formats.
const (
	PNG Format = "png"
	SVG Format = "svg"
)

const (
	width       = 14 * vg.Centimeter
	height      = 10.5 * vg.Centimeter
	dotsPerInch = 130
)

// palette can be told apart without seeing red from green (Okabe and Ito).
var palette = []color.NRGBA{{0, 114, 178, 255}, {213, 94, 0, 255}, {0, 158, 115, 255}}

// Write draws the figure.
func (f *Figure) Write(w io.Writer, format Format) error {
	p, err := f.plot()
	if err != nil {
		return err
	}
	switch format {
	case PNG:
		c := vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(dotsPerInch))
		p.Draw(draw.New(c))
		_, err = vgimg.PngCanvas{Canvas: c}.WriteTo(w)
	case SVG:
		c := vgsvg.New(width, height)
		p.Draw(draw.New(c))
		_, err = c.WriteTo(w)
	default:
		err = fmt.Errorf("picture format %q; there are %s and %s", format, PNG, SVG)
	}
	return err
}

func (f *Figure) plot() (*plot.Plot, error) {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = f.Title, f.X, f.Y
	p.Title.TextStyle.Font = font.From(plot.DefaultFont, 12)
	p.X.Scale, p.Y.Scale = plot.LogScale{}, plot.LogScale{}
	p.X.Tick.Marker, p.Y.Tick.Marker = plot.LogTicks{Prec: -1}, plot.LogTicks{Prec: -1}
	p.Add(plotter.NewGrid())
	p.Legend.Left, p.Legend.Top, p.Legend.Padding = true, f.Floor == 0, vg.Millimeter
	hue := 0
	for _, s := range f.Series {
		c := color.NRGBA{70, 70, 70, 255}
		if !s.Theory {
			c = palette[hue%len(palette)]
			hue++
		}
		if err := s.add(p, c, f.Floor); err != nil {
			return nil, fmt.Errorf("%s: %w", s.Name, err)
		}
	}
	return p, nil
}

// add draws the band and the line or the points.
func (s *Series) add(p *plot.Plot, hue color.NRGBA, floor float64) error {
	var at, up, down plotter.XYs
	for k, q := range s.Points {
		if !(q.X > 0 && q.Y > floor) {
			continue
		}
		at = append(at, plotter.XY(q))
		if s.Low != nil {
			up, down = append(up, plotter.XY{X: q.X, Y: s.High[k]}), append(down, plotter.XY{X: q.X, Y: max(s.Low[k], floor)})
		}
	}
	if len(at) == 0 {
		return nil
	}
	if len(up) > 1 {
		for k := range down {
			up = append(up, down[len(down)-1-k])
		}
		band, err := plotter.NewPolygon(up)
		if err != nil {
			return err
		}
		band.Color, band.LineStyle.Width = color.NRGBA{hue.R, hue.G, hue.B, 40}, 0
		p.Add(band)
	}
	if s.Line {
		return s.line(p, at, hue)
	}
	points, err := plotter.NewScatter(at)
	if err != nil {
		return err
	}
	points.Color, points.Shape, points.Radius = hue, draw.CircleGlyph{}, vg.Points(2.2)
	p.Add(points)
	p.Legend.Add(s.Name, points)
	return nil
}

func (s *Series) line(p *plot.Plot, at plotter.XYs, hue color.NRGBA) error {
	l, err := plotter.NewLine(at)
	if err != nil {
		return err
	}
	l.Color, l.Width = hue, vg.Points(1.8)
	if s.Theory {
		l.Width, l.Dashes = vg.Points(1), []vg.Length{vg.Points(4), vg.Points(2)}
	}
	p.Add(l)
	p.Legend.Add(s.Name, l)
	return nil
}
