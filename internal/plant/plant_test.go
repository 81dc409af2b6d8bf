package plant

import (
	"bytes"
	"context"
	"errors"
	"image"
	"math"
	"testing"

	"pgregory.net/rapid"
)

// picture is an oval part with a key and a bright and a dark half on a dark
// ground, turned by an angle: it looks different at every angle.
func picture(side int, angle float64, seed uint64) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, side, side))
	n := noise{seed}
	for y := range side {
		for x := range side {
			q := vec{float64(x) + 0.5, float64(y) + 0.5}.sub(vec{float64(side) / 2, float64(side) / 2}).turn(-angle).mul(2 / float64(side))
			c := colour{0.06, 0.06, 0.08}
			if q.x*q.x/0.49+q.y*q.y/0.25 < 1 {
				c = colour{0.6, 0.58, 0.52}
				if q.x > 0.2 {
					c = c.scale(1.3)
				}
				if math.Abs(q.x+0.3) < 0.08 && math.Abs(q.y) < 0.2 {
					c = c.scale(0.6)
				}
			}
			set(img, x, y, c.plus(colour{1, 1, 1}, 0.03*(n.at(float64(x), float64(y))-0.5)))
		}
	}
	return img
}

func parts(t testing.TB, images ...*image.NRGBA) []*Part {
	t.Helper()
	p, err := NewParts(context.Background(), images, nil, 2)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// flat is a picture of one colour.
func flat(side int, level uint8) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, side, side))
	for i := range img.Pix {
		img.Pix[i] = level
		if i%4 == 3 {
			img.Pix[i] = 255
		}
	}
	return img
}

// TestParts: the part is found, and how it is turned.
func TestParts(t *testing.T) {
	const side = 160
	angles := []float64{0, 0.7, 2, 4}
	var images []*image.NRGBA
	for i, a := range angles {
		images = append(images, picture(side, a, uint64(i)))
	}
	for i, p := range parts(t, images...) {
		if p.Whole {
			t.Fatal("the part is said to fill the picture")
		}
		both, either := 0, 0
		for k, in := range p.Inside {
			q := vec{float64(k%side) + 0.5, float64(k/side) + 0.5}.sub(vec{side / 2, side / 2}).turn(-angles[i]).mul(2.0 / side)
			is := q.x*q.x/0.49+q.y*q.y/0.25 < 1
			if in && is {
				both++
			}
			if in || is {
				either++
			}
		}
		if iou := float64(both) / float64(either); iou < 0.93 {
			t.Errorf("angle %g: the part found and the part have an IoU of %.2f", angles[i], iou)
		}
		if d := math.Abs(math.Remainder(p.frame.angle-angles[i], 2*math.Pi)); d > 0.06 {
			t.Errorf("turned by %g, found %g", angles[i], p.frame.angle)
		}
	}
	if p := parts(t, flat(80, 90))[0]; !p.Whole {
		t.Error("a picture of one colour has a background")
	}
	if _, err := NewParts(context.Background(), []*image.NRGBA{flat(20, 1)}, nil, 1); !errors.Is(err, ErrImage) {
		t.Errorf("20 pixels: %v", err)
	}
}

// TestPlanted: every kind changes what its mask marks and nothing else, on the
// part only, and is the same each time.
func TestPlanted(t *testing.T) {
	ps := parts(t, picture(160, 0, 1), picture(160, 1, 2))
	fabric := parts(t, flat(120, 140))
	rapid.Check(t, func(rt *rapid.T) {
		kind := rapid.SampledFrom(Defects()).Draw(rt, "kind")
		s := Spec{kind, rapid.Float64Range(8, 40).Draw(rt, "size"), rapid.Float64Range(0.4, 1).Draw(rt, "strength"), rapid.Bool().Draw(rt, "anywhere")}
		seed := rapid.Uint64().Draw(rt, "seed")
		on, target := ps[0], ps[1]
		if kind != Shifted && rapid.Bool().Draw(rt, "fabric") {
			on, target = fabric[0], fabric[0]
		}
		d, err := Draw(on, s, seed)
		if err != nil {
			rt.Fatal(err)
		}
		before := bytes.Clone(target.Image.Pix)
		got, err := d.Plant(target, seed+1)
		if err != nil {
			rt.Fatal(err)
		}
		again, _ := d.Plant(target, seed+1)
		if !bytes.Equal(got.Image.Pix, again.Image.Pix) || !bytes.Equal(got.Mask.Pix, again.Mask.Pix) {
			rt.Fatal("the same seeds give other pixels")
		}
		if !bytes.Equal(before, target.Image.Pix) {
			rt.Fatal("the photograph itself was changed")
		}
		checkPlanted(rt, target, got, kind)
	})
}

