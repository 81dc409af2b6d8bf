package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	. "codegraph/internal/gen/emit"
)

// product emits the mr × 2 vectors product of two panels over the depth k,
// one vector of which holds 16 (zmm) or 8 (ymm) columns. With bias it adds to
// this what the panels hold behind that depth. That comes last: sums that
// start small round less.
func product(mr int, vector func() reg.VecVirtual, bias bool) [][2]reg.VecVirtual {
	k, a, b := Arg("k"), Arg("a"), Arg("b")
	acc := make([][2]reg.VecVirtual, mr)
	for r := range acc {
		for h := range acc[r] {
			acc[r][h] = vector()
			Zero(acc[r][h])
		}
	}
	width := int(acc[0][0].Size())
	step := func(do func(r int, av, b0, b1 reg.VecVirtual)) {
		b0, b1 := vector(), vector()
		VMOVUPS(Mem{Base: b}, b0)
		VMOVUPS(Mem{Base: b, Disp: width}, b1)
		for r := range acc {
			av := vector()
			VBROADCASTSS(Mem{Base: a, Disp: 4 * r}, av)
			do(r, av, b0, b1)
		}
	}
	Label("depth")
	step(func(r int, av, b0, b1 reg.VecVirtual) {
		VFMADD231PS(b0, av, acc[r][0])
		VFMADD231PS(b1, av, acc[r][1])
	})
	ADDQ(U32(uint32(4*mr)), a)
	ADDQ(U32(uint32(2*width)), b)
	DECQ(k)
	JNZ(LabelRef("depth"))
	if bias {
		step(func(r int, av, b0, b1 reg.VecVirtual) {
			sum := vector()
			VADDPS(b0, av, sum)
			VADDPS(sum, acc[r][0], acc[r][0])
			VADDPS(b1, av, sum)
			VADDPS(sum, acc[r][1], acc[r][1])
		})
	}
	return acc
}

// tileOf emits the function that stores the product of two panels.
func tileOf(suffix string, mr, nr int, vector func() reg.VecVirtual) {
	TEXT("tile"+suffix, NOSPLIT, "func(k int, a, b, dst *float32)")
	Doc(fmt.Sprintf("tile%s stores the %d × %d product of two panels at dst, row by row.", suffix, mr, nr))
	acc := product(mr, vector, false)
	dst := Arg("dst")
	width := int(acc[0][0].Size())
	for r := range acc {
		for h := range acc[r] {
			VMOVUPS(acc[r][h], Mem{Base: dst, Disp: 4*nr*r + width*h})
		}
	}
	VZEROUPPER()
	RET()
}

// maximum returns the greatest of the rows of acc in column vector h.
func maximum(acc [][2]reg.VecVirtual, h int, vector func() reg.VecVirtual) reg.VecVirtual {
	even, odd := vector(), vector()
	VMAXPS(acc[0][h], acc[2][h], even)
	VMAXPS(acc[1][h], acc[3][h], odd)
	for r := 4; r < len(acc); r += 2 {
		VMAXPS(acc[r][h], even, even)
		VMAXPS(acc[r+1][h], odd, odd)
	}
	VMAXPS(odd, even, even)
	return even
}

// storeSum returns the sum of the eight lanes of y.
func storeSum(y reg.VecVirtual) {
	x := quarter(y)
	VHADDPS(x, x, x)
	VHADDPS(x, x, x)
	VZEROUPPER()
	Store(x, ReturnIndex(0))
	RET()
}

// quarter is the sum of the halves of y.
func quarter(y reg.VecVirtual) reg.Register {
	high := XMM()
	VEXTRACTF128(U8(1), y, high)
	x := y.AsX()
	VADDPS(high, x, x)
	return x
}

// reduce emits the loop over rows around one.
func reduce(vector func() reg.VecVirtual, one func(v, idx, lanes reg.VecVirtual) reg.VecVirtual) {
	n, rowMax, rowIdx, col := Arg("n"), Arg("rowMax"), Arg("rowIdx"), Arg("col")
	lanes, v, idx := vector(), vector(), vector()
	width := uint32(lanes.Size())
	VMOVUPS(NewDataAddr(Symbol{Name: "iota", Static: true}, 0), lanes)
	Label("loop")
	VMOVUPS(Mem{Base: rowMax}, v)
	VMOVUPS(Mem{Base: rowIdx}, idx)
	VMOVD(one(v, idx, lanes).AsX(), Mem{Base: col})
	ADDQ(U32(width), rowMax)
	ADDQ(U32(width), rowIdx)
	ADDQ(U32(4), col)
	DECQ(n)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}
