package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	. "codegraph/internal/gen/emit"
)

func avx2() {
	tileOf("AVX2", mr2, nr2, YMM)

	TEXT("searchAVX2", NOSPLIT, searchSignature)
	Doc("searchAVX2 updates row and column maxima with the 6 × 16 product of two panels.")
	search2(product(mr2, YMM, true))
	VZEROUPPER()
	RET()

	reduce2()

	TEXT("sqdistAVX2", NOSPLIT, "func(n int, a, b *float32) float32")
	Doc("sqdistAVX2 is the squared Euclidean distance of two vectors; n is a positive multiple of 16.")
	n, a, b := Arg("n"), Arg("a"), Arg("b")
	sum, sum1, d, d1 := YMM(), YMM(), YMM(), YMM()
	Zero(sum)
	Zero(sum1)
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

// search2 is search512 with blends for masks.
func search2(acc [][2]reg.VecVirtual) {
	colMax := Arg("colMax")
	for h := range acc[0] {
		skip, n := fmt.Sprintf("next%d", h), GP32()
		cm := Mem{Base: colMax, Disp: 32 * h}
		top := maximum(acc, h, YMM)
		VCMPPS(U8(greater), cm, top, top)
		VMOVMSKPS(top, n)
		TESTL(n, n)
		JZ(LabelRef(skip))
		column2(acc, h, cm)
		Label(skip)
	}
	rowMax, rowIdx := Arg("rowMax"), Arg("rowIdx")
	block, n := [2]reg.VecVirtual{YMM(), YMM()}, GP32()
	Load(Param("block"), n)
	for h := range block {
		VMOVD(n, block[h].AsX())
		VPBROADCASTD(block[h].AsX(), block[h])
		INCL(n)
	}
	for r := range acc {
		max, idx := Mem{Base: rowMax, Disp: 32 * r}, Mem{Base: rowIdx, Disp: 32 * r}
		old, mask := YMM(), YMM()
		VCMPPS(U8(greater), acc[r][0], acc[r][1], mask)
		VMAXPS(acc[r][1], acc[r][0], acc[r][0])
		VBLENDVPS(mask, block[1], block[0], acc[r][1])
		VMOVUPS(max, old)
		VCMPPS(U8(greater), old, acc[r][0], mask)
		VMAXPS(old, acc[r][0], acc[r][0])
		VMOVUPS(acc[r][0], max)
		VMOVUPS(idx, old)
		VBLENDVPS(mask, acc[r][1], old, old)
		VMOVUPS(old, idx)
	}
}

// column2 updates the maxima of column vector h and their rows.
func column2(acc [][2]reg.VecVirtual, h int, max Mem) {
	idx := Mem{Base: Arg("colIdx"), Disp: 32 * h}
	n := GP32()
	Load(Param("row"), n)
	cm, ci := YMM(), YMM()
	VMOVUPS(max, cm)
	VMOVUPS(idx, ci)
	for r := range acc {
		better, row := YMM(), YMM()
		VCMPPS(U8(greater), cm, acc[r][h], better)
		VBLENDVPS(better, acc[r][h], cm, cm)
		VMOVD(n, row.AsX())
		VPBROADCASTD(row.AsX(), row)
		VBLENDVPS(better, row, ci, ci)
		INCL(n)
	}
	VMOVUPS(cm, max)
	VMOVUPS(ci, idx)
}

func reduce2() {
	TEXT("reduceAVX2", NOSPLIT, reduceSignature)
	Doc("reduceAVX2 finds for each of n rows the first column of its maximum.")
	reduce(YMM, func(v, idx, lanes reg.VecVirtual) reg.VecVirtual {
		top, t := YMM(), YMM()
		VPERM2F128(U8(1), v, v, t)
		VMAXPS(t, v, top)
		VPERMILPS(U8(0x4e), top, t)
		VMAXPS(t, top, top)
		VPERMILPS(U8(0xb1), top, t)
		VMAXPS(t, top, top)
		col := YMM()
		VCMPPS(U8(notEqual), top, v, col)
		VPSLLD(U8(3), idx, idx)
		VPOR(lanes, idx, idx)
		VPOR(idx, col, col)
		VPERM2I128(U8(1), col, col, t)
		VPMINUD(t, col, col)
		VPSHUFD(U8(0x4e), col, t)
		VPMINUD(t, col, col)
		VPSHUFD(U8(0xb1), col, t)
		VPMINUD(t, col, col)
		return col
	})
}
