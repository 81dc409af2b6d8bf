package imageset

import (
	"context"
	"errors"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// savePNG writes an image to a new file.
func savePNG(t *testing.T, name string, img image.Image) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(png.Encode(f, img), f.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestMemoryOfDecoding: an image that takes more than there may be is refused from
// its header, one that fits is read, and what is taken is given back.
func TestMemoryOfDecoding(t *testing.T) {
	path := savePNG(t, "a.png", image.NewRGBA64(image.Rect(0, 0, 300, 200)))
	const need = 300 * 200 * 12 // 8 bytes a pixel, and 4 as RGB
	_, err := Load(t.Context(), Item{Path: path}, Limits{Memory: need})
	if !errors.Is(err, ErrTooLarge) || !strings.Contains(err.Error(), "--max-memory") {
		t.Errorf("within %d bytes: %v", need, err)
	}
	p, err := Load(t.Context(), Item{Path: path}, Limits{Memory: need * 2})
	if err != nil || p.Bytes < need || p.Bytes > need*2 {
		t.Errorf("%v, or it counts %d bytes", err, p.Bytes)
	}
	if decoding.taken != 0 {
		t.Errorf("%d bytes are still taken", decoding.taken)
	}
	wide := savePNG(t, "b.png", image.NewGray(image.Rect(0, 0, maxSide+1, 1)))
	if _, err := Load(t.Context(), Item{Path: wide}, Limits{}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("an image of %d pixels by 1: %v", maxSide+1, err)
	}
}

// TestLargeImagesTakeTurns: images that do not fit together are in use one after
// the other, whoever uses them, and waiting ends with the context.
func TestLargeImagesTakeTurns(t *testing.T) {
	path := savePNG(t, "a.png", image.NewRGBA64(image.Rect(0, 0, 300, 200)))
	lim := Limits{Memory: 300 * 200 * 20}
	var inUse, most atomic.Int32
	var wg sync.WaitGroup
	for range 6 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			err := Use(t.Context(), Item{Path: path}, lim, func(*Picture) error {
				n := inUse.Add(1)
				for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
				}
				time.Sleep(time.Millisecond)
				inUse.Add(-1)
				ctx, cancel := context.WithTimeout(t.Context(), time.Microsecond)
				defer cancel()
				if _, err := Load(ctx, Item{Path: path}, lim); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("an image beside one that takes all memory: %v", err)
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		}()
	}
	wg.Wait()
	if most.Load() != 1 || decoding.taken != 0 {
		t.Errorf("%d images were in use at a time; %d bytes are still taken", most.Load(), decoding.taken)
	}
}
