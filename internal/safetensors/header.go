package safetensors

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
)

// entry is a tensor as the header describes it.
type entry struct {
	DType   DType    `json:"dtype"`
	Shape   []uint64 `json:"shape"`
	Offsets []uint64 `json:"data_offsets"`
}

const metadataKey = "__metadata__"

// parse checks a file and returns its tensors, which alias data.
func parse(data []byte) (map[string]*Tensor, map[string]string, error) {
	if len(data) < 8 {
		return nil, nil, fmt.Errorf("%d bytes are too few for a safetensors file; is it truncated?", len(data))
	}
	n := binary.LittleEndian.Uint64(data)
	if n > maxHeader {
		return nil, nil, fmt.Errorf("a header of %d bytes is not believable; is it a safetensors file?", n)
	}
	if n > uint64(len(data)-8) {
		return nil, nil, fmt.Errorf("the header has %d bytes, but only %d follow; is the file truncated?", n, len(data)-8)
	}
	header, body := data[8:8+n], data[8+n:]
	entries, metadata, err := decodeHeader(header)
	if err != nil {
		return nil, nil, err
	}
	tensors := make(map[string]*Tensor, len(entries))
	for name, e := range entries {
		t, err := e.tensor(name, body)
		if err != nil {
			return nil, nil, fmt.Errorf("tensor %q: %w", name, err)
		}
		tensors[name] = t
	}
	return tensors, metadata, checkCover(entries, uint64(len(body)))
}

// decodeHeader reads the JSON object token by token, since a decoder of maps
// would not notice a name given twice.
func decodeHeader(header []byte) (map[string]entry, map[string]string, error) {
	dec := json.NewDecoder(bytes.NewReader(header))
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return nil, nil, errors.New("the header is no JSON object; is it a safetensors file?")
	}
	entries := make(map[string]entry)
	var metadata map[string]string
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, nil, fmt.Errorf("header: %w", err)
		}
		name := key.(string) // the decoder lets no other key pass
		if name == metadataKey {
			if metadata != nil {
				return nil, nil, fmt.Errorf("header: %s is given twice", metadataKey)
			}
			metadata = make(map[string]string)
			if err := dec.Decode(&metadata); err != nil {
				return nil, nil, fmt.Errorf("header: %s: %w", metadataKey, err)
			}
			continue
		}
		if _, twice := entries[name]; twice {
			return nil, nil, fmt.Errorf("header: tensor %q is given twice", name)
		}
		var e entry
		if err := dec.Decode(&e); err != nil {
			return nil, nil, fmt.Errorf("header: tensor %q: %w", name, err)
		}
		entries[name] = e
	}
	if _, err := dec.Token(); err != nil {
		return nil, nil, fmt.Errorf("header: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, nil, errors.New("header: something follows the JSON object")
	}
	return entries, metadata, nil
}

// tensor checks e against the bytes of the tensors.
func (e entry) tensor(name string, body []byte) (*Tensor, error) {
	size, ok := e.DType.size()
	if !ok {
		return nil, fmt.Errorf("unknown type %q", e.DType)
	}
	if len(e.Offsets) != 2 {
		return nil, fmt.Errorf("%d data_offsets, expected begin and end", len(e.Offsets))
	}
	begin, end := e.Offsets[0], e.Offsets[1]
	if begin > end || end > uint64(len(body)) {
		return nil, fmt.Errorf("lies at bytes %d to %d of %d; is the file truncated?", begin, end, len(body))
	}
	count, err := elements(e.Shape)
	if err != nil {
		return nil, err
	}
	if count > math.MaxInt64/uint64(size) || count*uint64(size) != end-begin {
		return nil, fmt.Errorf("has %d bytes, but shape %v of %s does not", end-begin, e.Shape, e.DType)
	}
	t := &Tensor{Name: name, DType: e.DType, Shape: make([]int, len(e.Shape)), data: body[begin:end:end]}
	for i, d := range e.Shape {
		t.Shape[i] = int(d)
	}
	return t, nil
}

// elements multiplies the dimensions of a shape.
func elements(shape []uint64) (uint64, error) {
	count := uint64(1)
	for _, d := range shape {
		if d > math.MaxInt32 {
			return 0, fmt.Errorf("dimension %d of shape %v is too large", d, shape)
		}
		if d != 0 && count > math.MaxInt64/d {
			return 0, fmt.Errorf("shape %v is too large", shape)
		}
		count *= d
	}
	return count, nil
}

// checkCover makes sure that the tensors cover size bytes, each byte once.
func checkCover(entries map[string]entry, size uint64) error {
	type span struct {
		begin, end uint64
		name       string
	}
	spans := make([]span, 0, len(entries))
	for name, e := range entries {
		spans = append(spans, span{e.Offsets[0], e.Offsets[1], name})
	}
	slices.SortFunc(spans, func(a, b span) int {
		return slices.Compare([]uint64{a.begin, a.end}, []uint64{b.begin, b.end})
	})
	at := uint64(0)
	for _, s := range spans {
		if s.begin < at {
			return fmt.Errorf("tensor %q overlaps another at byte %d", s.name, s.begin)
		}
		if s.begin > at {
			return fmt.Errorf("bytes %d to %d before tensor %q belong to no tensor", at, s.begin, s.name)
		}
		at = s.end
	}
	if at != size {
		return fmt.Errorf("bytes %d to %d at the end belong to no tensor", at, size)
	}
	return nil
}
