package synth

import (
	"bytes"
	"context"
	"image"
	"math"
	"runtime"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func render(t *testing.T, cfg Config) []Sample {
	t.Helper()
	samples, err := Render(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return samples
}

func TestValidate(t *testing.T) {
	t.Parallel()
	ok := Config{Kind: Washer, Good: 1}
	for _, c := range []struct {
		name, want string
		change     func(c *Config)
	}{
		{"valid", "", func(*Config) {}},
		{"no variant", "", func(c *Config) { c.VariantShare = NoVariant }},
		{"all variant", "", func(c *Config) { c.VariantShare = 1 }},
		{"kind", "washer, fabric, bracket", func(c *Config) { c.Kind = "gear" }},
		{"small", "between 64", func(c *Config) { c.Size = 63 }},
		{"large", "between 64", func(c *Config) { c.Size = 9000 }},
		{"negative", "rare -1", func(c *Config) { c.Rare = -1 }},
		{"threads", "threads -2", func(c *Config) { c.Threads = -2 }},
		{"nothing", "nothing to render", func(c *Config) { c.Good = 0 }},
		{"share", "variant share 1.5", func(c *Config) { c.VariantShare = 1.5 }},
		{"share NaN", "variant share NaN", func(c *Config) { c.VariantShare = math.NaN() }},
		{"overflow", "images", func(c *Config) { c.Good, c.Rare = math.MaxInt, math.MaxInt }},
	} {
		cfg := ok
		c.change(&cfg)
		err := cfg.Validate()
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
		if _, rerr := Render(t.Context(), Config{Kind: cfg.Kind, Size: cfg.Size, Good: cfg.Good, Rare: cfg.Rare, Threads: cfg.Threads, VariantShare: cfg.VariantShare}); err != nil && rerr == nil {
			t.Errorf("%s: Render accepts what Validate refuses", c.name)
		}
	}
}

func TestPlan(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		count := rapid.IntRange(0, 200)
		cfg := Config{
			Kind: rapid.SampledFrom(Kinds()).Draw(t, "kind"), Seed: rapid.Uint64().Draw(t, "seed"),
			Good: count.Draw(t, "good") + 1, Rare: count.Draw(t, "rare"), Recurring: count.Draw(t, "recurring"),
			VariantShare: rapid.Float64Range(0, 1).Draw(t, "share"),
		}
		k, err := lookup(cfg.Kind)
		if err != nil {
			t.Fatal(err)
		}
		cfg = cfg.withDefaults(k)
		names := map[string]bool{}
		count3, variants := map[string]int{}, map[string]int{}
		for _, j := range plan(k, cfg) {
			if names[j.name] {
				t.Fatalf("two images are named %s", j.name)
			}
			names[j.name] = true
			count3[j.group]++
			variants[j.group] += j.variant
		}
		for group, want := range map[string]int{"good": cfg.Good, "rare": cfg.Rare, "recurring": cfg.Recurring} {
			if count3[group] != want {
				t.Fatalf("%d %s images, want %d", count3[group], group, want)
			}
			if off := math.Abs(float64(variants[group]) - cfg.VariantShare*float64(want)); off > 1.001 {
				t.Fatalf("%d of %d %s images are variants at a share of %v", variants[group], want, group, cfg.VariantShare)
			}
		}
	})
}

func TestVariantDefault(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind  Kind
		share float64
		want  float64
	}{{Washer, 0, 0}, {Fabric, 0, 0}, {Bracket, 0, 0.3}, {Bracket, NoVariant, 0}, {Washer, 0.5, 0.5}} {
		k, err := lookup(c.kind)
		if err != nil {
			t.Fatal(err)
		}
		if got := (Config{VariantShare: c.share}).withDefaults(k).VariantShare; got != c.want {
			t.Errorf("%s with share %v: %v, want %v", c.kind, c.share, got, c.want)
		}
	}
}

