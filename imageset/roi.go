package imageset

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"math"
	"sync"

	"golang.org/x/image/vector"
)

// ROI is a region of interest: the part of a photograph that is compared. It is
// made of polygons or of a mask, and lies on any photograph alike: its
// coordinates are shares of the upright image's width and height. It does not
// change, and may be shared.
type ROI struct {
	shape roiShape
	view  view // the part of the image that is meant

	mu     sync.Mutex
	covers map[image.Point][]float32 // by width and height of the grid
}

// roiShape is an ROI in JSON.
type roiShape struct {
	// Polygons have corners (x, y).
	Polygons [][][2]float64 `json:"polygons,omitempty"`
	Mask     *roiMask       `json:"mask,omitempty"`
}

// roiMask is a bitmap. Runs are the lengths of its runs along rows, of what is
// outside and inside in turn.
type roiMask struct {
	Width  int   `json:"width"`
	Height int   `json:"height"`
	Runs   []int `json:"runs"`

	inside []bool // [Height·Width]
}

// view is a part of an image in shares of its width and height.
type view struct{ X0, Y0, X1, Y1 float64 }

var wholeView = view{0, 0, 1, 1}

const (
	// maxROISide bounds the mask that is kept, whatever the file's size: a patch
	// is many of its pixels.
	maxROISide = 512
	// maxROIPoints bounds polygons, and the file they come from.
	maxROIPoints = 1 << 16
	maxROIBytes  = 8 << 20
)

// ErrROI is wrapped by errors about a region that makes no sense.
var ErrROI = errors.New("not a region of interest")

// LoadROI reads a region from a file: an image, of which light pixels are inside,
// or JSON, of boxes [x, y, width, height] and polygons [[x, y], …],
//
//	{"width": 4000, "height": 3000, "boxes": [[400, 300, 3200, 2400]], "polygons": []}
//
// in pixels of an image of that size; without one in shares of width and height.
func LoadROI(ctx context.Context, path string) (*ROI, error) {
	data, err := readFile(path, DefaultLimits.MaxBytes)
	if err != nil {
		return nil, err
	}
	if text := bytes.TrimLeft(data, " \t\r\n\ufeff"); len(text) > 0 && text[0] == '{' {
		return parseROIFile(text)
	}
	p, err := Load(ctx, Item{Path: path}, Limits{})
	if err != nil {
		return nil, err
	}
	return ROIFromMask(p.Image)
}

// ROIFromMask makes a region of an image of which light pixels are inside: those
// whose mean of red, green and blue is half of white or more.
func ROIFromMask(img *image.NRGBA) (*ROI, error) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	shrink := max(1, float64(max(w, h))/maxROISide)
	m := &roiMask{Width: max(1, int(math.Round(float64(w)/shrink))), Height: max(1, int(math.Round(float64(h)/shrink)))}
	m.inside = make([]bool, m.Width*m.Height)
	for i := range m.inside {
		x, y := (2*(i%m.Width)+1)*w/(2*m.Width), (2*(i/m.Width)+1)*h/(2*m.Height)
		p := img.Pix[y*img.Stride+4*x:]
		m.inside[i] = int(p[0])+int(p[1])+int(p[2]) >= 3*128
	}
	m.Runs = runs(m.inside)
	return newROI(roiShape{Mask: m})
}

func runs(inside []bool) (out []int) {
	now, n := false, 0
	for _, in := range inside {
		if in != now {
			out, now, n = append(out, n), in, 0
		}
		n++
	}
	return append(out, n)
}

// roiFile is a region as people write it.
type roiFile struct {
	Width    float64        `json:"width"`
	Height   float64        `json:"height"`
	Boxes    [][4]float64   `json:"boxes"`
	Polygons [][][2]float64 `json:"polygons"`
	Mask     *roiMask       `json:"mask"`
}

