package effnet

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

	"codegraph/internal/half"
)

// A weight file is, with all numbers little-endian,
//
//	magic    8 bytes "CGEFNET\0"
//	version  uint32, 1
//	length   uint32, of the header
//	header   JSON: name, normalisation, architecture, table of tensors
//	payload  the tensors, without gaps, in the order of the table
//	digest   SHA-256 of everything before it
//
// Tensors come in the order of computation: stem, then for each block expand
// (absent where the factor is 1), depthwise, project; a weight in half
// precision ("f16") and a bias in single ("f32") for each. Weights are
// [k·k·3][out] (stem, in the order y, x, channel), [in][out] (expand and
// project) and [k·k][channels] (depthwise).
const (
	magic   = "CGEFNET\x00"
	version = 1

	prefixLen = len(magic) + 8
)

// Limits that keep a damaged or hostile header from asking for absurd work.
const (
	maxHeader   = 1 << 20
	maxBlocks   = 128
	maxChannels = 8192
	maxKernel   = 7
	maxExpand   = 8
	maxStride   = 1 << 10 // of the whole network
)

type header struct {
	Name    string      `json:"name"`
	Mean    [3]float32  `json:"mean"`
	Std     [3]float32  `json:"std"`
	Stem    int         `json:"stem"` // output channels
	Blocks  []blockSpec `json:"blocks"`
	Tensors []tensor    `json:"tensors"`
}

// blockSpec describes one MBConv block.
type blockSpec struct {
	Stage    int  `json:"stage"`
	Kernel   int  `json:"kernel"`
	Stride   int  `json:"stride"`
	Expand   int  `json:"expand"`
	In       int  `json:"in"`
	Out      int  `json:"out"`
	Residual bool `json:"residual"`
}

type tensor struct {
	Name   string `json:"name"`
	DType  string `json:"dtype"`
	Shape  []int  `json:"shape"`
	Offset int    `json:"offset"` // into the payload
}

// conv is one convolution: its weight in the layout of the file and its bias.
type conv struct {
	weight, bias []float32
}

// checkpoint is a decoded weight file.
type checkpoint struct {
	header
	digest [sha256.Size]byte
	convs  []conv // in the order of computation
}

// parse decodes and checks a weight file.
func parse(data []byte) (*checkpoint, error) {
	if len(data) < prefixLen+sha256.Size || string(data[:len(magic)]) != magic {
		return nil, errors.New("effnet: not a weight file: expected one written by convert.py")
	}
	if v := binary.LittleEndian.Uint32(data[len(magic):]); v != version {
		return nil, fmt.Errorf("effnet: weight file has version %d, this program reads %d: convert the checkpoint again", v, version)
	}
	body, stored := data[:len(data)-sha256.Size], data[len(data)-sha256.Size:]
	sum := sha256.Sum256(body)
	if !bytes.Equal(sum[:], stored) {
		return nil, errors.New("effnet: weight file is damaged: its SHA-256 does not match; fetch or convert it again")
	}
	n := binary.LittleEndian.Uint32(data[len(magic)+4:])
	if n > maxHeader || int(n) > len(body)-prefixLen {
		return nil, fmt.Errorf("effnet: weight file declares a header of %d bytes in %d", n, len(data))
	}
	c := &checkpoint{digest: sum}
	if err := json.Unmarshal(body[prefixLen:prefixLen+int(n)], &c.header); err != nil {
		return nil, fmt.Errorf("effnet: weight file header: %w", err)
	}
	if err := c.header.validate(); err != nil {
		return nil, fmt.Errorf("effnet: weight file header: %w", err)
	}
	if err := c.decode(body[prefixLen+int(n):]); err != nil {
		return nil, fmt.Errorf("effnet: weight file: %w", err)
	}
	return c, nil
}

// validate checks the architecture; the table of tensors is left to decode.
func (h *header) validate() error {
	if h.Name == "" {
		return errors.New("no name")
	}
	for c := range 3 {
		if !(h.Std[c] > 0) {
			return fmt.Errorf("standard deviation %g of channel %d is not positive", h.Std[c], c)
		}
	}
	if h.Stem < 1 || h.Stem > maxChannels {
		return fmt.Errorf("stem has %d channels", h.Stem)
	}
	if len(h.Blocks) == 0 || len(h.Blocks) > maxBlocks {
		return fmt.Errorf("%d blocks, expected 1 to %d", len(h.Blocks), maxBlocks)
	}
	stage, in, stride := 0, h.Stem, 2
	for i, b := range h.Blocks {
		if err := b.validate(stage, in); err != nil {
			return fmt.Errorf("block %d: %w", i, err)
		}
		stage, in, stride = b.Stage, b.Out, stride*b.Stride
		if stride > maxStride {
			return fmt.Errorf("block %d: total stride above %d", i, maxStride)
		}
	}
	return nil
}

