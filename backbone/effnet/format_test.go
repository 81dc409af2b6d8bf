package effnet

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"codegraph/internal/half"
)

// sealed joins a header and a payload to a file with a valid digest.
func sealed(head, payload []byte) []byte {
	f := []byte(magic)
	f = binary.LittleEndian.AppendUint32(f, version)
	f = binary.LittleEndian.AppendUint32(f, uint32(len(head)))
	f = append(append(f, head...), payload...)
	sum := sha256.Sum256(f)
	return append(f, sum[:]...)
}

// tiny returns the header and payload of a small valid network: stem of 2
// channels, a block of stage 1 and a block of stage 2.
func tiny() (header, []byte) {
	h := header{
		Name: "tiny", Mean: [3]float32{.5, .5, .5}, Std: [3]float32{.5, .5, .5}, Stem: 2,
		Blocks: []blockSpec{
			{Stage: 1, Kernel: 3, Stride: 1, Expand: 1, In: 2, Out: 2, Residual: true},
			{Stage: 2, Kernel: 5, Stride: 2, Expand: 2, In: 2, Out: 3},
		},
	}
	offset := 0
	add := func(name string, rows, cols int) {
		h.Tensors = append(h.Tensors,
			tensor{name + ".weight", "f16", []int{rows, cols}, offset},
			tensor{name + ".bias", "f32", []int{cols}, offset + 2*rows*cols})
		offset += 2*rows*cols + 4*cols
	}
	add("stem", 27, 2)
	add("block0.depthwise", 9, 2)
	add("block0.project", 2, 2)
	add("block1.expand", 2, 4)
	add("block1.depthwise", 25, 4)
	add("block1.project", 4, 3)
	payload := make([]byte, offset)
	for i := range payload {
		payload[i] = byte(i*7) & 0x3b // both formats finite
	}
	return h, payload
}

func tinyFile(change func(h *header)) []byte {
	h, payload := tiny()
	change(&h)
	head, err := json.Marshal(h)
	if err != nil {
		panic(err)
	}
	return sealed(head, payload)
}

func TestParseTiny(t *testing.T) {
	file := tinyFile(func(*header) {})
	n, err := New(Options{Weights: file, Taps: []string{"stage1", "stage2"}})
	if err != nil {
		t.Fatal(err)
	}
	f, err := n.Forward(t.Context(), make([]float32, 3*8*12), 8, 12)
	if err != nil {
		t.Fatal(err)
	}
	if a, b := f.Layers[0], f.Layers[1]; a.H != 4 || a.W != 6 || a.C != 2 || b.H != 2 || b.W != 3 || b.C != 3 {
		t.Errorf("maps are %v, %v", a, b)
	}
}

