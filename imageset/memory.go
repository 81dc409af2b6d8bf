package imageset

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"runtime"
	"sync"

	"codegraph/internal/pnm"
)

// decodeBytes is the memory, in bytes, that decoding takes at the most: the file,
// the pixels as the decoder makes them, and as 8-bit RGB, upright.
func decodeBytes(data []byte, k *kind, config image.Config, page int) int64 {
	perPixel := int64(4) // of the decoder
	switch config.ColorModel {
	case color.GrayModel:
		perPixel = 1
	case color.Gray16Model:
		perPixel = 2
	case color.YCbCrModel:
		perPixel = 3
	case color.RGBA64Model, color.NRGBA64Model:
		perPixel = 8
	}
	switch k.name {
	case "JPEG":
		// A progressive one keeps the coefficients of all its blocks.
		if isProgressive(data) {
			perPixel += 12
		}
	case "TIFF":
		if p, err := tiffPage(data, page); err == nil {
			perPixel = 4 * int64(min(p.Samples, 4)+1)
		}
	case "PNM":
		if h, err := pnm.DecodeHeader(data); err == nil && !h.Direct() {
			perPixel = 4*int64(h.Channels) + 4
		}
	case "TGA", "BMP", "GIF", "WebP":
		perPixel = max(perPixel, 8)
	}
	perPixel += 4
	if orientation(data, page, k.name) != 1 {
		perPixel += 4
	}
	return int64(len(data)) + perPixel*int64(config.Width)*int64(config.Height)
}

// gate lets so many images be decoded at a time that their memory stays within
// bounds. It is the process's: so is its memory.
type gate struct {
	mu    sync.Mutex
	taken int64         // bytes
	freed chan struct{} // closed when some are given back
}

var decoding = gate{freed: make(chan struct{})}

// enter waits until need bytes are within most, or nobody else decodes.
func (g *gate) enter(ctx context.Context, need, most int64) error {
	for {
		g.mu.Lock()
		if g.taken == 0 || g.taken+need <= most {
			g.taken += need
			g.mu.Unlock()
			return nil
		}
		freed := g.freed
		g.mu.Unlock()
		select {
		case <-freed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// more takes need bytes instead of have, if there is room for them now.
func (g *gate) more(have, need, most int64) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.taken != have && g.taken-have+need > most {
		return false
	}
	g.taken += need - have
	return true
}

func (g *gate) leave(need int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.taken -= need
	close(g.freed)
	g.freed = make(chan struct{})
}

// DefaultMemory is how many bytes are decoded at a time where nothing bounds
// memory; an image that takes more is decoded alone.
const DefaultMemory = 1 << 30

// checkMemory refuses an image that takes more memory than there may be.
func (lim Limits) checkMemory(need int64) error {
	if lim.Memory > 0 && need > lim.Memory {
		return fmt.Errorf("%w: decoding takes %d MiB, and %d MiB are left of the memory that may be used; raise it (--max-memory), or make the image smaller", ErrTooLarge, need>>20, lim.Memory>>20)
	}
	return nil
}

// reclaim gives back what earlier images left before need bytes more are taken, where
// those are many: the runtime lets both be there for a while.
func (lim Limits) reclaim(need int64) {
	if lim.Memory > 0 && need > lim.Memory/8 {
		runtime.GC()
	}
}

// foretell refuses an image of size bytes that takes more memory than there may be by
// the first of them, before the others are read. What they do not tell is left to
// those who read on: where the directories of a TIFF lie, and damage.
func (lim Limits) foretell(path string, size int64) (err error) {
	const first = 64 << 10
	if lim.Memory <= 0 || size <= first {
		return nil
	}
	defer func() {
		if recover() != nil {
			err = nil
		}
	}()
	head := firstBytes(path, first)
	k, config, err := header(head, 0, lim)
	if err != nil || k.name == "TIFF" {
		return nil
	}
	return lim.checkMemory(decodeBytes(head, k, config, 0) + size - int64(len(head)))
}

// Use reads an item and calls do with it. While it does, the memory of the image
// counts as taken: large images are decoded one after the other.
func Use(ctx context.Context, it Item, lim Limits, do func(*Picture) error) error {
	p, leave, err := load(ctx, it, lim.withDefaults())
	if err != nil {
		return err
	}
	defer leave()
	return do(p)
}
