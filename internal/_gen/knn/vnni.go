package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	. "codegraph/internal/gen/emit"
	"codegraph/internal/gen/vnni"
)

// coarseSignature is that of the searches over words; package knn says
// what it means.
const coarseSignature = "func(k int, a, b, rowMax, colMax *int32, rowTag, colTag, low int32)"

// groups is how many maxima a row and a column of a tile have.
const groups = 2

func integers() {
	coarse("searchBytesVNNI", "4 bytes", "VPDPBUSD")
	coarse("searchPairsVNNI", "2 sixteen-bit numbers", "VPDPWSSD")
	rowTops()
	rowsAbove("rowAboveAVX512", "rowMax", "for each of a panel's rows, which of its maxima", func(r, g int) int { return g*mr512 + r })
	colTops()
	colAbove()
	rowsAbove("scoresAboveAVX512", "scores", "for each row of a tile of scores, in which of its columns they", func(r, h int) int { return 2*r + h })
	peakWords("peakBytesVNNI", "VPDPBUSD")
	peakWords("peakPairsVNNI", "VPDPWSSD")
}

// coarse emits the search over the 12 × 32 product of two panels of words.
// The panels' biases are what sums start from.
func coarse(name, what, opcode string) {
	TEXT(name, NOSPLIT, coarseSignature)
	Doc(fmt.Sprintf("%s updates row and column maxima with the 12 × 32 product of two panels of %s a word.", name, what))
	k, a, b := Arg("k"), Arg("a"), Arg("b")
	var acc [mr512][2]reg.VecVirtual
	step := func(do func(r int, av, b0, b1 reg.VecVirtual)) {
		b0, b1 := ZMM(), ZMM()
		VMOVDQU32(Mem{Base: b}, b0)
		VMOVDQU32(Mem{Base: b, Disp: 64}, b1)
		for r := range acc {
			av := ZMM()
			VPBROADCASTD(Mem{Base: a, Disp: 4 * r}, av)
			do(r, av, b0, b1)
		}
		ADDQ(U32(4*mr512), a)
		ADDQ(U32(4*nr512), b)
	}
	step(func(r int, av, b0, b1 reg.VecVirtual) {
		acc[r] = [2]reg.VecVirtual{ZMM(), ZMM()}
		VPADDD(b0, av, acc[r][0])
		VPADDD(b1, av, acc[r][1])
	})
	Label("depth")
	step(func(r int, av, b0, b1 reg.VecVirtual) {
		vnni.Dot(opcode, av, b0, acc[r][0])
		vnni.Dot(opcode, av, b1, acc[r][1])
	})
	DECQ(k)
	JNZ(LabelRef("depth"))
	tagMaxima(acc)
	VZEROUPPER()
	RET()
}

// lowBits, of VPTERNLOGD: where the third operand's bit is set the second's,
// else the first's.
const lowBits = 0xd8

// tagMaxima folds the sums, their low bits replaced by a tag, into the maxima.
func tagMaxima(acc [mr512][2]reg.VecVirtual) {
	rowMax, colMax := Arg("rowMax"), Arg("colMax")
	low, tag0, tag1, colTag := broadcast("low"), broadcast("rowTag"), ZMM(), broadcast("colTag")
	VPADDD_BCST(NewDataAddr(Symbol{Name: "ones", Static: true}, 0), tag0, tag1)
	tags := [2]reg.VecVirtual{tag0, tag1}
	for r := range acc {
		for h, v := range acc[r] {
			foldColumns(v, low, colTag, tags[h], Mem{Base: colMax, Disp: 4 * (nr512*r + 16*h)})
		}
		foldRow(acc[r], Mem{Base: rowMax, Disp: 64 * r})
	}
}

// foldColumns folds the sums v, tagged for their columns, into the maxima at
// to, and tags them for their row.
func foldColumns(v, low, colTag, rowTag reg.VecVirtual, to Mem) {
	t := ZMM()
	VMOVDQA32(v, t)
	VPTERNLOGD(U8(lowBits), low, colTag, t)
	VPMAXSD(to, t, t)
	VMOVDQU32(t, to)
	VPTERNLOGD(U8(lowBits), low, rowTag, v)
}

// foldRow folds the two halves of a row into its maxima.
func foldRow(row [2]reg.VecVirtual, to Mem) {
	VPMAXSD(row[1], row[0], row[0])
	VPMAXSD(to, row[0], row[0])
	VMOVDQU32(row[0], to)
}

