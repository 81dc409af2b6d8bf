package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	. "codegraph/internal/gen/emit"
)

func avx512() {
	tileOf("AVX512", mr512, nr512, ZMM)

	ones := GLOBL("ones", RODATA|NOPTR)
	DATA(0, U32(1))
	GLOBL("iota", RODATA|NOPTR)
	for l := range 16 {
		DATA(4*l, U32(uint32(l)))
	}

	TEXT("searchAVX512", NOSPLIT, searchSignature)
	Doc("searchAVX512 updates row and column maxima with the 12 × 32 product of two panels.")
	search512(product(mr512, ZMM, true), ones)
	VZEROUPPER()
	RET()

	reduce512()

	TEXT("sqdistAVX512", NOSPLIT, "func(n int, a, b *float32) float32")
	Doc("sqdistAVX512 is the squared Euclidean distance of two vectors; n is a positive multiple of 16.")
	sqdist512()
	sqdistPairs512()
}

func sqdist512() {
	n, a, b := Arg("n"), Arg("a"), Arg("b")
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
	storeSum(halves(sum))
}

// halves is the sum of the halves of z.
func halves(z reg.VecVirtual) reg.VecVirtual {
	high, low := YMM(), YMM()
	VEXTRACTF64X4(U8(1), z, high)
	VEXTRACTF64X4(U8(0), z, low)
	VADDPS(high, low, low)
	return low
}

// sqdistPairs512 adds up every distance in the order of sqdist512, four side by
// side.
func sqdistPairs512() {
	const together = 4
	TEXT("sqdistPairsAVX512", NOSPLIT, "func(n int, a, b *float32, pairs *int32, count int, out *float32)")
	Doc("sqdistPairsAVX512 stores sqdistAVX512 of count pairs of rows of n elements at out; count is a positive multiple of 4.")
	n, a, b, pairs, count, out := Arg("n"), Arg("a"), Arg("b"), Arg("pairs"), Arg("count"), Arg("out")
	SHLQ(U8(2), n)
	Label("pairs")
	var x, y [together]reg.GPVirtual
	var sums [together]reg.VecVirtual
	for i := range sums {
		x[i], y[i], sums[i] = GP64(), GP64(), ZMM()
		MOVLQSX(Mem{Base: pairs, Disp: 8 * i}, x[i])
		MOVLQSX(Mem{Base: pairs, Disp: 8*i + 4}, y[i])
		for _, at := range [2]struct{ row, base reg.Register }{{x[i], a}, {y[i], b}} {
			IMULQ(n, at.row)
			ADDQ(at.base, at.row)
		}
		Zero(sums[i])
	}
	at := GP64()
	XORQ(at, at)
	Label("columns")
	for i := range sums {
		d := ZMM()
		VMOVUPS(Mem{Base: x[i], Index: at, Scale: 1}, d)
		VSUBPS(Mem{Base: y[i], Index: at, Scale: 1}, d, d)
		VFMADD231PS(d, d, sums[i])
	}
	ADDQ(U32(64), at)
	CMPQ(at, n)
	JNE(LabelRef("columns"))
	var quarters [together]reg.Register
	for i, z := range sums {
		quarters[i] = quarter(halves(z))
	}
	VHADDPS(quarters[1], quarters[0], quarters[0])
	VHADDPS(quarters[3], quarters[2], quarters[2])
	VHADDPS(quarters[2], quarters[0], quarters[0])
	VMOVUPS(quarters[0], Mem{Base: out})
	ADDQ(U32(8*together), pairs)
	ADDQ(U32(4*together), out)
	SUBQ(U32(together), count)
	JNZ(LabelRef("pairs"))
	VZEROUPPER()
	RET()
}

