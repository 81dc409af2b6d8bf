package synth

import (
	"context"
	"fmt"
	"image"
	"image/png"
	"io"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"

	"codegraph/internal/atomicfile"
	"codegraph/internal/parallel"
)

// MaskName is where the ground truth of a defective sample lies, in the
// layout of MVTec AD: ground_truth/TYPE/NNN_mask.png. It is "" for a good one.
func (s Sample) MaskName() string {
	if s.Mask == nil {
		return ""
	}
	base := strings.TrimSuffix(path.Base(s.Name), path.Ext(s.Name))
	return "ground_truth/" + s.Type + "/" + base + "_mask.png"
}

// Write stores a batch below dir in the layout of MVTec AD: the images under
// their names, the masks under MaskName. It makes the folders it needs and
// replaces files of the same names. A file is complete or not there: after a
// cancellation or an error some are missing, none is half written.
func Write(ctx context.Context, dir string, samples []Sample) error {
	err := parallel.Do(ctx, len(samples), runtime.GOMAXPROCS(0), func(i int) error {
		s := samples[i]
		if s.Image == nil {
			return fmt.Errorf("sample %q has no image", s.Name)
		}
		if err := writePNG(ctx, dir, s.Name, s.Image); err != nil {
			return err
		}
		if s.Mask == nil {
			return nil
		}
		return writePNG(ctx, dir, s.MaskName(), s.Mask)
	}, nil)
	if err != nil {
		return err
	}
	return nil
}

func writePNG(ctx context.Context, dir, name string, img image.Image) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	local, err := filepath.Localize(name)
	if err != nil || name == "." {
		return fmt.Errorf("sample name %q: must be a relative path with forward slashes", name)
	}
	file := filepath.Join(dir, local)
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		return err
	}
	return atomicfile.Write(file, func(w io.Writer) error {
		return png.Encode(cancelled{ctx, w}, img)
	})
}

// cancelled ends a file in the making when its context ends.
type cancelled struct {
	ctx context.Context
	w   io.Writer
}

func (c cancelled) Write(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.w.Write(p)
}
