package safetensors

import (
	"encoding/binary"
	"fmt"
	"math"
	"unsafe"
)

// DType is the type of a tensor's elements, as the format spells it.
type DType string

// The types that have values here.
const (
	F32  DType = "F32"
	F16  DType = "F16"
	BF16 DType = "BF16"
)

// size is the size of an element in bytes; false for an unknown type.
func (d DType) size() (int, bool) {
	switch d {
	case "F64", "I64", "U64", "C64":
		return 8, true
	case F32, "I32", "U32":
		return 4, true
	case F16, BF16, "I16", "U16":
		return 2, true
	case "I8", "U8", "BOOL", "F8_E5M2", "F8_E4M3", "F8_E8M0":
		return 1, true
	}
	return 0, false
}

// Tensor is one tensor of a checkpoint, row-major.
type Tensor struct {
	Name  string
	DType DType
	Shape []int
	data  []byte
}

// Len is the number of elements.
func (t *Tensor) Len() int {
	size, _ := t.DType.size()
	return len(t.data) / size
}

// Float32s returns the elements in single precision. They may be a view of
// the mapped file: read-only, and valid until the file is closed.
func (t *Tensor) Float32s() ([]float32, error) {
	switch t.DType {
	case F32:
		if v, ok := view(t.data); ok {
			return v, nil
		}
		return convert(t.data, 4, func(b []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b)) }), nil
	case BF16:
		return convert(t.data, 2, func(b []byte) float32 {
			return math.Float32frombits(uint32(binary.LittleEndian.Uint16(b)) << 16)
		}), nil
	case F16:
		return convert(t.data, 2, func(b []byte) float32 { return halfToFloat(binary.LittleEndian.Uint16(b)) }), nil
	}
	return nil, fmt.Errorf("safetensors: tensor %q is of type %s: weights must be F32, F16 or BF16", t.Name, t.DType)
}

func convert(data []byte, size int, value func([]byte) float32) []float32 {
	v := make([]float32, len(data)/size)
	for i := range v {
		v[i] = value(data[i*size:])
	}
	return v
}

// view reinterprets little-endian bytes where the machine is little-endian
// and they are aligned.
func view(data []byte) ([]float32, bool) {
	if len(data) == 0 {
		return []float32{}, true
	}
	var probe [2]byte
	binary.NativeEndian.PutUint16(probe[:], 1)
	p := unsafe.Pointer(unsafe.SliceData(data))
	if probe[0] != 1 || uintptr(p)%4 != 0 {
		return nil, false
	}
	return unsafe.Slice((*float32)(p), len(data)/4), true
}

// halfToFloat widens an IEEE 754 binary16, exactly.
func halfToFloat(h uint16) float32 {
	sign := uint32(h&0x8000) << 16
	exp, frac := uint32(h>>10)&0x1f, uint32(h&0x3ff)
	switch exp {
	case 0: // zero or subnormal: frac · 2⁻²⁴
		return math.Float32frombits(sign | math.Float32bits(float32(frac)*0x1p-24))
	case 0x1f: // infinity or NaN
		return math.Float32frombits(sign | 0xff<<23 | frac<<13)
	}
	return math.Float32frombits(sign | (exp+112)<<23 | frac<<13)
}