func parseROIFile(data []byte) (*ROI, error) {
	if len(data) > maxROIBytes {
		return nil, fmt.Errorf("%w: it has more than %d bytes", ErrROI, maxROIBytes)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	var f roiFile
	if err := d.Decode(&f); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrROI, err)
	}
	if (f.Width == 0) != (f.Height == 0) || f.Width < 0 || f.Height < 0 {
		return nil, fmt.Errorf("%w: width and height say together how large the image is that it was drawn on", ErrROI)
	}
	s := roiShape{Polygons: f.Polygons, Mask: f.Mask}
	for _, b := range f.Boxes {
		s.Polygons = append(s.Polygons, [][2]float64{{b[0], b[1]}, {b[0] + b[2], b[1]}, {b[0] + b[2], b[1] + b[3]}, {b[0], b[1] + b[3]}})
	}
	if f.Width > 0 {
		for _, p := range s.Polygons {
			for k := range p {
				p[k] = [2]float64{p[k][0] / f.Width, p[k][1] / f.Height}
			}
		}
	}
	return newROI(s)
}

// newROI checks a shape.
func newROI(s roiShape) (*ROI, error) {
	points := 0
	for _, p := range s.Polygons {
		points += len(p)
		for _, c := range p {
			if !(c[0] >= -1 && c[0] <= 2 && c[1] >= -1 && c[1] <= 2) {
				return nil, fmt.Errorf("%w: the corner (%v, %v) is far outside of the image; corners are shares from 0 to 1, or pixels of an image whose width and height are given", ErrROI, c[0], c[1])
			}
		}
		if len(p) < 3 {
			return nil, fmt.Errorf("%w: a polygon has 3 corners or more", ErrROI)
		}
	}
	switch {
	case points > maxROIPoints:
		return nil, fmt.Errorf("%w: it has more than %d corners", ErrROI, maxROIPoints)
	case s.Mask == nil && len(s.Polygons) == 0:
		return nil, fmt.Errorf("%w: it has neither boxes nor polygons nor a mask", ErrROI)
	case s.Mask != nil && len(s.Polygons) > 0:
		return nil, fmt.Errorf("%w: it has a mask and polygons; one of them is enough", ErrROI)
	case s.Mask != nil:
		if err := s.Mask.fill(); err != nil {
			return nil, err
		}
	}
	return &ROI{shape: s, view: wholeView}, nil
}

// fill works out the bitmap of the runs.
func (m *roiMask) fill() error {
	if m.Width < 1 || m.Height < 1 || m.Width > maxROISide || m.Height > maxROISide {
		return fmt.Errorf("%w: a mask of %d × %d; sides are 1 to %d", ErrROI, m.Width, m.Height, maxROISide)
	}
	size := m.Width * m.Height
	inside, in, some := make([]bool, 0, size), false, false
	for _, n := range m.Runs {
		if n < 0 || n > size-len(inside) {
			return fmt.Errorf("%w: the runs of its mask are not %d pixels long", ErrROI, size)
		}
		for range n {
			inside = append(inside, in)
		}
		some = some || in && n > 0
		in = !in
	}
	switch {
	case len(inside) != size:
		return fmt.Errorf("%w: the runs of its mask are not %d pixels long", ErrROI, size)
	case !some:
		return fmt.Errorf("%w: its mask has nothing inside: what is compared is light, the rest dark", ErrROI)
	}
	m.inside = inside
	return nil
}

// MarshalJSON writes polygons or a mask, in shares of the image.
func (r *ROI) MarshalJSON() ([]byte, error) { return json.Marshal(r.shape) }

// UnmarshalJSON reads what MarshalJSON writes and what LoadROI reads.
func (r *ROI) UnmarshalJSON(data []byte) error {
	parsed, err := parseROIFile(data)
	if err == nil {
		r.shape, r.view, r.covers = parsed.shape, parsed.view, nil
	}
	return err
}

