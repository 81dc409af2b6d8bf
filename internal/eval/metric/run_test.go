package metric

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestKeys(t *testing.T) {
	t.Parallel()
	inf := float32(math.Inf(1))
	falling := []float32{inf, math.MaxFloat32, 2, 1, 0.5, math.SmallestNonzeroFloat32, 0,
		-math.SmallestNonzeroFloat32, -0.5, -1, -math.MaxFloat32, -inf}
	for i, s := range falling {
		if got := scoreOf(keyOf(s)); got != s {
			t.Errorf("%g comes back as %g", s, got)
		}
		if i > 0 && keyOf(falling[i-1]) >= keyOf(s) {
			t.Errorf("%g does not come before %g", falling[i-1], s)
		}
	}
	if minus := float32(math.Copysign(0, -1)); keyOf(minus) != keyOf(0) {
		t.Error("the zeros are told apart")
	}
}

func TestKeysOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Float32().Draw(t, "a"), rapid.Float32().Draw(t, "b")
		if (a > b) != (keyOf(a) < keyOf(b)) || scoreOf(keyOf(a)) != a {
			t.Fatal(a, b)
		}
	})
}

func TestSortKeys(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	for _, bits := range []int{0, 1, 9, 12, 22, 23, 32} {
		for _, n := range []int{0, 1, 2, 100, 1<<digitBits - 1, 1 << digitBits, 10000} {
			keys := make([]uint32, n)
			for i := range keys {
				keys[i] = uint32(rng.Uint64()>>(64-bits)) + 77
			}
			want := slices.Sorted(slices.Values(keys))
			if got := sortKeys(keys, make([]uint32, n)); !slices.Equal(got, want) {
				t.Errorf("%d keys of %d bits are not sorted", n, bits)
			}
		}
	}
}

// TestRun: what is coded is read.
func TestRun(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		keys := slices.Sorted(slices.Values(rapid.SliceOf(rapid.OneOf(rapid.Uint32(), rapid.Uint32Range(7, 90), rapid.Just(uint32(math.MaxUint32)))).Draw(t, "keys")))
		r, _ := newRun(keys, 0, nil)
		c := cursor{run: r}
		for _, k := range keys {
			if !c.advance() || c.key != k {
				t.Fatal(c.key, k)
			}
		}
		if c.advance() {
			t.Fatal("a key too many")
		}
	})
}
