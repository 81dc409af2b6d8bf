package report

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/draw"
	"image/jpeg"
	"io"
	"net/url"
	"path"
	"path/filepath"
	"strings"
	"sync"

	"codegraph/imageset"
	"codegraph/internal/outdir"
)

// Sides and qualities of the images of the page, in pixels.
const (
	smallSide, smallQuality = 240, 78
	largeSide, largeQuality = 720, 84
)

// embedBudget bounds the bytes of images inside the page; beyond, they lie in
// outdir.Thumbnails and are loaded as they are looked at.
const embedBudget = 7 << 20

// thumbnail is one image of the page in both sizes.
type thumbnail struct {
	small, large []byte
	red          bool // it shows more red than the palette of maps stands out from
}

// thumbnails collects the images of the page, from several goroutines.
type thumbnails struct {
	out    *outdir.Folder
	stems  []string
	budget int

	mu     sync.Mutex
	images []thumbnail // by image; empty for what could not be read
	there  []bool
	red    []bool
	total  int
	beside bool // the images lie beside the page
}

func newThumbnails(out *outdir.Folder, stems []string) *thumbnails {
	return &thumbnails{out: out, stems: stems, budget: embedBudget, images: make([]thumbnail, len(stems)), there: make([]bool, len(stems)), red: make([]bool, len(stems))}
}

// newThumbnail shrinks and compresses an image.
func newThumbnail(img image.Image) thumbnail {
	large := shrink(img, largeSide)
	little := shrink(large, smallSide)
	return thumbnail{large: encodeJPEG(large, largeQuality), small: encodeJPEG(little, smallQuality), red: isReddish(little)}
}

// add takes image i.
func (a *thumbnails) add(i int, t thumbnail) error {
	a.mu.Lock()
	a.there[i], a.red[i], a.images[i] = true, t.red, t
	a.total += len(t.small) + len(t.large)
	var spill []int
	if a.total > a.budget {
		spill = a.take(i)
	}
	a.mu.Unlock()
	for _, k := range spill {
		if err := a.put(k); err != nil {
			return err
		}
	}
	return nil
}

// take returns the images to be written now that the page cannot hold them
// all: every one so far the first time, then image i. It needs a.mu.
func (a *thumbnails) take(i int) []int {
	if a.beside {
		return []int{i}
	}
	a.beside = true
	var all []int
	for k, t := range a.images {
		if t.small != nil {
			all = append(all, k)
		}
	}
	return all
}

// put writes image i beside the page. Nobody else has to do with it.
func (a *thumbnails) put(i int) error {
	a.mu.Lock()
	t := a.images[i]
	a.images[i] = thumbnail{}
	a.mu.Unlock()
	small, large := a.names(i)
	for name, data := range map[string][]byte{small: t.small, large: t.large} {
		err := a.out.Write(name, func(w io.Writer) error {
			_, err := w.Write(data)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (a *thumbnails) names(i int) (small, large string) {
	return path.Join(outdir.Thumbnails, a.stems[i]+".small.jpg"), path.Join(outdir.Thumbnails, a.stems[i]+".large.jpg")
}

// sources returns where the page finds image i, nil for nowhere.
func (a *thumbnails) sources(i int) (small, large *string) {
	if !a.there[i] {
		return nil, nil
	}
	if a.beside {
		s, l := a.names(i)
		return relativeURL(s), relativeURL(l)
	}
	s, l := inline(a.images[i].small), inline(a.images[i].large)
	return &s, &l
}

// files lists what add wrote.
func (a *thumbnails) files() []string {
	var files []string
	for i := range a.there {
		if a.beside && a.there[i] {
			small, large := a.names(i)
			files = append(files, small, large)
		}
	}
	return files
}

// reddish says that most images are.
func (a *thumbnails) reddish() bool {
	n := 0
	for _, red := range a.red {
		if red {
			n++
		}
	}
	return 2*n > len(a.red)
}

// isReddish says that the pixels of an image lean to red and yellow, the colours of
// maps: their red exceeds their blue by a sixth of the range on average.
func isReddish(img image.Image) bool {
	b := img.Bounds()
	var sum int
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			red, _, blue, _ := img.At(x, y).RGBA()
			sum += int(red>>8) - int(blue>>8)
		}
	}
	return 6*sum > 255*b.Dx()*b.Dy()
}

func inline(jpeg []byte) string {
	return "data:image/jpeg;base64," + base64.StdEncoding.EncodeToString(jpeg)
}

// shrink returns img on white, no side longer than side.
func shrink(img image.Image, side int) image.Image {
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	if long := max(w, h); long > side {
		w, h = max(1, w*side/long), max(1, h*side/long)
	}
	src := onWhite(img)
	if w == b.Dx() && h == b.Dy() {
		return asRGBA(src)
	}
	return asRGBA(imageset.Resize(src, w, h, imageset.Bilinear))
}

// onWhite returns img, opaque and with its origin at (0, 0).
func onWhite(img image.Image) *image.NRGBA {
	b := img.Bounds()
	switch m := img.(type) {
	case *image.NRGBA:
		if b.Min == (image.Point{}) && m.Opaque() {
			return m
		}
	case *image.RGBA:
		if b.Min == (image.Point{}) && m.Opaque() {
			return &image.NRGBA{Pix: m.Pix, Stride: m.Stride, Rect: m.Rect}
		}
	}
	out := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(out, out.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(out, out.Rect, img, b.Min, draw.Over)
	return &image.NRGBA{Pix: out.Pix, Stride: out.Stride, Rect: out.Rect}
}

// asRGBA is an opaque image as the type that the encoders have fast ways for.
func asRGBA(img *image.NRGBA) *image.RGBA {
	return &image.RGBA{Pix: img.Pix, Stride: img.Stride, Rect: img.Rect}
}

func encodeJPEG(img image.Image, quality int) []byte {
	var b bytes.Buffer
	// A buffer takes everything, and shrink has bounded the sides.
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		return nil
	}
	return b.Bytes()
}

// beside is the address of a file of the output, from the page.
func relativeURL(name string) *string {
	s := "./" + (&url.URL{Path: name}).EscapedPath()
	return &s
}

// address is that of any file, from a page in dir; nil where there is no
// relative way.
func address(dir, file string) *string {
	if file == "" {
		return nil
	}
	from, err := filepath.Abs(dir)
	if err != nil {
		return nil
	}
	to, err := filepath.Abs(file)
	if err != nil {
		return nil
	}
	rel, err := filepath.Rel(from, to)
	if err != nil {
		return nil
	}
	s := (&url.URL{Path: filepath.ToSlash(rel)}).EscapedPath()
	if !strings.HasPrefix(s, "../") {
		s = "./" + s
	}
	return &s
}
