// Command gen writes the amd64 assembly of package kernel.
//
// It has a module of its own so that the library does not depend on avo.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func main() {
	ConstraintExpr("!noasm")
	avx512()
	avx2()
	Generate()
}

// greater is the comparison predicate GT_OQ: false when a side is NaN.
const greater = 0x1e

const (
	mr512, nr512 = 12, 32
	mr2, nr2     = 6, 16
)

const searchSignature = "func(k int, a, b, rowMax *float32, rowIdx *int32, colMax *float32, colIdx *int32, row, block int32)"

func avx512() {
	TEXT("tileAVX512", NOSPLIT, "func(k int, a, b, dst *float32)")
	Doc("tileAVX512 stores the 12 × 32 product of two panels at dst, row by row.")
	acc := product(mr512, ZMM)
	dst := Load(Param("dst"), GP64())
	for r := range acc {
		for h := range acc[r] {
			VMOVUPS(acc[r][h], Mem{Base: dst, Disp: 4 * (nr512*r + 16*h)})
		}
	}
	VZEROUPPER()
	RET()

	ones := GLOBL("ones", RODATA|NOPTR)
	DATA(0, U32(1))

	TEXT("searchAVX512", NOSPLIT, searchSignature)
	Doc("searchAVX512 updates row and column maxima with the 12 × 32 product of two panels.")
	search512(product(mr512, ZMM), ones)
	VZEROUPPER()
	RET()

	TEXT("sqdistAVX512", NOSPLIT, "func(n int, a, b *float32) float32")
	Doc("sqdistAVX512 is the squared Euclidean distance of two vectors; n is a positive multiple of 16.")
	n := Load(Param("n"), GP64())
	a := Load(Param("a"), GP64())
	b := Load(Param("b"), GP64())
	sum, d := ZMM(), ZMM()
	VPXORD(sum, sum, sum)
	Label("loop")
	VMOVUPS(Mem{Base: a}, d)
	VSUBPS(Mem{Base: b}, d, d)
	VFMADD231PS(d, d, sum)
	ADDQ(U32(64), a)
	ADDQ(U32(64), b)
	SUBQ(U32(16), n)
	JNZ(LabelRef("loop"))
	high, low := YMM(), YMM()
	VEXTRACTF64X4(U8(1), sum, high)
	VEXTRACTF64X4(U8(0), sum, low)
	VADDPS(high, low, low)
	storeSum(low)
}

// product emits the mr × 2 vectors product of two panels over the depth k,
// one vector of which holds 16 (zmm) or 8 (ymm) columns.
func product(mr int, vector func() reg.VecVirtual) [][2]reg.VecVirtual {
	k := Load(Param("k"), GP64())
	a := Load(Param("a"), GP64())
	b := Load(Param("b"), GP64())
	acc := make([][2]reg.VecVirtual, mr)
	for r := range acc {
		for h := range acc[r] {
			acc[r][h] = vector()
			zero(acc[r][h])
		}
	}
	width := int(acc[0][0].Size())
	b0, b1 := vector(), vector()
	Label("depth")
	VMOVUPS(Mem{Base: b}, b0)
	VMOVUPS(Mem{Base: b, Disp: width}, b1)
	for r := range acc {
		av := vector()
		VBROADCASTSS(Mem{Base: a, Disp: 4 * r}, av)
		VFMADD231PS(b0, av, acc[r][0])
		VFMADD231PS(b1, av, acc[r][1])
	}
	ADDQ(U32(uint32(4*mr)), a)
	ADDQ(U32(uint32(2*width)), b)
	DECQ(k)
	JNZ(LabelRef("depth"))
	return acc
}

func zero(v reg.VecVirtual) {
	if v.Size() == 64 {
		VPXORD(v, v, v)
		return
	}
	VXORPS(v, v, v)
}

func search512(acc [][2]reg.VecVirtual, ones Mem) {
	colMax := Load(Param("colMax"), GP64())
	colIdx := Load(Param("colIdx"), GP64())
	var cm, ci [2]reg.VecVirtual
	for h := range cm {
		cm[h], ci[h] = ZMM(), ZMM()
		VMOVUPS(Mem{Base: colMax, Disp: 64 * h}, cm[h])
		VMOVDQU32(Mem{Base: colIdx, Disp: 64 * h}, ci[h])
	}
	rowMax := Load(Param("rowMax"), GP64())
	rowIdx := Load(Param("rowIdx"), GP64())
	row, block := ZMM(), ZMM()
	n := GP32()
	Load(Param("row"), n)
	VPBROADCASTD(n, row)
	Load(Param("block"), n)
	VPBROADCASTD(n, block)
	for r := range acc {
		for h := range acc[r] {
			k := K()
			VCMPPS(U8(greater), cm[h], acc[r][h], k)
			VMOVAPS(acc[r][h], k, cm[h])
			VMOVDQA32(row, k, ci[h])
		}
		half, better, idx := K(), K(), ZMM()
		VCMPPS(U8(greater), acc[r][0], acc[r][1], half)
		VMOVAPS(acc[r][1], half, acc[r][0])
		VMOVDQA32(block, idx)
		VPADDD_BCST(ones, block, half, idx)
		VCMPPS(U8(greater), Mem{Base: rowMax, Disp: 64 * r}, acc[r][0], better)
		VMOVUPS(acc[r][0], better, Mem{Base: rowMax, Disp: 64 * r})
		VMOVDQU32(idx, better, Mem{Base: rowIdx, Disp: 64 * r})
		VPADDD_BCST(ones, row, row)
	}
	for h := range cm {
		VMOVUPS(cm[h], Mem{Base: colMax, Disp: 64 * h})
		VMOVDQU32(ci[h], Mem{Base: colIdx, Disp: 64 * h})
	}
}

