// Package tile emits the instructions of AMX, which neither Go's assembler nor
// avo knows, as bytes, on physical registers. Intel's Software Developer's
// Manual, volume 2, gives the encodings.
package tile

import (
	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Mandatory prefixes of VEX instructions.
const (
	noPrefix = iota
	prefix66
	prefixF3
	prefixF2
)

// Tiles of a product: sums of two left tiles by two right ones.
const (
	sum00 = iota
	sum01
	sum10
	sum11
	left0
	left1
	right0
	right1
)

// Multiply emits the products of one or two left tiles, at the places in left,
// and two right ones, 64 bytes apart, on top of the sums. Right tiles are to
// stay in the cache, left ones pass through. dot is DotBytes or DotBF16.
func Multiply(dot func(sum, left, right int), left []reg.Register, leftStride, right, rightStride reg.Register) {
	LoadOnce(left0, left[0], leftStride, 0)
	Load(right0, right, rightStride, 0)
	dot(sum00, left0, right0)
	Load(right1, right, rightStride, 64)
	dot(sum01, left0, right1)
	if len(left) > 1 {
		LoadOnce(left1, left[1], leftStride, 0)
		dot(sum10, left1, right0)
		dot(sum11, left1, right1)
	}
}

// Peak emits four products of what is in the tiles.
func Peak(dot func(sum, left, right int)) {
	dot(sum00, left0, right0)
	dot(sum01, left0, right1)
	dot(sum10, left1, right0)
	dot(sum11, left1, right1)
}

func emit(bytes ...byte) {
	for _, b := range bytes {
		build.Instruction(&ir.Instruction{Opcode: "BYTE", Operands: []operand.Op{operand.U8(b)}})
	}
}

// numbers are those of general registers in instructions.
var numbers = map[reg.Register]byte{
	reg.RAX: 0, reg.RCX: 1, reg.RDX: 2, reg.RBX: 3, reg.RSI: 6, reg.RDI: 7,
	reg.R8: 8, reg.R9: 9, reg.R10: 10, reg.R11: 11, reg.R12: 12, reg.R13: 13, reg.R15: 15,
}

// vex is the three-byte prefix of an instruction of map 0F38 and its opcode.
// index, base and vvvv are numbers of registers, 0 where there is none.
func vex(prefix, index, base, vvvv, opcode byte) {
	const map0F38 = 2
	// The high bits of registers are inverted; that of the first operand, a
	// tile, is 0.
	emit(0xc4, 0x80|(index>>3^1)<<6|(base>>3^1)<<5|map0F38, (^vvvv&0xf)<<3|prefix, opcode)
}

// memory emits an instruction with a tile and memory at base + disp, whose
// rows are stride apart; base and stride are registers.
func memory(prefix byte, tile int, base, stride reg.Register, disp int) {
	b, s := numbers[base], numbers[stride]
	vex(prefix, s, b, 0, 0x4b)
	emit(0x84|byte(tile)<<3, s&7<<3|b&7, byte(disp), byte(disp>>8), byte(disp>>16), byte(disp>>24))
}

// Load emits a load of the rows of a tile.
func Load(tile int, base, stride reg.Register, disp int) {
	memory(prefixF2, tile, base, stride, disp)
}

// LoadOnce is Load and hints that the memory is not needed again soon.
func LoadOnce(tile int, base, stride reg.Register, disp int) {
	memory(prefix66, tile, base, stride, disp)
}

// Store emits a store of the rows of a tile.
func Store(tile int, base, stride reg.Register, disp int) {
	memory(prefixF3, tile, base, stride, disp)
}

// Zero emits a tile of zeros.
func Zero(tile int) {
	vex(prefixF2, 0, 0, 0, 0x49)
	emit(0xc0 | byte(tile)<<3)
}

// DotBytes emits sum += left·right of bytes, signed by unsigned.
func DotBytes(sum, left, right int) {
	vex(prefixF3, 0, 0, byte(right), 0x5e)
	emit(0xc0 | byte(sum)<<3 | byte(left))
}

// DotBF16 emits sum += left·right of numbers in bfloat16.
func DotBF16(sum, left, right int) {
	vex(prefixF3, 0, 0, byte(right), 0x5c)
	emit(0xc0 | byte(sum)<<3 | byte(left))
}

// Configure emits the load of the configuration at base.
func Configure(base reg.Register) {
	vex(noPrefix, 0, numbers[base], 0, 0x49)
	emit(0x80|numbers[base]&7, 0, 0, 0, 0)
}

// Release emits the end of the use of tiles.
func Release() {
	vex(noPrefix, 0, 0, 0, 0x49)
	emit(0xc0)
}

// Configuration defines a configuration of 8 tiles of 64 bytes a row, the last
// two, right operands, of 16 rows and the others of so many.
func Configuration(name string, rows uint8) operand.Mem {
	m := build.GLOBL(name, attr.RODATA|attr.NOPTR)
	build.DATA(0, operand.U8(1)) // palette
	for i := 1; i < 16; i++ {
		build.DATA(i, operand.U8(0))
	}
	for t := range 16 {
		width := operand.U16(0)
		if t < 8 {
			width = 64
		}
		build.DATA(16+2*t, width)
	}
	for t := range 16 {
		n := operand.U8(0)
		switch {
		case t >= 8:
		case t >= right0:
			n = 16
		default:
			n = operand.U8(rows)
		}
		build.DATA(48+t, n)
	}
	return m
}
