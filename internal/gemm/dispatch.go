package gemm

import "codegraph/internal/cpu"

// impl is one implementation of the inner loop of Mul.
type impl struct {
	name   string
	mr, nr int // rows and columns of a tile
	tile   func(k int, a *float32, lda int, b, dst *float32, ldd int)
}

var active = implementation(cpu.Name())