func avx2() {
	TEXT("tileAVX2", NOSPLIT, "func(k int, a, b, dst *float32)")
	Doc("tileAVX2 stores the 6 × 16 product of two panels at dst, row by row.")
	acc := product(mr2, YMM)
	dst := Load(Param("dst"), GP64())
	for r := range acc {
		for h := range acc[r] {
			VMOVUPS(acc[r][h], Mem{Base: dst, Disp: 4 * (nr2*r + 8*h)})
		}
	}
	VZEROUPPER()
	RET()

	TEXT("searchAVX2", NOSPLIT, searchSignature)
	Doc("searchAVX2 updates row and column maxima with the 6 × 16 product of two panels.")
	search2(product(mr2, YMM))
	VZEROUPPER()
	RET()

	TEXT("sqdistAVX2", NOSPLIT, "func(n int, a, b *float32) float32")
	Doc("sqdistAVX2 is the squared Euclidean distance of two vectors; n is a positive multiple of 16.")
	n := Load(Param("n"), GP64())
	a := Load(Param("a"), GP64())
	b := Load(Param("b"), GP64())
	sum, sum1, d, d1 := YMM(), YMM(), YMM(), YMM()
	zero(sum)
	zero(sum1)
	Label("loop")
	VMOVUPS(Mem{Base: a}, d)
	VMOVUPS(Mem{Base: a, Disp: 32}, d1)
	VSUBPS(Mem{Base: b}, d, d)
	VSUBPS(Mem{Base: b, Disp: 32}, d1, d1)
	VFMADD231PS(d, d, sum)
	VFMADD231PS(d1, d1, sum1)
	ADDQ(U32(64), a)
	ADDQ(U32(64), b)
	SUBQ(U32(16), n)
	JNZ(LabelRef("loop"))
	VADDPS(sum1, sum, sum)
	storeSum(sum)
}

// search2 takes columns first: the accumulators are free once they have met
// both the column maxima and the row maxima.
func search2(acc [][2]reg.VecVirtual) {
	colMax := Load(Param("colMax"), GP64())
	colIdx := Load(Param("colIdx"), GP64())
	n := GP32()
	for h := range acc[0] {
		Load(Param("row"), n)
		cm, ci := YMM(), YMM()
		VMOVUPS(Mem{Base: colMax, Disp: 32 * h}, cm)
		VMOVUPS(Mem{Base: colIdx, Disp: 32 * h}, ci)
		for r := range acc {
			better, row := YMM(), YMM()
			VCMPPS(U8(greater), cm, acc[r][h], better)
			VBLENDVPS(better, acc[r][h], cm, cm)
			VMOVD(n, row.AsX())
			VPBROADCASTD(row.AsX(), row)
			VBLENDVPS(better, row, ci, ci)
			INCL(n)
		}
		VMOVUPS(cm, Mem{Base: colMax, Disp: 32 * h})
		VMOVUPS(ci, Mem{Base: colIdx, Disp: 32 * h})
	}
	rowMax := Load(Param("rowMax"), GP64())
	rowIdx := Load(Param("rowIdx"), GP64())
	Load(Param("block"), n)
	next := GP32()
	MOVL(n, next)
	INCL(next)
	for r := range acc {
		max, idx := Mem{Base: rowMax, Disp: 32 * r}, Mem{Base: rowIdx, Disp: 32 * r}
		mask, block, other := YMM(), YMM(), YMM()
		VCMPPS(U8(greater), acc[r][0], acc[r][1], mask)
		VBLENDVPS(mask, acc[r][1], acc[r][0], acc[r][0])
		VMOVD(n, block.AsX())
		VPBROADCASTD(block.AsX(), block)
		VMOVD(next, other.AsX())
		VPBROADCASTD(other.AsX(), other)
		VBLENDVPS(mask, other, block, block)
		VMOVUPS(max, other)
		VCMPPS(U8(greater), other, acc[r][0], mask)
		VBLENDVPS(mask, acc[r][0], other, other)
		VMOVUPS(other, max)
		VMOVUPS(idx, other)
		VBLENDVPS(mask, block, other, other)
		VMOVUPS(other, idx)
	}
}

// storeSum returns the sum of the eight lanes of y.
func storeSum(y reg.VecVirtual) {
	high := XMM()
	VEXTRACTF128(U8(1), y, high)
	x := y.AsX()
	VADDPS(high, x, x)
	VHADDPS(x, x, x)
	VHADDPS(x, x, x)
	VZEROUPPER()
	Store(x, ReturnIndex(0))
	RET()
}
