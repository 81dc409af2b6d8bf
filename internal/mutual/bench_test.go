package mutual

import (
	"context"
	"testing"
)

// The shapes of the embedded network at 448 pixels.
func benchmarkBatch() (*batch, Options) {
	return newBatch(16, 784, []int{40, 40, 40, 80, 80, 80}, 1), Options{Neighbours: 4, Threads: 1}
}

func BenchmarkCompare(b *testing.B) {
	s, o := benchmarkBatch()
	for _, precision := range []string{"exact", "fast"} {
		b.Run("precision="+precision, func(b *testing.B) {
			o.Fast = precision == "fast"
			for b.Loop() {
				if _, _, err := Compare(context.Background(), s, o); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkMask takes eight patches out of most images.
func BenchmarkMask(b *testing.B) {
	s, o := benchmarkBatch()
	t, _, err := Compare(context.Background(), s, o)
	if err != nil {
		b.Fatal(err)
	}
	removed := make(map[int][]int)
	for i := range 12 {
		removed[i] = []int{5, 6, 7, 33, 34, 35, 61, 62}
	}
	for b.Loop() {
		if _, err := Mask(context.Background(), s, t, removed, o); err != nil {
			b.Fatal(err)
		}
	}
}
