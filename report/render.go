package report

import (
	"image"
	"image/color"
	"image/draw"
	"math"
	"sync"

	"codegraph/internal/anomap"
	"codegraph/internal/text"
	xdraw "golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// level returns where v lies on the scale, in [0, 1].
func (s Scale) level(v float32) float64 { return part(float64(v), s.Min, s.Max) }

// grey renders the map at w × h pixels: level g is the score Min + (Max − Min)·g/65535.
func grey(m anomap.Map, w, h int, s Scale) *image.Gray16 {
	out := image.NewGray16(image.Rect(0, 0, w, h))
	for y, line := range m.Rows(h, w) {
		pix := out.Pix[y*out.Stride:]
		for x, v := range line {
			g := uint16(65535*s.level(v) + 0.5)
			pix[2*x], pix[2*x+1] = byte(g>>8), byte(g)
		}
	}
	return out
}

// overlay colours the photograph, of w × h pixels: the higher the score, the redder and the
// less transparent. What is not above the median leaves the photograph as it is.
func overlay(img image.Image, m anomap.Map, w, h int, c Colours) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	photograph := onWhite(img)
	for y, line := range m.Rows(h, w) {
		pix := out.Pix[y*out.Stride:][:4*w]
		copy(pix, photograph.Pix[y*photograph.Stride:])
		for x, v := range line {
			t := int(255*c.of(v) + 0.5)
			alpha := heatOpacity * t * t / (100 * 255)
			if alpha == 0 {
				continue
			}
			colour, p := &heatColours[t], pix[4*x:4*x+3:4*x+3]
			for k := range p {
				p[k] = byte(((255-alpha)*int(p[k]) + alpha*colour[k] + 127) / 255)
			}
		}
	}
	return out
}

// heatOpacity is the opacity, in per cent, at the limit and above.
const heatOpacity = 70

// heatColours run from yellow over red to dark magenta.
var heatColours = func() (table [256][3]int) {
	for i := range table {
		if i < 128 {
			table[i] = [3]int{255, 230 * (127 - i) / 127, 40 * i / 127}
		} else {
			table[i] = [3]int{255 - 55*(i-128)/127, 0, 40 + 60*(i-128)/127}
		}
	}
	return table
}()

// Measures of a contact sheet, in pixels.
const (
	sheetTile    = 224
	sheetGap     = 8
	sheetLabel   = 18
	sheetColumns = 6
	sheetMax     = 48 // members shown
	sheetContext = 2  // a tile shows this many times the defect's box
)

var outline = color.NRGBA{R: 255, G: 40, B: 40, A: 255}

// crop cuts a square around the box out of the photograph, resizes it to a
// tile and outlines the box.
func crop(img image.Image, b Box) *image.NRGBA {
	bounds := img.Bounds()
	side := max(sheetContext*max(b.Width, b.Height), 64)
	side = min(side, max(bounds.Dx(), bounds.Dy()))
	left := place(b.X+b.Width/2-side/2, side, bounds.Dx())
	top := place(b.Y+b.Height/2-side/2, side, bounds.Dy())
	src := image.Rect(left, top, left+side, top+side).Add(bounds.Min).Intersect(bounds)

	tile := image.NewNRGBA(image.Rect(0, 0, sheetTile, sheetTile))
	draw.Draw(tile, tile.Bounds(), image.White, image.Point{}, draw.Src)
	scale := float64(sheetTile) / float64(side)
	at := func(x, y int) image.Point {
		return image.Pt(int(math.Round(float64(x)*scale)), int(math.Round(float64(y)*scale)))
	}
	dst := image.Rectangle{Max: at(src.Dx(), src.Dy())}
	if k := side / (2 * sheetTile); k > 1 {
		img = meanOf(img, src, k)
		src = img.Bounds()
	}
	xdraw.CatmullRom.Scale(tile, dst, img, src, xdraw.Over, nil)
	frame(tile, image.Rectangle{
		Min: at(b.X-left, b.Y-top),
		Max: at(b.X+b.Width-left, b.Y+b.Height-top),
	})
	return tile
}

