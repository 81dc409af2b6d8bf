package safetensors

import (
	"encoding/binary"
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// file makes a file of a header and size bytes of tensors.
func file(header string, size int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, size)...)
}

func TestParseRefuses(t *testing.T) {
	one := func(e string) []byte { return file(`{"a":`+e+`}`, 8) }
	for _, tc := range []struct {
		name string
		data []byte
		want string
	}{
		{"empty", nil, "too few"},
		{"short", []byte("abc"), "too few"},
		{"length past the end", append(binary.LittleEndian.AppendUint64(nil, 10), "{}"...), "only 2 follow"},
		{"huge length", append(binary.LittleEndian.AppendUint64(nil, math.MaxUint64), "{}"...), "not believable"},
		{"not JSON", file("hello", 0), "not a JSON object"},
		{"a list", file("[]", 0), "not a JSON object"},
		{"unfinished", file(`{"a":`, 0), "header"},
		{"trailing", file(`{} {}`, 0), "follows"},
		{"unknown type", one(`{"dtype":"F33","shape":[2],"data_offsets":[0,8]}`), "unknown type"},
		{"null", one(`null`), "unknown type"},
		{"no offsets", one(`{"dtype":"F32","shape":[2]}`), "data_offsets"},
		{"negative shape", one(`{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}`), "cannot unmarshal"},
		{"negative offset", one(`{"dtype":"F32","shape":[2],"data_offsets":[-8,8]}`), "cannot unmarshal"},
		{"reversed", one(`{"dtype":"F32","shape":[2],"data_offsets":[8,0]}`), "lies at"},
		{"outside", one(`{"dtype":"F32","shape":[4],"data_offsets":[0,16]}`), "lies at"},
		{"wrong shape", one(`{"dtype":"F32","shape":[3],"data_offsets":[0,8]}`), "does not"},
		{"overflow", one(`{"dtype":"F64","shape":[2147483647,2147483647,1],"data_offsets":[0,8]}`), "does not"},
		{"overflow of the count", one(`{"dtype":"F32","shape":[2147483647,2147483647,2147483647],"data_offsets":[0,8]}`), "not believable"},
		{"huge dimension", one(`{"dtype":"F32","shape":[18446744073709551615],"data_offsets":[0,8]}`), "too large"},
		{"gap at the end", one(`{"dtype":"F32","shape":[1],"data_offsets":[0,4]}`), "belong to no tensor"},
		{"gap at the start", one(`{"dtype":"F32","shape":[1],"data_offsets":[4,8]}`), "belong to no tensor"},
		{"overlap", file(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, 8), "overlaps"},
		{"given twice", file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 4), "twice"},
		{"metadata twice", file(`{"__metadata__":{},"__metadata__":{}}`, 0), "twice"},
		{"metadata of numbers", file(`{"__metadata__":{"a":1}}`, 0), "__metadata__"},
		{"deep", file(`{"a":`+strings.Repeat("[", 100000), 0), "header"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := Parse(tc.data)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Fatalf("error %v, want one with %q", err, tc.want)
			}
		})
	}
}

func TestValues(t *testing.T) {
	for _, pad := range []string{"", " ", "  ", "   "} { // every alignment
		data := file(`{"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"h":{"dtype":"F16","shape":[1,2],"data_offsets":[8,12]},"b":{"dtype":"BF16","shape":[2],"data_offsets":[12,16]},"i":{"dtype":"I64","shape":[],"data_offsets":[16,24]}}`+pad, 0)
		for _, v := range []float32{1.5, -3} {
			data = binary.LittleEndian.AppendUint32(data, math.Float32bits(v))
		}
		for _, v := range []uint16{0x3e00, 0xc200, 0x3fc0, 0xc040} {
			data = binary.LittleEndian.AppendUint16(data, v)
		}
		data = append(data, make([]byte, 8)...)
		f, err := Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		if got := slices.Sorted(maps.Keys(f)); !slices.Equal(got, []string{"b", "h", "i", "w"}) {
			t.Fatalf("names %v", got)
		}
		for _, name := range []string{"w", "h", "b"} {
			v, err := f[name].Float32s()
			if err != nil || !slices.Equal(v, []float32{1.5, -3}) {
				t.Errorf("%s = %v, %v", name, v, err)
			}
		}
		if _, err := f["i"].Float32s(); err == nil {
			t.Error("integers were taken for weights")
		}
		if f["x"] != nil {
			t.Error("a tensor that is not there")
		}
	}
}

// TestRoundTrip: what a correct writer wrote is read.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		header := make(map[string]any)
		want := make(map[string][]float32)
		var body []byte
		for _, name := range rapid.SliceOfNDistinct(rapid.String(), 0, 6, rapid.ID).Draw(t, "names") {
			if name == metadataKey || !json.Valid([]byte(`"`+strings.ToValidUTF8(name, "")+`"`)) {
				continue
			}
			shape := rapid.SliceOfN(rapid.IntRange(0, 4), 0, 3).Draw(t, "shape")
			count := 1
			for _, d := range shape {
				count *= d
			}
			begin := len(body)
			for range count {
				v := float32(rapid.IntRange(-9, 9).Draw(t, "value"))
				want[name] = append(want[name], v)
				body = binary.LittleEndian.AppendUint32(body, math.Float32bits(v))
			}
			header[name] = map[string]any{"dtype": "F32", "shape": shape, "data_offsets": []int{begin, len(body)}}
		}
		text, err := json.Marshal(header)
		if err != nil {
			t.Fatal(err)
		}
		f, err := Parse(append(file(string(text), 0), body...))
		if err != nil {
			t.Fatal(err)
		}
		if len(f) != len(header) {
			t.Fatalf("%d tensors, want %d", len(f), len(header))
		}
		for name, w := range want {
			if got, err := f[name].Float32s(); err != nil || !slices.Equal(got, w) {
				t.Fatalf("%q = %v, %v, want %v", name, got, err, w)
			}
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add(file(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, 8))
	f.Add(file(`{"a":{"dtype":"F16","shape":[2,2],"data_offsets":[0,8]},"__metadata__":{"x":"y"}}`, 8))
	f.Add(file(`{"a":{"dtype":"BF16","shape":[0],"data_offsets":[0,0]}}`, 0))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Parse(data)
		if err != nil {
			return
		}
		total := 0
		for name, ts := range file {
			size, _ := ts.DType.Size()
			total += ts.Len() * size
			count := 1
			for _, d := range ts.Shape {
				count *= d
			}
			if v, err := ts.Float32s(); err == nil && len(v) != count {
				t.Fatalf("%q: %d values of shape %v", name, len(v), ts.Shape)
			}
		}
		if total > len(data) {
			t.Fatalf("tensors of %d bytes in a file of %d", total, len(data))
		}
	})
}
