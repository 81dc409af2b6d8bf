package beds

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"codegraph/imageset"
	"codegraph/internal/eval/dataset"
	"codegraph/internal/plant"
)

// side is what photographs are reduced to, in pixels.
const side = 512

// largest is the largest share of a part that a real defect of a bed covers.
const largest = 0.06

// Photographs are those that beds are made of. They are read when they are
// first needed. It is safe for concurrent use.
type Photographs struct {
	dir  string
	mu   sync.Mutex
	sets map[string]*set
}

// Open returns the photographs below a folder, which is read later.
func Open(dir string) *Photographs { return &Photographs{dir: dir, sets: make(map[string]*set)} }

// set is a set of photographs.
type set struct {
	once    sync.Once
	err     error
	names   []string
	good    []*plant.Part
	defects []*plant.Defect // real ones
}

// folders of the sets: good photographs, and the dataset of defective ones.
var folders = map[string]struct{ root, category string }{
	"bottle":        {"mvtec_ad", "bottle"},
	"pill":          {"mvtec_ad", "pill"},
	"screw":         {"mvtec_ad", "screw"},
	"magnetic_tile": {"magnetic_tile", "tile"},
	"metal_nut":     {"metal_nut", ""},
}

// ErrAbsent is wrapped when the photographs of a set are not there.
var ErrAbsent = errors.New("the photographs are not there")

func (p *Photographs) set(ctx context.Context, name string) (*set, error) {
	p.mu.Lock()
	s := p.sets[name]
	if s == nil {
		s = &set{}
		p.sets[name] = s
	}
	p.mu.Unlock()
	s.once.Do(func() { s.err = s.read(ctx, p.dir, name) })
	if s.err != nil {
		p.mu.Lock()
		delete(p.sets, name) // a cancelled reading must not fail all later ones
		p.mu.Unlock()
		return nil, fmt.Errorf("beds: %s: %w", name, s.err)
	}
	return s, nil
}

func (s *set) read(ctx context.Context, dir, name string) error {
	at, ok := folders[name]
	if !ok {
		return fmt.Errorf("there is no such set")
	}
	var samples []dataset.Sample
	root := filepath.Join(dir, at.root)
	if at.category == "" {
		files, err := os.ReadDir(filepath.Join(root, "good"))
		if err != nil {
			return fmt.Errorf("%w: %w", ErrAbsent, err)
		}
		for _, f := range files {
			samples = append(samples, dataset.Sample{Path: filepath.Join(root, "good", f.Name()), Name: f.Name(), Type: dataset.Good})
		}
	} else {
		d, err := dataset.Open(root, dataset.MVTec)
		if err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				err = fmt.Errorf("%w: %w", ErrAbsent, err)
			}
			return err
		}
		c, err := d.Category(ctx, at.category)
		if err != nil {
			return err
		}
		samples = c.Samples
	}
	return s.prepare(ctx, samples)
}

// prepare reads the photographs, finds the parts and cuts out the defects.
func (s *set) prepare(ctx context.Context, samples []dataset.Sample) error {
	var good, bad []dataset.Sample
	for _, sample := range samples {
		if !sample.Anomalous {
			good = append(good, sample)
			s.names = append(s.names, strings.TrimSuffix(filepath.Base(sample.Name), filepath.Ext(sample.Name)))
		} else if sample.HasPixelTruth() {
			bad = append(bad, sample)
		}
	}
	all := append(good, bad...)
	images := make([]*image.NRGBA, len(all))
	for i, sample := range all {
		img, err := load(ctx, imageset.Item{Name: sample.Name, Path: sample.Path})
		if err != nil {
			return err
		}
		images[i] = img
	}
	parts, err := plant.NewParts(ctx, images, nil, runtime.GOMAXPROCS(0))
	if err != nil {
		return err
	}
	s.good = parts[:len(good)]
	for i, sample := range bad {
		p := parts[len(good)+i]
		mask, _, err := dataset.LoadMask(ctx, sample, p.Image.Rect.Dx(), p.Image.Rect.Dy())
		if err != nil {
			return err
		}
		d, err := plant.Cut(p, mask, sample.Name)
		switch {
		case errors.Is(err, plant.ErrCut):
			continue
		case err != nil:
			return err
		}
		if d.Covers() <= largest*p.Scale()*p.Scale() {
			s.defects = append(s.defects, d)
		}
	}
	return nil
}

// load reads a photograph and reduces it to the beds' size.
func load(ctx context.Context, it imageset.Item) (*image.NRGBA, error) {
	p, err := imageset.Load(ctx, it, imageset.Limits{})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", it.Name, err)
	}
	most := max(p.Width, p.Height)
	if most <= side {
		return p.Image, nil
	}
	return imageset.Resize(p.Image, max(p.Width*side/most, 1), max(p.Height*side/most, 1), imageset.Bicubic), nil
}