// search512 takes columns first: most tiles raise no column maximum, which a
// maximum over the rows finds out before any index is touched.
func search512(acc [][2]reg.VecVirtual, ones Mem) {
	colMax := Arg("colMax")
	var cm, top [2]reg.VecVirtual
	var better [2]reg.OpmaskVirtual
	for h := range cm {
		cm[h], better[h] = ZMM(), K()
		VMOVUPS(Mem{Base: colMax, Disp: 64 * h}, cm[h])
		top[h] = maximum(acc, h, ZMM)
		VCMPPS(U8(greater), cm[h], top[h], better[h])
	}
	KORTESTW(better[0], better[1])
	JZ(LabelRef("rows"))
	columns512(acc, cm, colMax, ones)
	Label("rows")
	rowMax, rowIdx := Arg("rowMax"), Arg("rowIdx")
	block, n := ZMM(), GP32()
	Load(Param("block"), n)
	VPBROADCASTD(n, block)
	for r := range acc {
		half, better, idx := K(), K(), ZMM()
		VCMPPS(U8(greater), acc[r][0], acc[r][1], half)
		VMAXPS(acc[r][1], acc[r][0], acc[r][0])
		VMOVDQA32(block, idx)
		VPADDD_BCST(ones, block, half, idx)
		VCMPPS(U8(greater), Mem{Base: rowMax, Disp: 64 * r}, acc[r][0], better)
		VMOVUPS(acc[r][0], better, Mem{Base: rowMax, Disp: 64 * r})
		VMOVDQU32(idx, better, Mem{Base: rowIdx, Disp: 64 * r})
	}
}

// columns512 updates column maxima and their rows.
func columns512(acc [][2]reg.VecVirtual, cm [2]reg.VecVirtual, colMax reg.Register, ones Mem) {
	colIdx := Arg("colIdx")
	row, n := ZMM(), GP32()
	Load(Param("row"), n)
	VPBROADCASTD(n, row)
	var ci [2]reg.VecVirtual
	for h := range ci {
		ci[h] = ZMM()
		VMOVDQU32(Mem{Base: colIdx, Disp: 64 * h}, ci[h])
	}
	for r := range acc {
		for h := range acc[r] {
			k := K()
			VCMPPS(U8(greater), cm[h], acc[r][h], k)
			VMOVAPS(acc[r][h], k, cm[h])
			VMOVDQA32(row, k, ci[h])
		}
		VPADDD_BCST(ones, row, row)
	}
	for h := range cm {
		VMOVUPS(cm[h], Mem{Base: colMax, Disp: 64 * h})
		VMOVDQU32(ci[h], Mem{Base: colIdx, Disp: 64 * h})
	}
}

func reduce512() {
	TEXT("reduceAVX512", NOSPLIT, reduceSignature)
	Doc("reduceAVX512 finds for each of n rows the first column of its maximum.")
	reduce(ZMM, func(v, idx, lanes reg.VecVirtual) reg.VecVirtual {
		// the maximum in every lane
		top, t := ZMM(), ZMM()
		VSHUFF32X4(U8(0x4e), v, v, t)
		VMAXPS(t, v, top)
		VSHUFF32X4(U8(0xb1), top, top, t)
		VMAXPS(t, top, top)
		VPERMILPS(U8(0x4e), top, t)
		VMAXPS(t, top, top)
		VPERMILPS(U8(0xb1), top, t)
		VMAXPS(t, top, top)
		k, col := K(), ZMM()
		VCMPPS(U8(equal), top, v, k)
		VPSLLD(U8(4), idx, idx)
		VPTERNLOGD(U8(0xff), col, col, col)
		VPORD(lanes, idx, k, col)
		// the least of the columns that have it, as unsigned numbers
		VSHUFI32X4(U8(0x4e), col, col, t)
		VPMINUD(t, col, col)
		VSHUFI32X4(U8(0xb1), col, col, t)
		VPMINUD(t, col, col)
		VPSHUFD(U8(0x4e), col, t)
		VPMINUD(t, col, col)
		VPSHUFD(U8(0xb1), col, t)
		VPMINUD(t, col, col)
		return col
	})
}
