// Command gen writes the amd64 assembly of package imageset.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	. "codegraph/internal/gen/emit"
)

const (
	filterBits = 32 - 8 - 2
	pixel      = 4 // bytes
)

func main() {
	ConstraintExpr("!noasm")
	alongRow()
	acrossRows()
	Generate()
}

// alongRow weighs two neighbours at a time, and one at the end of an odd number:
// nothing is read beyond them.
func alongRow() {
	pairs := GLOBL("pairs", RODATA|NOPTR) // of weights, each for the four bytes of its pixel
	for l := range 8 {
		DATA(4*l, U32(uint32(l/4)))
	}
	TEXT("alongRowAVX2", NOSPLIT, "func(n int, dst, src *uint8, spans *int, weights *int32)")
	Doc("alongRowAVX2 writes n pixels, each from those of src that the next span has, its first and how many, with the weights that follow.")
	n, dst, src, spans, weights := Arg("n"), Arg("dst"), Arg("src"), Arg("spans"), Arg("weights")
	order, e := YMM(), newEnding()
	VMOVDQU(pairs, order)
	Label("pixel")
	p, k, sum := GP64(), GP64(), YMM()
	MOVQ(Mem{Base: spans}, p)
	MOVQ(Mem{Base: spans, Disp: 8}, k)
	ADDQ(U32(16), spans)
	LEAQ(Mem{Base: src, Index: p, Scale: pixel}, p)
	VPXOR(sum, sum, sum)
	SUBQ(U32(2), k)
	JLT(LabelRef("last"))
	Label("two")
	v, w := YMM(), YMM()
	VPMOVZXBD(Mem{Base: p}, v)
	VPBROADCASTQ(Mem{Base: weights}, w)
	VPERMILPS(order, w, w)
	VPMULLD(w, v, v)
	VPADDD(v, sum, sum)
	ADDQ(U32(2*pixel), p)
	ADDQ(U32(8), weights)
	SUBQ(U32(2), k)
	JGE(LabelRef("two"))
	Label("last")
	high, x := XMM(), sum.AsX()
	VEXTRACTI128(U8(1), sum, high)
	VPADDD(high, x, x)
	ADDQ(U32(2), k)
	JZ(LabelRef("store"))
	one, weight := XMM(), XMM()
	VPMOVZXBD(Mem{Base: p}, one)
	VPBROADCASTD(Mem{Base: weights}, weight)
	ADDQ(U32(4), weights)
	VPMULLD(weight, one, one)
	VPADDD(one, x, x)
	Label("store")
	VPADDD(e.half.AsX(), x, x)
	VPSRAD(U8(filterBits), x, x)
	VPACKSSDW(x, x, x)
	VPACKUSWB(x, x, x)
	VPOR(e.opaque.AsX(), x, x)
	VMOVD(x, Mem{Base: dst})
	ADDQ(U32(pixel), dst)
	DECQ(n)
	JNZ(LabelRef("pixel"))
	VZEROUPPER()
	RET()
}

// acrossRows weighs the rows above one another of two pixels at a time.
func acrossRows() {
	TEXT("acrossRowsAVX2", NOSPLIT, "func(n int, dst, src *uint8, stride, rows int, weights *int32)")
	Doc("acrossRowsAVX2 writes n pixels, an even number, each from those of as many rows, stride bytes apart, with their weights.")
	n, dst, src, stride := Arg("n"), Arg("dst"), Arg("src"), Arg("stride")
	e := newEnding()
	Label("columns")
	p, k, w, sum := GP64(), GP64(), GP64(), YMM()
	MOVQ(src, p)
	Load(Param("rows"), k)
	Load(Param("weights"), w)
	VPXOR(sum, sum, sum)
	Label("row")
	v, weight := YMM(), YMM()
	VPMOVZXBD(Mem{Base: p}, v)
	VPBROADCASTD(Mem{Base: w}, weight)
	VPMULLD(weight, v, v)
	VPADDD(v, sum, sum)
	ADDQ(stride, p)
	ADDQ(U32(4), w)
	DECQ(k)
	JNZ(LabelRef("row"))
	VPADDD(e.half, sum, sum)
	VPSRAD(U8(filterBits), sum, sum)
	VPACKSSDW(sum, sum, sum) // of each half by itself
	VPACKUSWB(sum, sum, sum)
	high, x := XMM(), sum.AsX()
	VEXTRACTI128(U8(1), sum, high)
	VPUNPCKLDQ(high, x, x)
	VPOR(e.opaque.AsX(), x, x)
	VMOVQ(x, Mem{Base: dst})
	ADDQ(U32(2*pixel), src)
	ADDQ(U32(2*pixel), dst)
	SUBQ(U32(2), n)
	JNZ(LabelRef("columns"))
	VZEROUPPER()
	RET()
}

// ending is what rounds sums and makes pixels opaque.
type ending struct{ half, opaque reg.VecVirtual }

func newEnding() ending {
	return ending{broadcast("half", 1<<(filterBits-1)), broadcast("opaque", 0xff<<24)}
}

// broadcast is a vector of v.
func broadcast(name string, v uint32) reg.VecVirtual {
	y := YMM()
	if !made[name] {
		made[name] = true
		GLOBL(name, RODATA|NOPTR)
		DATA(0, U32(v))
	}
	VPBROADCASTD(NewDataAddr(Symbol{Name: name, Static: true}, 0), y)
	return y
}

var made = make(map[string]bool)
