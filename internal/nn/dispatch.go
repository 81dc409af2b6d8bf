package nn

import "codegraph/internal/cpu"

// impl is one implementation of the inner loops.
type impl struct {
	name    string
	lanes   int // what lengths of x must be a multiple of
	max     func(n int, x, part *float32)
	expSum  func(n int, x *float32, shift float32, part *float32)
	gelu    func(n int, x, bias *float32)
	sigmoid func(n int, x, bias *float32, c1, c3 float32)
}

var active = implementation(cpu.Name())
