package tensor

import (
	"encoding/binary"
	"math"
	"testing"

	"codegraph/internal/half"

	"pgregory.net/rapid"
)

// TestView: a view gives the elements that its strides say, and one that
// reaches outside of its storage, or repeats so much that it is larger, is
// refused.
func TestView(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		held := rapid.IntRange(0, 40).Draw(t, "held")
		var storage []byte
		for i := range held {
			storage = binary.LittleEndian.AppendUint32(storage, math.Float32bits(float32(i)))
		}
		dims := rapid.IntRange(0, 3).Draw(t, "dims")
		shape := rapid.SliceOfN(rapid.IntRange(0, 4), dims, dims).Draw(t, "shape")
		strides := rapid.SliceOfN(rapid.IntRange(-1, 9), dims, dims).Draw(t, "strides")
		offset := rapid.IntRange(-1, 10).Draw(t, "offset")
		want := []float32{float32(offset)} // offset + Σ index·stride, row-major
		for k, d := range shape {
			var next []float32
			for _, at := range want {
				for i := range d {
					next = append(next, at+float32(i*strides[k]))
				}
			}
			want = next
		}
		fits := offset >= 0 && offset <= held && len(want) <= held
		for _, s := range strides {
			fits = fits && (s >= 0 || len(want) == 0)
		}
		for _, v := range want {
			fits = fits && v >= 0 && int(v) < held
		}
		v, err := View("x", F32, shape, strides, offset, storage)
		if (err == nil) != fits {
			t.Fatalf("shape %v, strides %v, offset %d of %d: error %v", shape, strides, offset, held, err)
		}
		if err != nil {
			return
		}
		buf := make([]float32, rapid.IntRange(0, 9).Draw(t, "buffer"))
		got, err := v.Float32sIn(&buf)
		if err != nil || len(got) != len(want) {
			t.Fatalf("%d values, want %d: %v", len(got), len(want), err)
		}
		for i := range want {
			if got[i] != want[i] {
				t.Fatalf("shape %v, strides %v, offset %d: %v, want %v", shape, strides, offset, got, want)
			}
		}
	})
}

// TestHalf compares all halves with the definition.
func TestHalf(t *testing.T) {
	for h := range 1 << 16 {
		exp, frac := h>>10&0x1f, float64(h&0x3ff)
		want := math.Ldexp(1+frac/1024, exp-15)
		switch exp {
		case 0:
			want = math.Ldexp(frac/1024, -14)
		case 31:
			want = math.Inf(1)
			if frac != 0 {
				want = math.NaN()
			}
		}
		if h >= 1<<15 {
			want = -want
		}
		got := float64(half.Float32(uint16(h)))
		if got != want && !(math.IsNaN(got) && math.IsNaN(want)) {
			t.Fatalf("%#04x = %v, want %v", h, got, want)
		}
	}
}
