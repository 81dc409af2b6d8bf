package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"codegraph/internal/gen/tile"
)

func amx() {
	sweep(tile.Configuration("tiles12", mr512))
	peakTiles(tile.Configuration("tiles16", 16))
}

// Sizes in bytes of parts of left panels and of maxima.
const (
	startBytes  = 64             // what sums start from
	depthBytes  = 64 * mr512     // 16 words of every row
	rowMaxBytes = 64 * mr512     // of a left panel and group
	colMaxBytes = 4 * 32 * mr512 // of a right panel and group
	tileBytes   = 4 * 32 * mr512 // of sums
)

// Registers of the sweep. Loops keep their state in them, since bytes do not
// tell avo what they use.
var (
	left      = reg.RAX // panel at hand
	right     = reg.R8  // panel
	remaining = reg.RDX // left panels
	rowMaxima = reg.RDI // of the left panel at hand
	colMaxima = reg.R9
	sums      = reg.R10
	panelSize = reg.R11 // of a left one, in bytes
	depth     = reg.RCX
	leftTile  = []reg.Register{reg.RBX, reg.R12}
	rightTile = reg.RSI
	stride64  = reg.R13
	stride128 = reg.R15
)

// sweep emits the search that takes left panels two at a time, and one at the
// end if their number is odd.
func sweep(tiles Mem) {
	TEXT("sweepBytesAMX", NOSPLIT, "func(k, n int, a, b, rowMax, colMax, sums *int32, rowTag, colTag, low int32)")
	Doc("sweepBytesAMX updates row and column maxima with the products of n left panels of 12 rows, in tiles of k blocks of 16 words,",
		"and a right panel of 32 columns of 4 bytes a word. colTag grows by one with every second panel. sums is scratch memory, [2][12][32].")
	LEAQ(tiles, depth)
	tile.Configure(depth)
	Load(Param("a"), left)
	Load(Param("b"), right)
	Load(Param("n"), remaining)
	Load(Param("rowMax"), rowMaxima)
	Load(Param("colMax"), colMaxima)
	Load(Param("sums"), sums)
	Load(Param("k"), panelSize)
	IMUL3Q(I32(depthBytes), panelSize, panelSize)
	ADDQ(U8(startBytes), panelSize)
	e := newEnding() // takes general registers that avo believes to be free
	MOVQ(U32(64), stride64)
	MOVQ(U32(128), stride128)
	CMPQ(remaining, Imm(2))
	JLT(LabelRef("last"))
	Label("pair")
	tileProduct("pairDepth", 2)
	e.panel(0, Mem{Base: left})
	e.panel(1, Mem{Base: left, Index: panelSize, Scale: 1})
	LEAQ(Mem{Base: left, Index: panelSize, Scale: 2}, left)
	ADDQ(U32(2*groups*rowMaxBytes), rowMaxima)
	VPADDD_BCST(NewDataAddr(Symbol{Name: "ones", Static: true}, 0), e.colTag, e.colTag)
	SUBQ(U8(2), remaining)
	CMPQ(remaining, Imm(2))
	JGE(LabelRef("pair"))
	Label("last")
	TESTQ(remaining, remaining)
	JEQ(LabelRef("done"))
	tileProduct("lastDepth", 1)
	e.panel(0, Mem{Base: left})
	Label("done")
	tile.Release()
	VZEROUPPER()
	RET()
}

// tileProduct emits the products of so many left panels and the right one. The
// right one stays in the first-level cache; left ones pass through.
func tileProduct(label string, panels int) {
	for sum := range 2 * panels {
		tile.Zero(sum)
	}
	Load(Param("k"), depth)
	LEAQ(Mem{Base: left, Disp: startBytes}, leftTile[0])
	if panels == 2 {
		LEAQ(Mem{Base: leftTile[0], Index: panelSize, Scale: 1}, leftTile[1])
	}
	LEAQ(Mem{Base: right, Disp: 128}, rightTile)
	Label(label)
	tile.Multiply(tile.DotBytes, leftTile[:panels], stride64, rightTile, stride128)
	for _, at := range leftTile[:panels] {
		ADDQ(U32(depthBytes), at)
	}
	ADDQ(U32(16*128), rightTile)
	DECQ(depth)
	JNZ(LabelRef(label))
	for sum := range 2 * panels {
		tile.Store(sum, sums, stride128, sum/2*tileBytes+sum%2*64)
	}
}

// ending is what meets the sums of a panel: see tagMaxima.
type ending struct {
	low, colTag  reg.VecVirtual
	tags, starts [2]reg.VecVirtual
}

func newEnding() ending {
	e := ending{low: broadcast("low"), colTag: broadcast("colTag"), tags: [2]reg.VecVirtual{broadcast("rowTag"), ZMM()}, starts: [2]reg.VecVirtual{ZMM(), ZMM()}}
	VPADDD_BCST(NewDataAddr(Symbol{Name: "ones", Static: true}, 0), e.tags[0], e.tags[1])
	for h, v := range e.starts {
		VMOVDQU32(Mem{Base: right, Disp: 64 * h}, v)
	}
	return e
}

// panel folds the sums of left panel k of two, whose rows start from start,
// into the maxima.
func (e ending) panel(k int, start Mem) {
	for r := range mr512 {
		var row [2]reg.VecVirtual
		for h := range row {
			v := ZMM()
			VPADDD(Mem{Base: sums, Disp: k*tileBytes + 128*r + 64*h}, e.starts[h], v)
			VPADDD_BCST(start.Offset(4*r), v, v)
			foldColumns(v, e.low, e.colTag, e.tags[h], Mem{Base: colMaxima, Disp: k*colMaxBytes + 128*r + 64*h})
			row[h] = v
		}
		foldRow(row, Mem{Base: rowMaxima, Disp: k*groups*rowMaxBytes + 64*r})
	}
}

func peakTiles(tiles Mem) {
	TEXT("peakBytesAMX", NOSPLIT, "func(n int)")
	Doc("peakBytesAMX does 4 products of whole tiles n times, in registers.")
	LEAQ(tiles, depth)
	tile.Configure(depth)
	Load(Param("n"), remaining)
	for t := range 8 {
		tile.Zero(t)
	}
	Label("peak")
	tile.Peak(tile.DotBytes)
	DECQ(remaining)
	JNZ(LabelRef("peak"))
	tile.Release()
	RET()
}
