package plant

import (
	"image"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

var misprints = []string{"K8", "5R", "B3X", "A7", "RE", "2H4", "QC", "X9", "LOT", "E6"}

var typeface = sync.OnceValues(func() (*opentype.Font, error) { return opentype.Parse(gobold.TTF) })

// glyphs is text as coverage, 0 to 1, its middle at the origin.
type glyphs struct {
	w, h int
	v    []float64
}

// typeset sets text about so many pixels wide, as sharp as a photograph is.
func typeset(text string, width float64) *glyphs {
	face := faceOf(text, width)
	defer face.Close()
	box, _ := font.BoundString(face, text)
	const margin = 3
	w := (box.Max.X - box.Min.X).Ceil() + 2*margin
	h := (box.Max.Y - box.Min.Y).Ceil() + 2*margin
	img := image.NewAlpha(image.Rect(0, 0, w, h))
	d := font.Drawer{Dst: img, Src: image.Opaque, Face: face, Dot: fixed.Point26_6{X: fixed.I(margin) - box.Min.X, Y: fixed.I(margin) - box.Min.Y}}
	d.DrawString(text)
	v := make([]float64, w*h)
	for i := range v {
		v[i] = float64(img.Pix[i/w*img.Stride+i%w]) / 255
	}
	return &glyphs{w, h, blurPlane(v, w, h, 0.6)}
}

// faceOf is the face at which text is so many pixels wide.
func faceOf(text string, width float64) font.Face {
	f, err := typeface()
	if err != nil {
		panic("plant: the typeface in the program cannot be read: " + err.Error())
	}
	open := func(size float64) font.Face {
		face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72})
		if err != nil {
			panic("plant: the typeface in the program cannot be used: " + err.Error())
		}
		return face
	}
	const trial = 64
	face := open(trial)
	defer face.Close()
	measured := float64(font.MeasureString(face, text)) / 64
	return open(max(trial*width/max(measured, 1), 4))
}

// at is the coverage at a point in pixels from the middle of the text
// (bilinear).
func (g *glyphs) at(q vec) float64 {
	u, v := q.x+float64(g.w)/2-0.5, q.y+float64(g.h)/2-0.5
	if u < 0 || v < 0 || u >= float64(g.w-1) || v >= float64(g.h-1) {
		return 0
	}
	x, y := int(u), int(v)
	i := y*g.w + x
	top := mix(g.v[i], g.v[i+1], u-float64(x))
	return mix(top, mix(g.v[i+g.w], g.v[i+g.w+1], u-float64(x)), v-float64(y))
}