// meanOf shrinks the part r of an image by means of k × k pixels: what is left is
// quickly resized.
func meanOf(img image.Image, r image.Rectangle, k int) *image.NRGBA {
	src := image.NewNRGBA(image.Rectangle{Max: r.Size()})
	draw.Draw(src, src.Rect, img, r.Min, draw.Src)
	out := image.NewNRGBA(image.Rect(0, 0, max(1, r.Dx()/k), max(1, r.Dy()/k)))
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			var sum [4]int
			n := 0
			for v := y * k; v < min((y+1)*k, r.Dy()); v++ {
				for u := x * k; u < min((x+1)*k, r.Dx()); u++ {
					for c, p := range src.Pix[v*src.Stride+4*u:][:4] {
						sum[c] += int(p)
					}
					n++
				}
			}
			for c := range sum {
				out.Pix[y*out.Stride+4*x+c] = uint8((sum[c] + n/2) / n)
			}
		}
	}
	return out
}

// place keeps a window of the given side inside [0, n) where it fits.
func place(start, side, n int) int { return max(0, min(start, n-side)) }

// frame draws a 2 pixel wide outline, cut off at the tile's edge.
func frame(tile *image.NRGBA, r image.Rectangle) {
	const w = 2
	r = r.Intersect(tile.Bounds())
	ink := image.NewUniform(outline)
	for _, side := range []image.Rectangle{
		image.Rect(r.Min.X, r.Min.Y, r.Max.X, r.Min.Y+w),
		image.Rect(r.Min.X, r.Max.Y-w, r.Max.X, r.Max.Y),
		image.Rect(r.Min.X, r.Min.Y, r.Min.X+w, r.Max.Y),
		image.Rect(r.Max.X-w, r.Min.Y, r.Max.X, r.Max.Y),
	} {
		draw.Draw(tile, side, ink, image.Point{}, draw.Src)
	}
}

// sheet lays tiles out in rows, with the name of its image below each.
func sheet(tiles []sheetEntry) *image.NRGBA {
	columns := min(sheetColumns, len(tiles))
	rows := ceilDiv(len(tiles), columns)
	const step, high = sheetTile + sheetGap, sheetTile + sheetLabel + sheetGap
	out := image.NewNRGBA(image.Rect(0, 0, columns*step+sheetGap, rows*high+sheetGap))
	draw.Draw(out, out.Bounds(), image.White, image.Point{}, draw.Src)
	for i, t := range tiles {
		at := image.Pt(sheetGap+i%columns*step, sheetGap+i/columns*high)
		draw.Draw(out, t.tile.Bounds().Add(at), t.tile, image.Point{}, draw.Src)
		label(out, at.Add(image.Pt(0, sheetTile)), t.name)
	}
	return out
}

// sheetEntry is a tile of a contact sheet and the name of its image.
type sheetEntry struct {
	tile *image.NRGBA
	name string
}

// face is that of labels.
var face = sync.OnceValue(func() font.Face {
	f, err := opentype.Parse(goregular.TTF)
	if err == nil {
		var face font.Face
		if face, err = opentype.NewFace(f, &opentype.FaceOptions{Size: 13, DPI: 72, Hinting: font.HintingFull}); err == nil {
			return face
		}
	}
	panic(err) // the font is in the program
})

// faceLock guards the face, which draws one text at a time.
var faceLock sync.Mutex

// label writes a name below a tile at its lower left corner; of a long one the
// end.
func label(out draw.Image, at image.Point, name string) {
	faceLock.Lock()
	defer faceLock.Unlock()
	d := font.Drawer{Dst: out, Src: image.NewUniform(color.Gray{40}), Face: face(), Dot: fixed.P(at.X, at.Y+sheetLabel-5)}
	whole := []rune(text.Printable(name))
	shown := whole
	for cut := 0; d.MeasureString(string(shown)) > fixed.I(sheetTile) && cut < len(shown); {
		cut++
		shown = append([]rune{'…'}, whole[cut:]...)
	}
	d.DrawString(string(shown))
}
