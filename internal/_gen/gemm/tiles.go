package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	. "codegraph/internal/gen/emit"
	"codegraph/internal/gen/tile"
)

// blockRows is how many rows and columns a block has.
const blockRows = 32

// tiles emits the product of blocks of 32 rows of pairs in bfloat16, row-major
// with a stride, and a packed panel of such pairs. Registers are physical:
// bytes do not tell avo what they use.
func tiles() {
	a, b, dst, blocks := reg.RAX, reg.R8, reg.RDI, reg.RDX
	lda, ldd, ldb := reg.R9, reg.R10, reg.R11 // in bytes
	depth, left, other, right := reg.RCX, reg.RBX, reg.R12, reg.RSI
	lower := reg.R13 // the second half of a block of dst

	TEXT("tilesBF16AMX", NOSPLIT, "func(k, blocks int, a *int32, lda int, b *int32, add int, dst *float32, ldd int)")
	Doc("tilesBF16AMX multiplies blocks of 32 rows, k times 16 pairs in bfloat16, and a panel of 32 columns and, if add is not 0,",
		"adds what is in dst; lda and ldd count elements.")
	LEAQ(tile.Configuration("tiles", 16), depth)
	tile.Configure(depth)
	Load(Param("a"), a)
	Load(Param("b"), b)
	Load(Param("dst"), dst)
	Load(Param("blocks"), blocks)
	Load(Param("lda"), lda)
	SHLQ(U8(2), lda)
	Load(Param("ldd"), ldd)
	SHLQ(U8(2), ldd)
	MOVQ(U32(4*blockRows), ldb)

	Label("block")
	MOVQ(ldd, lower)
	SHLQ(U8(4), lower)
	ADDQ(dst, lower)
	Load(Param("add"), depth)
	TESTQ(depth, depth)
	JEQ(LabelRef("fresh"))
	for t := range 4 {
		tile.Load(t, []reg.Register{dst, lower}[t/2], ldd, t%2*64)
	}
	JMP(LabelRef("begin"))
	Label("fresh")
	for t := range 4 {
		tile.Zero(t)
	}
	Label("begin")
	Load(Param("k"), depth)
	MOVQ(a, left)
	MOVQ(lda, other)
	SHLQ(U8(4), other)
	ADDQ(a, other)
	MOVQ(b, right)
	Label("depthTiles")
	tile.Multiply(tile.DotBF16, []reg.Register{left, other}, lda, right, ldb)
	ADDQ(U32(64), left)
	ADDQ(U32(64), other)
	ADDQ(U32(16*4*blockRows), right)
	DECQ(depth)
	JNZ(LabelRef("depthTiles"))
	for t := range 4 {
		tile.Store(t, []reg.Register{dst, lower}[t/2], ldd, t%2*64)
	}
	MOVQ(lda, other)
	SHLQ(U8(5), other)
	ADDQ(other, a)
	MOVQ(ldd, other)
	SHLQ(U8(5), other)
	ADDQ(other, dst)
	DECQ(blocks)
	JNZ(LabelRef("block"))
	tile.Release()
	RET()
}

// bf16 emits the rounding of x to bfloat16: to even, NaN to NaN.
func bf16() {
	TEXT("bf16AVX512", NOSPLIT, "func(n int, x *float32, out *int32)")
	Doc("bf16AVX512 stores x, rounded to bfloat16, at out.")
	out := Arg("out")
	one, half, quiet := bits32(1), bits32(0x7fff), bits32(0x40)
	isa{vector: ZMM}.each("bf16", func(at Mem) {
		v, t, nan := ZMM(), ZMM(), K()
		VMOVUPS(at, v)
		VCMPPS(U8(3), v, v, nan) // unordered
		VPSRLD(U8(16), v, t)
		VPANDD(one, t, t)
		VPADDD(half, t, t)
		VPADDD(v, t, t)
		VPSRLD(U8(16), t, t)
		VPSRLD(U8(16), v, v)
		VPORD(quiet, v, nan, t)
		VPMOVDW(t, Mem{Base: out})
		ADDQ(U32(32), out)
	})
	VZEROUPPER()
	RET()
}

// bits32 is a vector of the same number.
func bits32(n uint32) reg.VecVirtual {
	r, v := GP32(), ZMM()
	MOVL(U32(n), r)
	VPBROADCASTD(r, v)
	return v
}