func checkPlanted(t *rapid.T, p *Part, got *Planted, kind Kind) {
	w := p.Image.Rect.Dx()
	for y := range p.Image.Rect.Dy() {
		for x := range w {
			most := difference(p.Image, got.Image, x, y)
			in := got.Mask.GrayAt(x, y).Y > 0
			switch {
			case !in && most >= noticeable:
				t.Fatalf("%s: pixel %d, %d changed by %d and is not marked", kind, x, y, most)
			case most > 0 && !image.Pt(x, y).In(got.Bounds):
				t.Fatalf("%s: pixel %d, %d changed outside %v", kind, x, y, got.Bounds)
			}
			// A missing piece shows the background beyond the outline, too.
			if most > 0 && !p.inside(x, y) && kind != Missing {
				t.Fatalf("%s: pixel %d, %d changed off the part", kind, x, y)
			}
		}
	}
}

func difference(a, b *image.NRGBA, x, y int) (most int) {
	i := a.PixOffset(x, y)
	for k := range 3 {
		d := int(a.Pix[i+k]) - int(b.Pix[i+k])
		most = max(most, d, -d)
	}
	return most
}

// TestSeen: what is planted can be seen, and is about as large as was asked.
func TestSeen(t *testing.T) {
	p := parts(t, picture(240, 0, 1))[0]
	for _, kind := range []Kind{Spot, Stain, Missing} {
		for seed := range uint64(10) {
			d, err := Draw(p, Spec{Kind: kind, Size: 30, Strength: 0.9}, seed)
			if err != nil {
				t.Fatal(err)
			}
			got, err := d.Plant(p, seed)
			if err != nil {
				t.Fatal(err)
			}
			marked := 0.0
			for _, v := range got.Mask.Pix {
				if v > 0 {
					marked++
				}
			}
			if disc := math.Pi * 15 * 15; marked < 0.2*disc || marked > 2.5*disc {
				t.Errorf("%s, seed %d: %.0f pixels are marked, a disc has %.0f", kind, seed, marked, disc)
			}
		}
	}
}

// TestCut: the formula, on a square of 60 levels on a flat picture planted on
// another one of 120: 120 + 60·(1 ± 0.05) in the middle; and no seam: with the
// feather's σ the weight rises by at most 1/(σ√(2π)) a pixel.
func TestCut(t *testing.T) {
	const side, level, height = 400, 100, 60
	source := flat(side, level)
	mask := make([]bool, side*side)
	for y := 180; y < 220; y++ {
		for x := 180; x < 220; x++ {
			set(source, x, y, colour{(level + height) / 255.0, (level + height) / 255.0, (level + height) / 255.0})
			mask[y*side+x] = true
		}
	}
	d, err := Cut(parts(t, source)[0], mask, "square")
	if err != nil {
		t.Fatal(err)
	}
	p := parts(t, flat(side, 120))[0]
	got, err := d.Plant(p, 3)
	if err != nil {
		t.Fatal(err)
	}
	if v := float64(got.Image.Pix[got.Image.PixOffset(200, 200)]); math.Abs(v-120-height) > 0.05*height+1 {
		t.Errorf("the middle is %g", v)
	}
	steepest := 0.0
	for y := 1; y < side; y++ {
		for x := 1; x < side; x++ {
			v := float64(got.Image.Pix[got.Image.PixOffset(x, y)])
			steepest = max(steepest, math.Abs(v-float64(got.Image.Pix[got.Image.PixOffset(x-1, y)])), math.Abs(v-float64(got.Image.Pix[got.Image.PixOffset(x, y-1)])))
		}
	}
	// The residual's own edge, blurred by nothing, is 60 high: it lies within
	// the dilated mask. Beyond it only the feather is left, of a residual of 0.
	if steepest > 1.1*height {
		t.Errorf("a step of %g levels where the defect's own edge has %d", steepest, height)
	}
	if _, err := Cut(p, make([]bool, side*side), "nothing"); !errors.Is(err, ErrCut) {
		t.Errorf("an empty mask: %v", err)
	}
	if _, err := Cut(p, make([]bool, 7), "other"); !errors.Is(err, ErrCut) {
		t.Errorf("a mask of another size: %v", err)
	}
	if _, err := Cut(p, bytesMask(p), "all"); !errors.Is(err, ErrCut) {
		t.Errorf("a mask of everything: %v", err)
	}
}

