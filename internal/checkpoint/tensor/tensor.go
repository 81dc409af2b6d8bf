package tensor

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"unsafe"

	"codegraph/internal/half"
)

// DType is the type of a tensor's elements, as safetensors spells it.
type DType string

// The types that have values here.
const (
	F64  DType = "F64"
	F32  DType = "F32"
	F16  DType = "F16"
	BF16 DType = "BF16"
)

// Size is the size of an element in bytes; false for an unknown type.
func (d DType) Size() (int, bool) {
	switch d {
	case F64, "I64", "U64", "C64":
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

// Tensor is one tensor of a checkpoint. It aliases the bytes it was made of.
type Tensor struct {
	Name    string
	DType   DType
	Shape   []int
	strides []int // in elements, nil: row-major without gaps
	data    []byte
}

// New is a row-major tensor that covers data exactly.
func New(name string, dtype DType, shape []int, data []byte) (*Tensor, error) {
	t := &Tensor{Name: name, DType: dtype, Shape: slices.Clone(shape), data: data}
	size, ok := dtype.Size()
	if !ok {
		return nil, fmt.Errorf("unknown type %q", dtype)
	}
	count, err := elements(shape)
	if err != nil {
		return nil, err
	}
	if count > math.MaxInt/size || count*size != len(data) {
		return nil, fmt.Errorf("has %d bytes, but shape %v of %s does not", len(data), shape, dtype)
	}
	return t, nil
}

// View is a tensor in a storage that other tensors may share: element
// (i, j, …) is element offset + i·strides[0] + j·strides[1] + … of the
// storage. A view of more elements than the storage has, which repeats some,
// is refused: what it would take is not bounded by the file.
func View(name string, dtype DType, shape, strides []int, offset int, storage []byte) (*Tensor, error) {
	size, ok := dtype.Size()
	if !ok {
		return nil, fmt.Errorf("unknown type %q", dtype)
	}
	count, err := elements(shape)
	if err != nil {
		return nil, err
	}
	held := len(storage) / size
	if len(strides) != len(shape) || offset < 0 || offset > held || count > held {
		return nil, fmt.Errorf("shape %v, strides %v and offset %d do not fit a storage of %d elements", shape, strides, offset, held)
	}
	last, packed := offset, 1 // packed: the stride of a row-major tensor
	rowMajor := true
	for i := len(shape) - 1; i >= 0 && count > 0; i-- {
		step := strides[i]
		if step < 0 || shape[i] > 1 && step > (held-1-last)/(shape[i]-1) {
			return nil, fmt.Errorf("shape %v, strides %v and offset %d reach beyond a storage of %d elements", shape, strides, offset, held)
		}
		last += (shape[i] - 1) * step
		rowMajor = rowMajor && (shape[i] == 1 || step == packed)
		packed *= shape[i]
	}
	if count > 0 && last >= held {
		return nil, fmt.Errorf("shape %v, strides %v and offset %d reach beyond a storage of %d elements", shape, strides, offset, held)
	}
	if count == 0 || rowMajor {
		return New(name, dtype, shape, storage[offset*size:][:count*size:count*size])
	}
	return &Tensor{Name: name, DType: dtype, Shape: slices.Clone(shape), strides: slices.Clone(strides), data: storage[offset*size:]}, nil
}

// elements multiplies the dimensions of a shape.
func elements(shape []int) (int, error) {
	count := 1
	for _, d := range shape {
		if d < 0 || d > math.MaxInt32 || d != 0 && count > math.MaxInt/d {
			return 0, fmt.Errorf("shape %v is not believable: a dimension or their product is negative or too large", shape)
		}
		count *= d
	}
	return count, nil
}

// Len is the number of elements.
func (t *Tensor) Len() int {
	n := 1
	for _, d := range t.Shape {
		n *= d
	}
	return n
}

// Float32s returns the elements in single precision, row-major. They may be a
// view of the mapped file: read-only, and valid until the file is closed.
// F16 and BF16 are widened, which is exact; F64 is rounded to the nearest.
func (t *Tensor) Float32s() ([]float32, error) { return t.Float32sIn(new([]float32)) }

// Float32sIn is Float32s with elements that have to be converted in the memory of
// buf, which grows to hold them.
func (t *Tensor) Float32sIn(buf *[]float32) ([]float32, error) {
	data := t.data
	size, _ := t.DType.Size()
	if t.strides != nil {
		data = t.gather(size)
	}
	switch t.DType {
	case F32:
		if v, ok := view(data); ok {
			return v, nil
		}
		return convert(buf, data, 4, func(b []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b)) }), nil
	case BF16:
		return convert(buf, data, 2, func(b []byte) float32 {
			return math.Float32frombits(uint32(binary.LittleEndian.Uint16(b)) << 16)
		}), nil
	case F16:
		return convert(buf, data, 2, func(b []byte) float32 { return half.Float32(binary.LittleEndian.Uint16(b)) }), nil
	case F64:
		return convert(buf, data, 8, func(b []byte) float32 { return float32(math.Float64frombits(binary.LittleEndian.Uint64(b))) }), nil
	}
	return nil, fmt.Errorf("tensor %q is of type %s: weights must be F32, F16, BF16 or F64", t.Name, t.DType)
}

// gather copies the elements of a view into row-major order.
func (t *Tensor) gather(size int) []byte {
	out := make([]byte, 0, t.Len()*size)
	index := make([]int, len(t.Shape))
	for at := 0; ; {
		out = append(out, t.data[at*size:][:size]...)
		k := len(index) - 1
		for ; k >= 0; k-- { // the next index, the last dimension first
			index[k]++
			at += t.strides[k]
			if index[k] < t.Shape[k] {
				break
			}
			at -= index[k] * t.strides[k]
			index[k] = 0
		}
		if k < 0 {
			return out
		}
	}
}

func convert(buf *[]float32, data []byte, size int, value func([]byte) float32) []float32 {
	v := slices.Grow((*buf)[:0], len(data)/size)[:len(data)/size]
	*buf = v
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