func TestDeterministic(t *testing.T) {
	for _, k := range Kinds() {
		cfg := Config{Kind: k, Size: 64, Seed: 5, Good: 2, Rare: 3, Recurring: 2, Threads: 1}
		want := render(t, cfg)
		cfg.Threads = 0
		before := runtime.GOMAXPROCS(3)
		wide := render(t, cfg)
		runtime.GOMAXPROCS(before)
		cfg.Good, cfg.Recurring = 3, 3
		larger := render(t, cfg)
		larger = append(append(larger[:2:2], larger[3:6]...), larger[6:8]...)
		for _, got := range [][]Sample{wide, larger} {
			for i := range want {
				if got[i].Name != want[i].Name || !bytes.Equal(got[i].Image.Pix, want[i].Image.Pix) {
					t.Errorf("%s differs from its first rendering", want[i].Name)
				}
				if want[i].Mask != nil && !bytes.Equal(got[i].Mask.Pix, want[i].Mask.Pix) {
					t.Errorf("mask of %s differs from its first rendering", want[i].Name)
				}
			}
		}
		cfg.Seed++
		if bytes.Equal(render(t, cfg)[0].Image.Pix, want[0].Image.Pix) {
			t.Errorf("%s: two seeds give the same image", k)
		}
	}
}

func TestRenderCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Render(ctx, Config{Kind: Fabric, Good: 1}); err == nil || ctx.Err() == nil {
		t.Errorf("error %v, want a cancellation", err)
	}
}

// TestTruth renders each defective part once more without its defect: inside
// the mask the two pictures differ, well outside they are the same.
func TestTruth(t *testing.T) {
	t.Parallel()
	const size = 160
	for _, name := range Kinds() {
		cfg := Config{Kind: name, Size: size, Seed: 11, Rare: 6, Recurring: 2}
		k, err := lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		cfg = cfg.withDefaults(k)
		for _, j := range plan(k, cfg) {
			bad, err := j.render(t.Context(), k, cfg)
			if err != nil {
				t.Fatal(err)
			}
			clean := j
			clean.defect = TypeGood
			good, err := clean.render(t.Context(), k, cfg)
			if err != nil {
				t.Fatal(err)
			}
			if good.Mask != nil || bad.Mask == nil {
				t.Fatalf("%s: a mask is missing or too much", j.name)
			}
			area := float64(pixels(bad.Mask)) / (size * size)
			if area < 0.0004 || area > 0.06 {
				t.Errorf("%s %s: the mask covers %.3f %% of the image", name, j.name, 100*area)
			}
			inside, outside := difference(good.Image, bad.Image, bad.Mask, 15)
			if inside < 5 || outside > 0.01 {
				t.Errorf("%s %s: mean difference %.2f inside the mask, %.3f outside", name, j.name, inside, outside)
			}
		}
	}
}

func pixels(m *image.Gray) (n int) {
	for _, v := range m.Pix {
		if v != 0 {
			n++
		}
	}
	return n
}

// difference is the mean absolute difference of grey levels inside the mask
// and farther than reach pixels from it.
func difference(a, b *image.RGBA, m *image.Gray, reach int) (inside, outside float64) {
	size := m.Rect.Dx()
	near := make([]bool, size*size)
	for i, v := range m.Pix {
		if v == 0 {
			continue
		}
		for y := max(i/size-reach, 0); y <= min(i/size+reach, size-1); y++ {
			for x := max(i%size-reach, 0); x <= min(i%size+reach, size-1); x++ {
				near[y*size+x] = true
			}
		}
	}
	var nIn, nOut float64
	for i, v := range m.Pix {
		d := 0.0
		for k := range 3 {
			d += math.Abs(float64(a.Pix[4*i+k])-float64(b.Pix[4*i+k])) / 3
		}
		switch {
		case v != 0:
			inside += d
			nIn++
		case !near[i]:
			outside += d
			nOut++
		}
	}
	return inside / max(nIn, 1), outside / max(nOut, 1)
}