// TestFeather: a defect whose surroundings are brighter than its ring is
// blended without a seam: no step is higher than the feather's slope.
func TestFeather(t *testing.T) {
	const side, height = 800, 80
	source := flat(side, 100)
	mask := make([]bool, side*side)
	for y := 350; y < 450; y++ {
		for x := 350; x < 450; x++ {
			set(source, x, y, colour{(100 + height) / 255.0, (100 + height) / 255.0, (100 + height) / 255.0})
			if x >= 380 && x < 420 && y >= 380 && y < 420 {
				mask[y*side+x] = true
			}
		}
	}
	// The ring lies on the bright square but for nothing: a residual of 0 in the
	// middle; so the picture must not change at all.
	d, err := Cut(parts(t, source)[0], mask, "plateau")
	if err != nil {
		t.Fatal(err)
	}
	got, err := d.Plant(parts(t, flat(side, 120))[0], 1)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range got.Image.Pix {
		if i%4 < 3 && (v < 119 || v > 121) {
			t.Fatalf("pixel %d is %d", i/4, v)
		}
	}
}

func bytesMask(p *Part) []bool {
	all := make([]bool, len(p.Inside))
	for i := range all {
		all[i] = true
	}
	return all
}

// TestWithin: of a box, what differs from its surroundings.
func TestWithin(t *testing.T) {
	img := flat(100, 90)
	for y := 40; y < 60; y++ {
		for x := 45; x < 55; x++ {
			set(img, x, y, colour{0.9, 0.2, 0.2})
		}
	}
	p := parts(t, img)[0]
	marked := func(r image.Rectangle) (n int) {
		for i, in := range Within(p, r) {
			if in {
				n++
				if !image.Pt(i%100, i/100).In(r) {
					t.Fatalf("%v marks %d, %d", r, i%100, i/100)
				}
			}
		}
		return n
	}
	if n := marked(image.Rect(35, 35, 65, 65)); n != 200 {
		t.Errorf("%d pixels of the 200 of the defect", n)
	}
	if n := marked(image.Rect(5, 5, 15, 15)); n != 100 {
		t.Errorf("where nothing differs, %d of the 100 pixels of the box", n)
	}
}

func TestDrawErrors(t *testing.T) {
	p := parts(t, picture(160, 0, 1))[0]
	for _, s := range []Spec{{Spot, 0, 1, false}, {Spot, 10, 0, false}, {Spot, 10, 2, false}, {Real, 10, 1, false}, {Stamp, 10, 1, false}} {
		if d, err := Draw(p, s, 1); err == nil {
			t.Errorf("%v: %v", s, d)
		}
	}
	if _, err := Alter(Spot, 1); err == nil {
		t.Error("a spot is harmless")
	}
	if _, err := ParseKinds("spot,dent"); err == nil {
		t.Error("there are dents")
	}
	if k, err := ParseKinds("all"); err != nil || len(k) != len(Defects()) {
		t.Error(k, err)
	}
}

// TestAlter: harmless changes change the picture as they should.
func TestAlter(t *testing.T) {
	p := parts(t, picture(160, 0, 1))[0]
	for _, kind := range Harmless() {
		c, err := Alter(kind, 5)
		if err != nil {
			t.Fatal(err)
		}
		a, b := c.Apply(p, 1), c.Apply(p, 1)
		if !bytes.Equal(a.Pix, b.Pix) {
			t.Errorf("%s: the same seed gives other pixels", kind)
		}
		on, off := 0, 0
		for y := range 160 {
			for x := range 160 {
				if difference(p.Image, a, x, y) == 0 {
					continue
				}
				if p.inside(x, y) {
					on++
				} else {
					off++
				}
			}
		}
		switch {
		case on+off == 0:
			t.Errorf("%s changes nothing", kind)
		case kind == Finish && off > 0:
			t.Errorf("another finish changes %d pixels of the background", off)
		case kind == Stamp && on > off:
			t.Errorf("the stamp changes %d pixels of the part, %d others", on, off)
		}
	}
	if got := mirrored(mirrored(p.Image)); !bytes.Equal(got.Pix, p.Image.Pix) {
		t.Error("mirrored twice is not the same")
	}
}