func broadcast(param string) reg.VecVirtual {
	n, v := GP32(), ZMM()
	Load(Param(param), n)
	VPBROADCASTD(n, v)
	return v
}

func rowTops() {
	TEXT("rowTopsAVX512", NOSPLIT, "func(rowMax, top *int32)")
	Doc("rowTopsAVX512 stores the greatest maximum of each of a panel's rows at top.")
	rowMax, top := Arg("rowMax"), Arg("top")
	for r := range mr512 {
		v, t := ZMM(), ZMM()
		VMOVDQU32(Mem{Base: rowMax, Disp: 64 * r}, v)
		for g := 1; g < groups; g++ {
			VPMAXSD(Mem{Base: rowMax, Disp: 64 * (g*mr512 + r)}, v, v)
		}
		VSHUFI32X4(U8(0x4e), v, v, t)
		VPMAXSD(t, v, v)
		VSHUFI32X4(U8(0xb1), v, v, t)
		VPMAXSD(t, v, v)
		VPSHUFD(U8(0x4e), v, t)
		VPMAXSD(t, v, v)
		VPSHUFD(U8(0xb1), v, t)
		VPMAXSD(t, v, v)
		VMOVD(v.AsX(), Mem{Base: top, Disp: 4 * r})
	}
	VZEROUPPER()
	RET()
}

// rowsAbove emits the comparison of vectors of values, of which each row has two, with
// a least value of its own. at is the place of vector k of row r.
func rowsAbove(name, values, what string, at func(r, k int) int) {
	TEXT(name, NOSPLIT, "func("+values+", least *int32, masks *uint32)")
	Doc(name + " stores, " + what + " are at least least.")
	from, least, masks := Arg(values), Arg("least"), Arg("masks")
	for r := range mr512 {
		v := ZMM()
		VPBROADCASTD(Mem{Base: least, Disp: 4 * r}, v)
		for k := range 2 {
			above := K()
			VPCMPD(U8(lessEqual), Mem{Base: from, Disp: 64 * at(r, k)}, v, above)
			KMOVW(above, Mem{Base: masks, Disp: 4*r + 2*k})
		}
	}
	VZEROUPPER()
	RET()
}

func colTops() {
	TEXT("colTopsAVX512", NOSPLIT, "func(colMax, top *int32)")
	Doc("colTopsAVX512 stores the greatest maximum of each of a panel's columns at top.")
	colMax, top := Arg("colMax"), Arg("top")
	for h := range 2 {
		v := ZMM()
		VMOVDQU32(Mem{Base: colMax, Disp: 64 * h}, v)
		for i := 1; i < groups*mr512; i++ {
			VPMAXSD(Mem{Base: colMax, Disp: 64 * (2*i + h)}, v, v)
		}
		VMOVDQU32(v, Mem{Base: top, Disp: 64 * h})
	}
	VZEROUPPER()
	RET()
}

func colAbove() {
	TEXT("colAboveAVX512", NOSPLIT, "func(colMax, least *int32, masks *uint32)")
	Doc("colAboveAVX512 stores, for each row of maxima, in which of a panel's columns they are at least least.")
	colMax, least, masks := Arg("colMax"), Arg("least"), Arg("masks")
	for h := range 2 {
		v := ZMM()
		VMOVDQU32(Mem{Base: least, Disp: 64 * h}, v)
		for i := range groups * mr512 {
			k := K()
			VPCMPD(U8(lessEqual), Mem{Base: colMax, Disp: 64 * (2*i + h)}, v, k)
			KMOVW(k, Mem{Base: masks, Disp: 4*i + 2*h})
		}
	}
	VZEROUPPER()
	RET()
}

func peakWords(name, opcode string) {
	const sums = 24
	TEXT(name, NOSPLIT, "func(n int)")
	Doc(fmt.Sprintf("%s does %d %s of whole vectors n times, in registers.", name, sums, opcode))
	n := Arg("n")
	x, y := ZMM(), ZMM()
	Zero(x)
	Zero(y)
	var acc [sums]reg.VecVirtual
	for i := range acc {
		acc[i] = ZMM()
		Zero(acc[i])
	}
	Label("loop")
	for i := range acc {
		vnni.Dot(opcode, x, y, acc[i])
	}
	DECQ(n)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}
