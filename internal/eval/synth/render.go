package synth

import (
	"context"
	"fmt"
	"hash/fnv"
	"image"
	"math"
	"math/rand/v2"
	"runtime"

	"codegraph/internal/parallel"
)

// Types of samples that every kind has.
const (
	TypeGood      = "good"
	TypeRecurring = "recurring"
)

// Sample is one rendered image and the truth about it.
type Sample struct {
	Name    string      // slash-separated, such as test/good/000.png
	Type    string      // TypeGood, TypeRecurring, or the type of a rare defect
	Variant int         // 0, or 1 for the harmless second variant
	Image   *image.RGBA // Size × Size
	Mask    *image.Gray // 255 where the part is defective; nil if it is good
}

// spec is what a scene is drawn from.
type spec struct {
	rng     *rand.Rand // of this part
	design  *rand.Rand // the same for all parts of the batch
	defect  string     // type; TypeGood for none
	variant int
}

// job is one image to render.
type job struct {
	name, defect string
	group        string // good, rare or recurring
	index        int    // within the group
	variant      int
}

// Render draws a batch: the good parts, then the rare defects, then the
// recurring ones. An image depends on the seed, its group and its index
// there alone, so a larger batch begins with the images of a smaller one.
func Render(ctx context.Context, cfg Config) ([]Sample, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	out := make([]Sample, cfg.Good+cfg.Rare+cfg.Recurring)
	err := Each(ctx, cfg, func(i int, s Sample) error {
		out[i] = s
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Each draws the batch of Render without holding it: use gets each image
// once, with its index. Calls come from several goroutines at a time, in no
// fixed order. The first error ends the work and is returned, wrapped.
func Each(ctx context.Context, cfg Config, use func(i int, s Sample) error) error {
	if err := cfg.Validate(); err != nil {
		return err
	}
	k, err := lookup(cfg.Kind)
	if err != nil {
		return err
	}
	cfg = cfg.withDefaults(k)
	threads := cfg.Threads
	if threads == 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	jobs := plan(k, cfg)
	err = parallel.Do(ctx, len(jobs), threads, func(i int) error {
		s, err := jobs[i].render(ctx, k, cfg)
		if err != nil {
			return err
		}
		return use(i, s)
	}, nil)
	if err != nil {
		return err
	}
	return nil
}

// plan lists the images of a valid batch with its defaults filled in.
func plan(k *kind, cfg Config) []job {
	counts := map[string]int{}
	var jobs []job
	add := func(group string, n int, defect func(i int) string) {
		phase := stream(cfg, group, -1, "variant").Float64()
		for i := range n {
			j := job{defect: defect(i), group: group, index: i}
			j.name = fmt.Sprintf("test/%s/%03d.png", j.defect, counts[j.defect])
			counts[j.defect]++
			// Every run of parts has its share of variants, to the part.
			x := phase + cfg.VariantShare*float64(i)
			if math.Floor(x+cfg.VariantShare) > math.Floor(x) {
				j.variant = 1
			}
			jobs = append(jobs, j)
		}
	}
	start := stream(cfg, "rare", -1, "type").IntN(len(k.rare))
	add("good", cfg.Good, func(int) string { return TypeGood })
	add("rare", cfg.Rare, func(i int) string { return k.rare[(start+i)%len(k.rare)] })
	add("recurring", cfg.Recurring, func(int) string { return TypeRecurring })
	return jobs
}

// stream is the random source for one use within one image; index −1 is the
// whole group.
func stream(cfg Config, group string, index int, use string) *rand.Rand {
	h := fnv.New64a()
	fmt.Fprintf(h, "%s/%s/%d/%s", cfg.Kind, group, index, use)
	return rand.New(rand.NewPCG(cfg.Seed, h.Sum64()))
}

func (j job) render(ctx context.Context, k *kind, cfg Config) (Sample, error) {
	if err := ctx.Err(); err != nil {
		return Sample{}, err
	}
	sc := k.scene(spec{
		rng:     stream(cfg, j.group, j.index, "part"),
		design:  stream(cfg, "", -1, "design"),
		defect:  j.defect,
		variant: j.variant,
	})
	cam := newCamera(stream(cfg, j.group, j.index, "camera"))
	light, cover, err := cam.exposeRows(sc, cfg.Size, ctx.Err)
	if err != nil {
		return Sample{}, err
	}
	s := Sample{Name: j.name, Type: j.defect, Variant: j.variant, Image: cam.develop(light, cfg.Size)}
	if j.defect != TypeGood {
		s.Mask = mask(cover, cfg.Size)
	}
	return s, nil
}

// mask marks the pixels of which the defect covers at least half.
func mask(cover []float32, size int) *image.Gray {
	m := image.NewGray(image.Rect(0, 0, size, size))
	for i, c := range cover {
		if c >= 0.5 {
			m.Pix[i] = 255
		}
	}
	return m
}
