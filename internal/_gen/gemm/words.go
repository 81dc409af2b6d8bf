package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	. "codegraph/internal/gen/emit"
	"codegraph/internal/gen/vnni"
)

// wordRows is how many rows the tile of words has; it is two vectors wide.
const wordRows = 12

// tileWords emits the product of rows of words, row-major with a stride, with
// a packed panel of words: two 16-bit numbers each.
func tileQuant() {
	TEXT("tileQuantVNNI", NOSPLIT, "func(k int, a *int32, lda int, b *int32, rows, cols *float32, add int, dst *float32, ldd int)")
	Doc("tileQuantVNNI multiplies 12 rows of words and a panel of 32 columns, scales sums by rows and cols and,",
		"if add is -1 and not 0, adds what is in dst; lda and ldd count elements.")
	k := Arg("k")
	lda := isa{}.stride("lda")
	b := Arg("b")
	bases := []reg.Register{Arg("a")}
	for len(bases) < wordRows/3 {
		bases = append(bases, threeOn(bases[len(bases)-1], lda))
	}
	var acc [wordRows][2]reg.VecVirtual
	for r := range acc {
		acc[r] = [2]reg.VecVirtual{ZMM(), ZMM()}
		Zero(acc[r][0])
		Zero(acc[r][1])
	}
	Label("depthQuant")
	b0, b1 := ZMM(), ZMM()
	VMOVDQU32(Mem{Base: b}, b0)
	VMOVDQU32(Mem{Base: b, Disp: 64}, b1)
	for r := range acc {
		av := ZMM()
		VPBROADCASTD(row(bases[r/3], lda, r%3, 0), av)
		vnni.Dot("VPDPWSSD", av, b0, acc[r][0])
		vnni.Dot("VPDPWSSD", av, b1, acc[r][1])
	}
	for _, base := range bases {
		ADDQ(U32(4), base)
	}
	ADDQ(U32(128), b)
	DECQ(k)
	JNZ(LabelRef("depthQuant"))
	scaled(acc)
	VZEROUPPER()
	RET()
}

// scaled emits the end of a tile of words: sums as numbers, times the scales
// of their row and column, on top of dst.
func scaled(acc [wordRows][2]reg.VecVirtual) {
	rows, cols := Arg("rows"), Arg("cols")
	dst, ldd := Arg("dst"), isa{}.stride("ldd")
	add, mask := GP64(), K()
	Load(Param("add"), add)
	KMOVW(add.As32(), mask)
	c := [2]reg.VecVirtual{ZMM(), ZMM()}
	VMOVUPS(Mem{Base: cols}, c[0])
	VMOVUPS(Mem{Base: cols, Disp: 64}, c[1])
	for r := range acc {
		for h, v := range acc[r] {
			before := ZMM()
			VMOVUPS_Z(Mem{Base: dst, Disp: 64 * h}, mask, before)
			VCVTDQ2PS(v, v)
			VMULPS_BCST(Mem{Base: rows, Disp: 4 * r}, v, v)
			VFMADD213PS(before, c[h], v)
			VMOVUPS(v, Mem{Base: dst, Disp: 64 * h})
		}
		if r+1 < len(acc) {
			ADDQ(ldd, dst)
		}
	}
}

// magnitude emits the lane-wise maxima of |x|.
func magnitude() {
	TEXT("magnitudeAVX512", NOSPLIT, "func(n int, x, part *float32)")
	Doc("magnitudeAVX512 stores the lane-wise maxima of |x| at part, 16 lanes.")
	part, m, bits := Arg("part"), ZMM(), ZMM()
	Zero(m)
	VPTERNLOGD(U8(0xff), bits, bits, bits)
	VPSRLD(U8(1), bits, bits)
	isa{vector: ZMM}.each("magnitude", func(at Mem) {
		v := ZMM()
		VPANDD(at, bits, v)
		VPMAXUD(v, m, m) // as integers: NaN is the greatest
	})
	VMOVUPS(m, Mem{Base: part})
	VZEROUPPER()
	RET()
}

// round emits x·scale as 16-bit numbers.
func round() {
	TEXT("roundAVX512", NOSPLIT, "func(n int, x *float32, scale float32, out *int32)")
	Doc("roundAVX512 stores x·scale, rounded to even, as 16-bit numbers at out.")
	out, scale := Arg("out"), isa{vector: ZMM}.spread("scale")
	isa{vector: ZMM}.each("round", func(at Mem) {
		v := ZMM()
		VMULPS(at, scale, v)
		VCVTPS2DQ(v, v)
		VPMOVSDW(v, Mem{Base: out})
		ADDQ(U32(32), out)
	})
	VZEROUPPER()
	RET()
}