func TestParseRejects(t *testing.T) {
	good := tinyFile(func(*header) {})
	at := func(i int, b byte) []byte {
		f := slices.Clone(good)
		f[i] ^= b
		return f
	}
	h, payload := tiny()
	head, _ := json.Marshal(h)
	infinite := slices.Clone(payload)
	binary.LittleEndian.PutUint16(infinite, 0x7c00)
	for _, tc := range []struct {
		name string
		file []byte
		want string
	}{
		{"empty", nil, "not a weight file"},
		{"magic", at(0, 1), "not a weight file"},
		{"version", at(8, 2), "version 3"},
		{"damage", at(len(good)-40, 1), "SHA-256"},
		{"truncated", good[:len(good)-1], "SHA-256"},
		{"no JSON", sealed([]byte("{"), payload), "header"},
		{"short payload", sealed(head, payload[:len(payload)-1]), "are left"},
		{"long payload", sealed(head, append(slices.Clone(payload), 0)), "left over"},
		{"infinity", sealed(head, infinite), "+Inf"},
		{"name", tinyFile(func(h *header) { h.Name = "" }), "no name"},
		{"std", tinyFile(func(h *header) { h.Std[1] = 0 }), "standard deviation"},
		{"stem", tinyFile(func(h *header) { h.Stem = 0 }), "stem"},
		{"blocks", tinyFile(func(h *header) { h.Blocks = nil }), "blocks"},
		{"stage", tinyFile(func(h *header) { h.Blocks[1].Stage = 4 }), "stage 4 follows"},
		{"kernel", tinyFile(func(h *header) { h.Blocks[1].Kernel = 4 }), "kernel side"},
		{"stride", tinyFile(func(h *header) { h.Blocks[1].Stride = 3 }), "stride 3"},
		{"expand", tinyFile(func(h *header) { h.Blocks[1].Expand = 0 }), "expansion"},
		{"in", tinyFile(func(h *header) { h.Blocks[1].In = 5 }), "input channels"},
		{"out", tinyFile(func(h *header) { h.Blocks[1].Out = -1 }), "output channels"},
		{"residual", tinyFile(func(h *header) { h.Blocks[1].Residual = true }), "residual"},
		{"total stride", tinyFile(func(h *header) {
			for range 20 {
				h.Blocks = append(h.Blocks, blockSpec{Stage: 2, Kernel: 3, Stride: 2, Expand: 1, In: 3, Out: 3})
			}
		}), "total stride"},
		{"missing tensor", tinyFile(func(h *header) { h.Tensors = h.Tensors[:3] }), "is missing"},
		{"extra tensor", tinyFile(func(h *header) { h.Tensors = append(h.Tensors, tensor{}) }), "left over"},
		{"shape", tinyFile(func(h *header) { h.Tensors[2].Shape[0] = 25 }), "expected"},
		{"type", tinyFile(func(h *header) { h.Tensors[0].DType = "f32" }), "expected"},
		{"offset", tinyFile(func(h *header) { h.Tensors[1].Offset = 0 }), "starts at"},
	} {
		if _, err := parse(tc.file); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: got %v, expected an error with %q", tc.name, err, tc.want)
		}
	}
}

func TestFromHalf(t *testing.T) {
	for h, want := range map[uint16]float32{
		0: 0, 0x3c00: 1, 0xc000: -2, 0x7bff: 65504, 0x0400: 1.0 / (1 << 14),
		0x0001: 1.0 / (1 << 24), 0x03ff: 1023.0 / (1 << 24), 0x3555: 0.33325195,
		0x7c00: float32(math.Inf(1)), 0xfc00: float32(math.Inf(-1)),
	} {
		if got := half.Float32(h); got != want {
			t.Errorf("half.Float32(%#04x) = %g, expected %g", h, got, want)
		}
	}
	if v := half.Float32(0x7e00); v == v {
		t.Errorf("half.Float32(0x7e00) = %g, expected NaN", v)
	}
	for h := uint16(0); h < 0x7c00; h++ {
		if a, b := half.Float32(h), half.Float32(h+1); !(a < b) || half.Float32(h|0x8000) != -a {
			t.Fatalf("order or sign is wrong at %#04x", h)
		}
	}
}

// FuzzParse feeds headers and payloads with a valid digest, so that the
// fuzzer gets past it; whatever is accepted must also run.
func FuzzParse(f *testing.F) {
	h, payload := tiny()
	head, err := json.Marshal(h)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(head, payload)
	f.Add([]byte(strings.Replace(string(head), `"expand":2`, `"expand":1`, 1)), payload)
	f.Add([]byte("{}"), []byte{})
	f.Fuzz(func(t *testing.T, head, payload []byte) {
		ckpt, err := parse(sealed(head, payload))
		if err != nil {
			return
		}
		n, err := New(Options{Weights: sealed(head, payload), Taps: []string{"stage1"}})
		if err != nil {
			t.Fatalf("%d blocks parsed, but: %v", len(ckpt.Blocks), err)
		}
		m := n.Info().Multiple
		if m > 64 {
			return
		}
		if _, err := n.Forward(t.Context(), make([]float32, 3*m*m), m, m); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzParseRaw feeds whole files.
func FuzzParseRaw(f *testing.F) {
	f.Add(tinyFile(func(*header) {}))
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, file []byte) {
		if _, err := parse(file); err == nil {
			if _, err := New(Options{Weights: file, Taps: []string{"stage1"}}); err != nil {
				t.Fatal(err)
			}
		}
	})
}
