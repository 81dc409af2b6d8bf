package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	. "codegraph/internal/gen/emit"
)

// peak emits a loop of independent multiply-adds that touch no memory.
func peak(name string, sums int, vector func() reg.VecVirtual) {
	TEXT(name, NOSPLIT, "func(n int)")
	Doc(fmt.Sprintf("%s does %d multiply-adds of whole vectors n times, in registers.", name, sums))
	n := Arg("n")
	x, y := vector(), vector()
	Zero(x)
	Zero(y)
	acc := make([]reg.VecVirtual, sums)
	for i := range acc {
		acc[i] = vector()
		Zero(acc[i])
	}
	Label("loop")
	for i := range acc {
		VFMADD231PS(x, y, acc[i])
	}
	DECQ(n)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}
