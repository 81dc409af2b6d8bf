//go:build linux && amd64

package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"syscall"
)

// Limits of palette 1.
const (
	tiles   = 8
	maxRows = 16
	maxCols = 64 // bytes
)

// processor is the tile state of a thread.
type processor struct {
	configured bool
	rows, cols [tiles]int // cols in bytes
	tile       [tiles][maxRows][maxCols]byte
}

// carryOut does one instruction.
func (p *processor) carryOut(in instruction, regs *syscall.PtraceRegs, memory *os.File) error {
	if in.kind == loadConfig {
		return p.configure(in, regs, memory)
	}
	if in.kind == release {
		*p = processor{}
		return nil
	}
	if !p.configured {
		return errors.New("a tile instruction without a configuration")
	}
	if p.rows[in.tile] == 0 || p.cols[in.tile] == 0 {
		return fmt.Errorf("tile %d is not configured", in.tile)
	}
	switch in.kind {
	case zero:
		p.tile[in.tile] = [maxRows][maxCols]byte{}
	case load, store:
		return p.move(in, regs, memory)
	case dotSignedUnsigned, dotBrain:
		return p.dot(in)
	}
	return nil
}

func (p *processor) configure(in instruction, regs *syscall.PtraceRegs, memory *os.File) error {
	var c [64]byte
	if _, err := memory.ReadAt(c[:], in.at(regs, 0)); err != nil {
		return err
	}
	*p = processor{configured: true}
	if c[0] != 1 || c[1] != 0 || [14]byte(c[2:16]) != [14]byte{} {
		return errors.New("a wrong tile configuration")
	}
	for t := range 16 {
		cols, rows := int(binary.LittleEndian.Uint16(c[16+2*t:])), int(c[48+t])
		switch {
		case t >= tiles && (cols != 0 || rows != 0), cols > maxCols, rows > maxRows, (cols == 0) != (rows == 0):
			return fmt.Errorf("tile %d is configured as %d rows of %d bytes", t, rows, cols)
		case t < tiles:
			p.cols[t], p.rows[t] = cols, rows
		}
	}
	return nil
}

// move loads or stores the rows of a tile, which the index is apart.
func (p *processor) move(in instruction, regs *syscall.PtraceRegs, memory *os.File) error {
	if in.index < 0 {
		return errors.New("tile memory without an index")
	}
	t := &p.tile[in.tile]
	if in.kind == load {
		*t = [maxRows][maxCols]byte{}
	}
	for r := range p.rows[in.tile] {
		row, at := t[r][:p.cols[in.tile]], in.at(regs, r)
		var err error
		if in.kind == load {
			_, err = memory.ReadAt(row, at)
		} else {
			_, err = memory.WriteAt(row, at)
		}
		if err != nil {
			return fmt.Errorf("row %d at %#x: %w", r, at, err)
		}
	}
	return nil
}

// dot adds products to the sums of a tile, each of the words of a row on the
// left and a column on the right.
func (p *processor) dot(in instruction) error {
	if p.rows[in.tile] != p.rows[in.left] || p.cols[in.tile] != p.cols[in.right] || p.cols[in.left] != 4*p.rows[in.right] {
		return fmt.Errorf("tiles %d, %d and %d do not fit", in.tile, in.left, in.right)
	}
	word := binary.LittleEndian
	sums, left, right := &p.tile[in.tile], &p.tile[in.left], &p.tile[in.right]
	for m := range p.rows[in.tile] {
		for n := 0; n < p.cols[in.tile]; n += 4 {
			sum := word.Uint32(sums[m][n:])
			var low, high float32
			for k := range p.rows[in.right] {
				x, y := word.Uint32(left[m][4*k:]), word.Uint32(right[k][n:])
				if in.kind == dotBrain {
					low += bf16(x) * bf16(y)
					high += bf16(x>>16) * bf16(y>>16)
					continue
				}
				for i := range 4 {
					sum += uint32(int32(int8(x>>(8*i))) * int32(uint8(y>>(8*i))))
				}
			}
			if in.kind == dotBrain {
				sum = math.Float32bits(math.Float32frombits(sum) + (low + high))
			}
			word.PutUint32(sums[m][n:], sum)
		}
	}
	return nil
}

// bf16 is the number in bfloat16 in the lower half of w. The processor takes
// subnormal numbers for zero, in which it differs.
func bf16(w uint32) float32 { return math.Float32frombits(w << 16) }

// at is the address of row r of a memory operand.
func (in instruction) at(regs *syscall.PtraceRegs, r int) int64 {
	general := [16]uint64{
		regs.Rax, regs.Rcx, regs.Rdx, regs.Rbx, regs.Rsp, regs.Rbp, regs.Rsi, regs.Rdi,
		regs.R8, regs.R9, regs.R10, regs.R11, regs.R12, regs.R13, regs.R14, regs.R15,
	}
	at := int64(general[in.base]) + in.disp
	if in.index >= 0 {
		at += int64(r) * int64(general[in.index]<<in.shift)
	}
	return at
}
