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

	"codegraph/internal/checkpoint/tensor"
)

// entry is a tensor as the header describes it.
type entry struct {
	DType   tensor.DType `json:"dtype"`
	Shape   []uint64     `json:"shape"`
	Offsets []uint64     `json:"data_offsets"`
}

const metadataKey = "__metadata__"

// maxHeader bounds a header, as the reference implementation does: a larger one
// is not a list of tensors.
const maxHeader = 100_000_000

// Parse checks a file and returns its tensors by name, which alias data.
func Parse(data []byte) (map[string]*tensor.Tensor, error) {
	if len(data) < 8 {
		return nil, fmt.Errorf("%d bytes are too few for a safetensors file; is it truncated?", len(data))
	}
	n := binary.LittleEndian.Uint64(data)
	if n > maxHeader {
		return nil, fmt.Errorf("a header of %d bytes is not believable; is it a safetensors file?", n)
	}
	if n > uint64(len(data)-8) {
		return nil, fmt.Errorf("the header has %d bytes, but only %d follow; is the file truncated?", n, len(data)-8)
	}
	header, body := data[8:8+n], data[8+n:]
	entries, err := decodeHeader(header)
	if err != nil {
		return nil, err
	}
	tensors := make(map[string]*tensor.Tensor, len(entries))
	for name, e := range entries {
		t, err := e.tensor(name, body)
		if err != nil {
			return nil, fmt.Errorf("tensor %q: %w", name, err)
		}
		tensors[name] = t
	}
	return tensors, checkCover(entries, uint64(len(body)))
}

// decodeHeader reads the JSON object token by token, since a decoder of maps
// would not notice a name given twice.
func decodeHeader(header []byte) (map[string]entry, error) {
	dec := json.NewDecoder(bytes.NewReader(header))
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return nil, errors.New("the header is not a JSON object; is it a safetensors file?")
	}
	entries := make(map[string]entry)
	var metadata map[string]string
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, fmt.Errorf("header: %w", err)
		}
		name := key.(string) // the decoder lets no other key pass
		if name == metadataKey {
			if metadata != nil {
				return nil, fmt.Errorf("header: %s is given twice", metadataKey)
			}
			metadata = make(map[string]string)
			if err := dec.Decode(&metadata); err != nil {
				return nil, fmt.Errorf("header: %s: %w", metadataKey, err)
			}
			continue
		}
		if _, twice := entries[name]; twice {
			return nil, fmt.Errorf("header: tensor %q is given twice", name)
		}
		var e entry
		if err := dec.Decode(&e); err != nil {
			return nil, fmt.Errorf("header: tensor %q: %w", name, err)
		}
		entries[name] = e
	}
	if _, err := dec.Token(); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("header: something follows the JSON object")
	}
	return entries, nil
}

// tensor checks e against the bytes of the tensors.
func (e entry) tensor(name string, body []byte) (*tensor.Tensor, error) {
	if _, ok := e.DType.Size(); !ok {
		return nil, fmt.Errorf("unknown type %q", e.DType)
	}
	if len(e.Offsets) != 2 {
		return nil, fmt.Errorf("%d data_offsets, expected begin and end", len(e.Offsets))
	}
	begin, end := e.Offsets[0], e.Offsets[1]
	if begin > end || end > uint64(len(body)) {
		return nil, fmt.Errorf("lies at bytes %d to %d of %d; is the file truncated?", begin, end, len(body))
	}
	shape := make([]int, len(e.Shape))
	for i, d := range e.Shape {
		if d > math.MaxInt32 {
			return nil, fmt.Errorf("dimension %d of shape %v is too large", d, e.Shape)
		}
		shape[i] = int(d)
	}
	return tensor.New(name, e.DType, shape, body[begin:end:end])
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
