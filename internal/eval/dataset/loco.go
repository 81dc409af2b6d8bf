package dataset

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
)

// readLOCO reads the defects' pixel values besides the samples.
func readLOCO(ctx context.Context, p place, b *builder) error {
	data, err := readList(filepath.Join(p.dir, "defects_config.json"))
	if err == nil {
		b.Defects, err = parseDefects(data)
	}
	if errors.Is(err, fs.ErrNotExist) {
		b.warn("", "defects_config.json is missing: the types of defects in the masks have no names")
	} else if err != nil {
		b.warn("", "defects_config.json: %v; the types of defects in the masks have no names", err)
	}
	if err := loco.read(ctx, p, b); err != nil {
		return err
	}
	values := &legend{any: len(b.Defects) == 0}
	for _, d := range b.Defects {
		values.listed[d.PixelValue] = true
	}
	for i := range b.Samples {
		b.Samples[i].legend = values
	}
	return nil
}

// parseDefects reads defects_config.json.
func parseDefects(data []byte) ([]Defect, error) {
	var defects []Defect
	if err := json.Unmarshal(data, &defects); err != nil {
		return nil, fmt.Errorf("not a list of defects: %w", err)
	}
	var seen [256]bool
	for _, d := range defects {
		switch {
		case d.PixelValue < 1 || d.PixelValue > 255:
			return nil, fmt.Errorf("defect %q has pixel value %d; it must be in 1 to 255", d.Name, d.PixelValue)
		case seen[d.PixelValue]:
			return nil, fmt.Errorf("defect %q has pixel value %d, and so has another", d.Name, d.PixelValue)
		case d.SaturationThreshold <= 0:
			return nil, fmt.Errorf("defect %q has saturation threshold %v; it must be positive", d.Name, d.SaturationThreshold)
		}
		seen[d.PixelValue] = true
	}
	return defects, nil
}
