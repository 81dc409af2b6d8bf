// Package vnni emits the instructions of AVX512_VNNI, which avo has no functions
// for.
package vnni

import (
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Dot emits acc += x·y of the parts of 32-bit words. VPDPBUSD takes the bytes
// of x as unsigned.
func Dot(opcode string, y, x, acc reg.VecVirtual) {
	build.Instruction(&ir.Instruction{
		Opcode:   opcode,
		Operands: []operand.Op{y, x, acc},
		Inputs:   []operand.Op{y, x, acc},
		Outputs:  []operand.Op{acc},
		ISA:      []string{"AVX512_VNNI"},
	})
}
