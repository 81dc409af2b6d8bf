package report

import (
	"image"
	"sync"

	"codegraph/imageset"
)

// maxPreviews bounds the bytes of compressed images that Previews keep; Write
// reads the others again.
const maxPreviews = 128 << 20

// Previews makes the images of the page while a scan has them decoded, so that
// Write need not read them again:
//
//	var previews report.Previews
//	opts.Seen = previews.Add
//	res, err := codegraph.Detect(ctx, images, opts)
//	…
//	report.Write(ctx, dir, res, report.Options{Previews: &previews, …})
type Previews struct {
	// Keep is how many bytes of decoded images stay in memory, of 4 for each pixel, so
	// that Write need not decode them again for their overlays; 0: none.
	Keep int64

	mu    sync.Mutex
	made  map[previewKey]preview
	bytes int
}

// previewKey tells images apart: those of files, that is.
type previewKey struct {
	path      string
	page      int
	intensity imageset.Intensity
}

type preview struct {
	thumbnail
	size    image.Point // of the image, in pixels
	decoded image.Image // nil: not kept
}

// Add makes the preview of an image. It may be called concurrently.
func (p *Previews) Add(it imageset.Item, decoded *imageset.Picture) {
	key := previewKey{it.Path, it.Page, it.Intensity}
	if it.Path == "" || !it.Crop.Empty() || !p.claim(key) {
		return
	}
	t := newThumbnail(decoded.Image)
	p.mu.Lock()
	defer p.mu.Unlock()
	made := preview{t, image.Pt(decoded.Width, decoded.Height), nil}
	if need := 4 * int64(decoded.Width) * int64(decoded.Height); need <= p.Keep {
		p.Keep -= need
		made.decoded = decoded.Image
	}
	p.made[key] = made
	p.bytes += len(t.small) + len(t.large)
}

// claim reports whether the preview is to be made: once, while there is room.
func (p *Previews) claim(key previewKey) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, there := p.made[key]; there || p.bytes > maxPreviews {
		return false
	}
	if p.made == nil {
		p.made = make(map[previewKey]preview)
	}
	p.made[key] = preview{}
	return true
}

// take returns the preview of an image of this size and forgets it.
func (p *Previews) take(it imageset.Item, size image.Point) (made preview, ok bool) {
	if p == nil || it.Path == "" || !it.Crop.Empty() {
		return made, false
	}
	key := previewKey{it.Path, it.Page, it.Intensity}
	p.mu.Lock()
	defer p.mu.Unlock()
	made, ok = p.made[key]
	delete(p.made, key)
	return made, ok && made.size == size && made.small != nil
}