// Part is the region on the part rect of an image of width × height pixels.
func (r *ROI) Part(rect image.Rectangle, width, height int) *ROI {
	v := r.view
	sx, sy := (v.X1-v.X0)/float64(width), (v.Y1-v.Y0)/float64(height)
	return &ROI{shape: r.shape, view: view{
		v.X0 + sx*float64(rect.Min.X), v.Y0 + sy*float64(rect.Min.Y), v.X0 + sx*float64(rect.Max.X), v.Y0 + sy*float64(rect.Max.Y),
	}}
}

// Digest tells regions apart.
func (r *ROI) Digest() [sha256.Size]byte {
	text, _ := json.Marshal(r.shape) // numbers and lists of them
	return sha256.Sum256(fmt.Appendf(text, "%v", r.view))
}

// Cover is the share of each cell of a grid of h × w over the image that lies
// inside, [h·w]. Callers must not change it.
func (r *ROI) Cover(h, w int) []float32 {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := image.Pt(w, h)
	if c, ok := r.covers[at]; ok {
		return c
	}
	if r.covers == nil {
		r.covers = make(map[image.Point][]float32)
	}
	c := make([]float32, h*w)
	if r.shape.Mask != nil {
		r.coverByMask(c, h, w)
	} else {
		r.coverByPolygons(c, h, w)
	}
	r.covers[at] = c
	return c
}

// coverByPolygons draws each polygon by itself, so that those that overlap add to
// each other whichever way round their corners are.
func (r *ROI) coverByPolygons(c []float32, h, w int) {
	v := r.view
	for _, polygon := range r.shape.Polygons {
		z := vector.NewRasterizer(w, h)
		for k, p := range polygon {
			x, y := float32((p[0]-v.X0)/(v.X1-v.X0)*float64(w)), float32((p[1]-v.Y0)/(v.Y1-v.Y0)*float64(h))
			if k == 0 {
				z.MoveTo(x, y)
			} else {
				z.LineTo(x, y)
			}
		}
		z.ClosePath()
		drawn := image.NewAlpha(image.Rect(0, 0, w, h))
		z.Draw(drawn, drawn.Rect, image.Opaque, image.Point{})
		for i, a := range drawn.Pix {
			c[i] = max(c[i], float32(a)/255)
		}
	}
}

// samples is how often a cell is looked at along either side.
const samples = 8

func (r *ROI) coverByMask(c []float32, h, w int) {
	m, v := r.shape.Mask, r.view
	column := make([]int, samples*w)
	for k := range column {
		x := v.X0 + (v.X1-v.X0)*(float64(k)+0.5)/float64(len(column))
		column[k] = min(max(int(math.Floor(x*float64(m.Width))), 0), m.Width-1)
	}
	for k := range samples * h {
		y := v.Y0 + (v.Y1-v.Y0)*(float64(k)+0.5)/float64(samples*h)
		row := m.inside[min(max(int(math.Floor(y*float64(m.Height))), 0), m.Height-1)*m.Width:]
		for l, x := range column {
			if row[x] {
				c[k/samples*w+l/samples] += 1.0 / (samples * samples)
			}
		}
	}
}

// Inside marks the cells of a grid of h × w over the image of which half or more
// lies inside, [h·w].
func (r *ROI) Inside(h, w int) []bool {
	out := make([]bool, h*w)
	for i, c := range r.Cover(h, w) {
		out[i] = c >= 0.5
	}
	return out
}

// Aspect is width over height of the image that the region was made for; 0 where
// it does not say.
func (r *ROI) Aspect() float64 {
	if m := r.shape.Mask; m != nil && r.view == wholeView {
		return float64(m.Width) / float64(m.Height)
	}
	return 0
}

// Paint gives what lies outside of the region the mean colour that a network was
// trained on, so that what is there does not show in patches beside it or in the
// pose of the part. A nil region leaves all as it is.
func (r *ROI) Paint(s *Scaled, mean [3]float32) {
	if r == nil {
		return
	}
	for i, v := range r.Cover(s.H, s.W) {
		if v == 1 {
			continue
		}
		for c, m := range mean {
			p := &s.RGB[3*i+c]
			*p = uint8(v*float32(*p) + (1-v)*255*m + 0.5)
		}
	}
}