// TestRecurringAlike compares area and extent of the masks, which do not
// depend on place and rotation.
func TestRecurringAlike(t *testing.T) {
	t.Parallel()
	for _, k := range Kinds() {
		samples := render(t, Config{Kind: k, Size: 160, Seed: 3, Recurring: 5})
		a0, s0, l0 := moments(samples[0].Mask)
		for _, s := range samples {
			a, short, long := moments(s.Mask)
			if math.Abs(a/a0-1) > 0.15 || math.Abs(short/s0-1) > 0.12 || math.Abs(long/l0-1) > 0.12 {
				t.Errorf("%s %s: area %.0f, axes %.1f × %.1f; the first has %.0f, %.1f × %.1f", k, s.Name, a, short, long, a0, s0, l0)
			}
		}
	}
}

// moments are the area and the standard deviations along the main axes.
func moments(m *image.Gray) (area, short, long float64) {
	size := m.Rect.Dx()
	var sx, sy, sxx, sxy, syy float64
	for i, v := range m.Pix {
		if v == 0 {
			continue
		}
		x, y := float64(i%size), float64(i/size)
		area++
		sx, sy, sxx, sxy, syy = sx+x, sy+y, sxx+x*x, sxy+x*y, syy+y*y
	}
	sx, sy = sx/area, sy/area
	sxx, sxy, syy = sxx/area-sx*sx, sxy/area-sx*sy, syy/area-sy*sy
	mean, root := (sxx+syy)/2, math.Hypot((sxx-syy)/2, sxy)
	return area, math.Sqrt(mean - root), math.Sqrt(mean + root)
}

func TestRecurringArea(t *testing.T) {
	t.Parallel()
	part := math.Pi * (washerOuter*washerOuter - washerInner*washerInner - 6*washerHole*washerHole)
	for seed := range uint64(3) {
		s := render(t, Config{Kind: Washer, Seed: seed, Recurring: 1})[0]
		if share := float64(pixels(s.Mask)) / part; share < 0.035 || share > 0.08 {
			t.Errorf("seed %d: the defect takes %.1f %% of the washer", seed, 100*share)
		}
	}
}

// TestPhotographic checks what tells a photograph from a drawing: no clipped
// areas, no flat colour, no two equal parts.
func TestPhotographic(t *testing.T) {
	t.Parallel()
	for _, k := range Kinds() {
		samples := render(t, Config{Kind: k, Size: 160, Seed: 9, Good: 4, VariantShare: 0.5})
		for i, s := range samples {
			clipped, most := 0, 0
			colours := map[[3]uint8]int{}
			for p := 0; p < len(s.Image.Pix); p += 4 {
				c := [3]uint8(s.Image.Pix[p : p+3])
				colours[c]++
				most = max(most, colours[c])
				if min(c[0], c[1], c[2]) == 0 || max(c[0], c[1], c[2]) == 255 {
					clipped++
				}
			}
			n := float64(len(s.Image.Pix) / 4)
			if float64(clipped)/n > 0.001 || float64(most)/n > 0.02 {
				t.Errorf("%s %s: %d of %.0f pixels clipped, %d of one colour", k, s.Name, clipped, n, most)
			}
			for _, o := range samples[:i] {
				if _, d := difference(s.Image, o.Image, image.NewGray(s.Image.Rect), 0); d < 3 {
					t.Errorf("%s: %s and %s differ by %.2f grey levels only", k, s.Name, o.Name, d)
				}
			}
		}
	}
}

// TestVariantIsWholePart compares mean colours: a variant differs by more
// than the lighting does.
func TestVariantIsWholePart(t *testing.T) {
	t.Parallel()
	for _, k := range Kinds() {
		warmth := [2][]float64{}
		for _, s := range render(t, Config{Kind: k, Size: 96, Seed: 2, Good: 8, VariantShare: 0.5}) {
			var r, b float64
			for p := 0; p < len(s.Image.Pix); p += 4 {
				r += float64(s.Image.Pix[p])
				b += float64(s.Image.Pix[p+2])
			}
			warmth[s.Variant] = append(warmth[s.Variant], r/b)
		}
		for _, a := range warmth[0] {
			for _, b := range warmth[1] {
				if b < a+0.03 {
					t.Errorf("%s: red to blue is %.3f in the first variant, %.3f in the second", k, a, b)
				}
			}
		}
	}
}
