//go:build linux && amd64

package main

import "encoding/binary"

// Kinds of instructions, by mandatory prefix and opcode of map 0F38.
type kind int

const (
	loadConfig kind = iota
	release
	zero
	load
	store
	dotSignedUnsigned
	dotBrain
)

// instruction is one that was decoded.
type instruction struct {
	kind        kind
	length      int
	tile        int // first operand
	left, right int // tiles
	base, index int // registers
	shift       int // of the index
	disp        int64
	register    bool // no memory operand
}

// decode reads a VEX instruction of AMX.
func decode(code []byte) (in instruction, ok bool) {
	if code[0] != 0xc4 || code[1]&0x1f != 2 || code[2]&0x84 != 0 {
		return in, false // not the map 0F38, W1 or 256 bits
	}
	reg, x, b := int(code[1]>>7^1), int(code[1]>>6&1^1), int(code[1]>>5&1^1)
	prefix, vvvv := code[2]&3, int(code[2]>>3&0xf^0xf)
	in.right = vvvv
	in.length = 5
	modrm := code[4]
	in.tile = int(modrm>>3&7) | reg<<3
	in.left = int(modrm&7) | b<<3
	in.register = modrm>>6 == 3
	if !in.register {
		in.address(code, x, b)
	}
	const none, op66, f3, f2 = 0, 1, 2, 3
	switch opcode := code[3]; {
	case opcode == 0x49 && prefix == none && !in.register && in.tile == 0 && vvvv == 0:
		in.kind = loadConfig
	case opcode == 0x49 && prefix == none && modrm == 0xc0 && vvvv == 0:
		in.kind = release
	case opcode == 0x49 && prefix == f2 && in.register && in.left == 0 && vvvv == 0:
		in.kind = zero
	case opcode == 0x4b && (prefix == f2 || prefix == op66) && !in.register && vvvv == 0:
		in.kind = load
	case opcode == 0x4b && prefix == f3 && !in.register && vvvv == 0:
		in.kind = store
	case opcode == 0x5e && prefix == f3 && in.register:
		in.kind = dotSignedUnsigned
	case opcode == 0x5c && prefix == f3 && in.register:
		in.kind = dotBrain
	default:
		return in, false
	}
	// Tiles are named by three bits, and those of a product must differ.
	if in.tile > 7 || in.kind >= dotSignedUnsigned && (in.left > 7 || in.right > 7 || in.left == in.right || in.tile == in.left || in.tile == in.right) {
		return in, false
	}
	return in, true
}

// address reads a memory operand: base, index and displacement. Addresses
// relative to the instruction are not known here.
func (in *instruction) address(code []byte, x, b int) {
	mod, rm := code[4]>>6, code[4]&7
	in.base, in.index = int(rm)|b<<3, -1
	if rm == 4 {
		sib := code[5]
		in.length++
		in.base, in.index, in.shift = int(sib&7)|b<<3, int(sib>>3&7)|x<<3, int(sib>>6)
		if in.index == 4 {
			in.index = -1
		}
	}
	switch mod {
	case 1:
		in.disp = int64(int8(code[in.length]))
		in.length++
	case 2:
		in.disp = int64(int32(binary.LittleEndian.Uint32(code[in.length:])))
		in.length += 4
	}
}
