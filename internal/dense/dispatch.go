package dense

import "codegraph/internal/knn"

// impl is one implementation of the inner loops.
type impl struct {
	name    string
	mr, nr  int // rows and columns of a tile
	lanes   int // what lengths of x must be a multiple of
	tile    func(k int, a *float32, lda int, b, dst *float32, ldd int)
	max     func(n int, x, part *float32)
	expSum  func(n int, x *float32, shift float32, part *float32)
	gelu    func(n int, x, bias *float32)
	sigmoid func(n int, x, bias *float32, c1, c3 float32)
}

var active = choose(knn.Name())

// choose returns the implementation called name, else the fastest.
func choose(name string) impl {
	all := available()
	for _, im := range all {
		if im.name == name {
			return im
		}
	}
	return all[0]
}

// Name returns the name of the implementation in use.
func Name() string { return active.name }
