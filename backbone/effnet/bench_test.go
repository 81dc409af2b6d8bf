package effnet

import (
	"context"
	"fmt"
	"testing"
)

func BenchmarkForward(b *testing.B) {
	n, err := New(Options{})
	if err != nil {
		b.Fatal(err)
	}
	for _, size := range []int{224, 320, 448} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			x := make([]float32, 3*size*size)
			for i := range x {
				x[i] = float32(i%251)/125 - 1
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := n.Forward(context.Background(), x, size, size); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
