package safetensors

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
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

func write(t *testing.T, dir, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
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
		{"not JSON", file("hello", 0), "no JSON object"},
		{"a list", file("[]", 0), "no JSON object"},
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
		{"overflow of the count", one(`{"dtype":"F32","shape":[2147483647,2147483647,2147483647],"data_offsets":[0,8]}`), "too large"},
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
		if got := f.Names(); !slices.Equal(got, []string{"b", "h", "i", "w"}) {
			t.Fatalf("names %v", got)
		}
		for _, name := range []string{"w", "h", "b"} {
			v, err := f.Tensor(name).Float32s()
			if err != nil || !slices.Equal(v, []float32{1.5, -3}) {
				t.Errorf("%s = %v, %v", name, v, err)
			}
		}
		if _, err := f.Tensor("i").Float32s(); err == nil {
			t.Error("integers were taken for weights")
		}
		if f.Tensor("x") != nil || f.Metadata()["format"] != "pt" {
			t.Error("wrong tensor or metadata")
		}
	}
}

// TestHalf compares all halves with the definition.
func TestHalf(t *testing.T) {
	for h := range 1 << 16 {
		exp, frac := h>>10&0x1f, float64(h&0x3ff)
		want := math.Ldexp(1+frac/1024, exp-15)
		switch exp {
		case 0:
			want = math.Ldexp(frac/1024, -14)
		case 31:
			want = math.Inf(1)
			if frac != 0 {
				want = math.NaN()
			}
		}
		if h >= 1<<15 {
			want = -want
		}
		got := float64(halfToFloat(uint16(h)))
		if got != want && !(math.IsNaN(got) && math.IsNaN(want)) {
			t.Fatalf("%#04x = %v, want %v", h, got, want)
		}
	}
}

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	good := file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 4)
	other := file(`{"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 4)
	write(t, dir, "m-1.safetensors", good)
	write(t, dir, "m-2.safetensors", other)
	index := func(b string) []byte { return []byte(`{"weight_map":` + b + `}`) }
	for _, tc := range []struct {
		name string
		data []byte
		want string // of the error, "" for none
	}{
		{"one.safetensors", good, ""},
		{"two.safetensors.index.json", index(`{"a":"m-1.safetensors","b":"m-2.safetensors"}`), ""},
		{"missing.safetensors.index.json", index(`{"b":"m-1.safetensors"}`), "is not in"},
		{"absent.safetensors.index.json", index(`{"b":"m-3.safetensors"}`), "m-3"},
		{"up.safetensors.index.json", index(`{"b":"../m-1.safetensors"}`), "beside"},
		{"abs.safetensors.index.json", index(`{"b":"/etc/passwd"}`), "beside"},
		{"empty.safetensors.index.json", index(`{}`), "no weight_map"},
		{"bad.safetensors.index.json", []byte("{"), "JSON"},
		{"empty.safetensors", nil, "too few"},
		{"cut.safetensors", good[:len(good)-1], "truncated"},
	} {
		f, err := Open(write(t, dir, tc.name, tc.data))
		switch {
		case tc.want == "" && err != nil, tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)):
			t.Errorf("%s: %v, want %q", tc.name, err, tc.want)
		case err == nil:
			if f.Tensor("a") == nil || len(f.Digest()) != 64 || f.Bytes() < int64(len(good)) || len(f.Paths()) == 0 {
				t.Errorf("%s: incomplete", tc.name)
			}
			if err := f.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), "name one of") {
		t.Errorf("folder of several: %v", err)
	}
	write(t, dir, "model.safetensors", good)
	f, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	if _, err := Open(t.TempDir()); err == nil || !strings.Contains(err.Error(), "no checkpoint") {
		t.Errorf("empty folder: %v", err)
	}
	if _, err := Open(filepath.Join(dir, "nothing")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("absent: %v", err)
	}
}

func TestPickle(t *testing.T) {
	dir := t.TempDir()
	for name, data := range map[string][]byte{
		"zip.pth":             []byte("PK\x03\x04rest"),
		"old.bin":             []byte("\x80\x02}q\x00."),
		"renamed.safetensors": []byte("PK\x03\x04rest of it"),
		"empty.pt":            nil,
	} {
		if _, err := Open(write(t, dir, name, data)); !errors.Is(err, ErrPickle) {
			t.Errorf("%s: %v", name, err)
		}
	}
	header := `{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`
	header += strings.Repeat(" ", 0x280-len(header)) // its length looks like a pickle
	f, err := Open(write(t, dir, "fine.safetensors", file(header, 4)))
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
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
		if len(f.Names()) != len(header) {
			t.Fatalf("%d tensors, want %d", len(f.Names()), len(header))
		}
		for name, w := range want {
			if got, err := f.Tensor(name).Float32s(); err != nil || !slices.Equal(got, w) {
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
		for _, name := range file.Names() {
			ts := file.Tensor(name)
			size, _ := ts.DType.size()
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

func FuzzParseIndex(f *testing.F) {
	f.Add([]byte(`{"metadata":{},"weight_map":{"a":"m-1.safetensors"}}`))
	f.Add([]byte(`{"weight_map":{"a":"../b"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		shards, err := parseIndex(data)
		for shard := range shards {
			if err == nil && filepath.Base(shard) != shard {
				t.Fatalf("shard %q", shard)
			}
		}
	})
}