// validate checks a block that follows one of the given stage and width.
func (b *blockSpec) validate(stage, in int) error {
	switch {
	case b.Stage != stage && b.Stage != stage+1 || b.Stage < 1:
		return fmt.Errorf("stage %d follows stage %d", b.Stage, stage)
	case b.Kernel < 1 || b.Kernel > maxKernel || b.Kernel%2 == 0:
		return fmt.Errorf("kernel side %d is not odd or above %d", b.Kernel, maxKernel)
	case b.Stride < 1 || b.Stride > 2 || b.Stride > b.Kernel:
		return fmt.Errorf("stride %d", b.Stride)
	case b.Expand < 1 || b.Expand > maxExpand:
		return fmt.Errorf("expansion factor %d", b.Expand)
	case b.In != in:
		return fmt.Errorf("%d input channels after %d output channels", b.In, in)
	case b.Out < 1 || b.Out > maxChannels:
		return fmt.Errorf("%d output channels", b.Out)
	case b.Residual && (b.Stride != 1 || b.In != b.Out):
		return errors.New("residual connection between different shapes")
	}
	return nil
}

// decode reads the tensors, which must be those of the architecture.
func (c *checkpoint) decode(payload []byte) error {
	d := decoder{tensors: c.Tensors, payload: payload}
	add := func(name string, rows, cols int) {
		w := d.next(name+".weight", "f16", rows, cols)
		b := d.next(name+".bias", "f32", cols)
		c.convs = append(c.convs, conv{w, b})
	}
	add("stem", 9*3, c.Stem)
	for i, b := range c.Blocks {
		mid, name := b.In*b.Expand, fmt.Sprintf("block%d.", i)
		if b.Expand != 1 {
			add(name+"expand", b.In, mid)
		}
		add(name+"depthwise", b.Kernel*b.Kernel, mid)
		add(name+"project", mid, b.Out)
	}
	if d.err != nil {
		return d.err
	}
	if len(d.tensors) != 0 || d.pos != len(payload) {
		return fmt.Errorf("%d tensors and %d bytes are left over", len(d.tensors), len(payload)-d.pos)
	}
	return nil
}

// decoder reads tensors one after the other and keeps the first error.
type decoder struct {
	tensors []tensor
	payload []byte
	pos     int
	err     error
}

// next returns the values of the next tensor, which must have the given
// name, type and shape and start where the previous one ended.
func (d *decoder) next(name, dtype string, shape ...int) []float32 {
	if d.err != nil {
		return nil
	}
	if len(d.tensors) == 0 {
		d.err = fmt.Errorf("tensor %q is missing", name)
		return nil
	}
	t := d.tensors[0]
	n, size := 1, 4
	for _, s := range shape {
		n *= s
	}
	if dtype == "f16" {
		size = 2
	}
	switch {
	case t.Name != name || t.DType != dtype || !slices.Equal(t.Shape, shape):
		d.err = fmt.Errorf("tensor %q is %s%v, expected %q as %s%v", t.Name, t.DType, t.Shape, name, dtype, shape)
	case t.Offset != d.pos:
		d.err = fmt.Errorf("tensor %q starts at byte %d, expected %d", name, t.Offset, d.pos)
	case n*size > len(d.payload)-d.pos:
		d.err = fmt.Errorf("tensor %q needs %d bytes, %d are left", name, n*size, len(d.payload)-d.pos)
	}
	if d.err != nil {
		return nil
	}
	raw := d.payload[d.pos : d.pos+n*size]
	d.tensors, d.pos = d.tensors[1:], d.pos+n*size
	v := make([]float32, n)
	for i := range v {
		if size == 2 {
			v[i] = half.Float32(binary.LittleEndian.Uint16(raw[2*i:]))
		} else {
			v[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
		}
		if v[i]-v[i] != 0 {
			d.err = fmt.Errorf("tensor %q holds %g at %d", name, v[i], i)
			return nil
		}
	}
	return v
}
