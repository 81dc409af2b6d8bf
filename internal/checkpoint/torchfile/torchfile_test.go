package torchfile

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func read(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestGolden reads what torch.save wrote: see testdata/golden.py.
func TestGolden(t *testing.T) {
	var golden map[string]struct {
		Shape  []int
		Values []float32
	}
	if err := json.Unmarshal(read(t, "golden.json"), &golden); err != nil || len(golden) < 10 {
		t.Fatalf("%d tensors: %v", len(golden), err)
	}
	for _, name := range []string{"zip.pth", "training.pth", "nested.pth", "plain-legacy.pth", "training-legacy.pth"} {
		all, err := Parse(read(t, name))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(all) != len(golden)+1 || all["count"] == nil {
			t.Errorf("%s: %d tensors, want %d and count", name, len(all), len(golden))
		}
		for k, want := range golden {
			got := all[k]
			if got == nil {
				t.Errorf("%s: no %s", name, k)
				continue
			}
			if v, err := got.Float32s(); err != nil || !slices.Equal(v, want.Values) || !slices.Equal(got.Shape, want.Shape) {
				t.Errorf("%s: %s = %v %v (%v), want %v %v", name, k, got.Shape, v, err, want.Shape, want.Values)
			}
		}
	}
}

// TestScript reads the tensors of a TorchScript archive under the names of its
// state_dict(), and leaves its code alone.
func TestScript(t *testing.T) {
	t.Parallel()
	plain, err := Parse(read(t, "zip.pth"))
	if err != nil {
		t.Fatal(err)
	}
	all, err := Parse(read(t, "script.pt"))
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range maps.Clone(plain) {
		delete(plain, name)
		plain[name+"_"] = v
	}
	plain["blocks.0.deep_"] = plain["a_"]
	if len(all) != len(plain) {
		t.Errorf("%d tensors, want %d", len(all), len(plain))
	}
	for name, want := range plain {
		got := all[name]
		if got == nil {
			t.Errorf("no %s", name)
			continue
		}
		a, _ := got.Float32s()
		b, _ := want.Float32s()
		if !slices.Equal(a, b) || !slices.Equal(got.Shape, want.Shape) || got.DType != want.DType {
			t.Errorf("%s = %v %v, want %v %v", name, got.Shape, a, want.Shape, b)
		}
	}
}

// TestScriptPickle: an archive of TorchScript can name its own types and nothing
// else, and only such an archive can.
func TestScriptPickle(t *testing.T) {
	t.Parallel()
	module := func(state string) string { return "\x80\x02c__torch__.Net\nNet\n)\x81" + state + "b." }
	deep := strings.Repeat("c__torch__.Net\nNet\n)\x81}U\x01m", 40) + "N" + strings.Repeat("sb", 40)
	for _, tc := range []struct{ name, pickle, want string }{
		{"no tensors", module("}"), ""},
		{"itself", "\x80\x02c__torch__.Net\nNet\n)\x81q\x00}U\x04selfh\x00sb.", ""},
		{"state of a list", module("]"), "not a dictionary"},
		{"arguments", "\x80\x02c__torch__.Net\nNet\nK\x01\x85R.", "1 arguments"},
		{"attribute without a name", module("}K\x01Ns"), "not one"},
		{"deep", "\x80\x02" + deep + ".", "more than 32 deep"},
		{"function", "\x80\x02cposix\nsystem\nU\x02ls\x85R.", "posix.system, which is refused"},
		{"like its own", "\x80\x02c__torch__evil\nNet\n)\x81.", "which is refused"},
	} {
		_, err := Parse(zipped(t, zip.Store, "a/data.pkl", tc.pickle, "a/constants.pkl", ")."))
		if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
			t.Errorf("%s: %v, want %q", tc.name, err, tc.want)
		}
	}
	if _, err := Parse(zipped(t, zip.Store, "a/data.pkl", module("}"))); err == nil || !strings.Contains(err.Error(), "__torch__.Net.Net, which is refused") {
		t.Errorf("a module in a file of torch.save: %v", err)
	}
}

// TestRefused: what is not a state dict is refused, and nothing is run.
func TestRefused(t *testing.T) {
	for _, tc := range []struct{ name, want string }{
		{"evil.pth", "posix.system, which is refused"},
		{"evil-legacy.pth", "posix.system, which is refused"},
		{"module.pth", "torch.nn.modules.linear.Linear, which is refused"},
		{"several.pth", "several networks, model, model_ema"},
		{"none.pth", "no tensors"},
		{"list.pth", "not a dictionary"},
		{"expanded.pth", "storage of 1 elements"},
		{"protocol4.pth", "protocol 4"},
	} {
		if _, err := Parse(read(t, tc.name)); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", tc.name, err, tc.want)
		}
	}
	if _, err := os.Stat("run-by-a-pickle"); err == nil {
		t.Error("a pickle was run")
	}
}

// TestTruncated: whatever is cut off, the rest is refused or, where only the
// end of the archive's table is missing, not read wrongly.
func TestTruncated(t *testing.T) {
	for _, name := range []string{"zip.pth", "plain-legacy.pth"} {
		data := read(t, name)
		for n := 0; n < len(data); n += 5 {
			if _, err := Parse(data[:n]); err == nil {
				t.Errorf("%s: the first %d of %d bytes were accepted", name, n, len(data))
			}
		}
	}
}

// pickled is a file of the old container around a pickle.
func pickled(pickle string, storages ...string) []byte {
	b := []byte("\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.\x80\x02}.")
	b = append(b, pickle...)
	b = append(b, "\x80\x02]"...)
	for _, key := range storages {
		b = append(b, "U"+string(rune(len(key)))+key+"a"...)
	}
	b = append(b, '.')
	for range storages {
		b = binary.LittleEndian.AppendUint64(b, 2)
		b = append(b, make([]byte, 8)...)
	}
	return b
}

// tensorOf pickles a tensor of the storage k, of two numbers.
func tensorOf(offset, shape, strides string) string {
	return "ctorch._utils\n_rebuild_tensor_v2\n((U\x07storagectorch\nFloatStorage\nU\x01kU\x03cpuK\x02NtQ" + offset + shape + strides + "\x89NtR"
}

func TestPickle(t *testing.T) {
	t.Parallel()
	entry := func(tensor string) string { return "\x80\x02}U\x01w" + tensor + "s." }
	good := entry(tensorOf("K\x00", "K\x02\x85", "K\x01\x85"))
	if all, err := Parse(pickled(good, "k")); err != nil || all["w"].Len() != 2 {
		t.Fatalf("%v, %v", all, err)
	}
	repeated := "\x80\x02]q\x00" + strings.Repeat("K\x00K\x00\x86a", 3000) + "0"
	for _, tc := range []struct{ name, pickle, want string }{
		{"offset", entry(tensorOf("K\x01", "K\x02\x85", "K\x01\x85")), "beyond a storage"},
		{"stride", entry(tensorOf("K\x00", "K\x02\x85", "K\x02\x85")), "beyond a storage"},
		{"overflow", entry(tensorOf("K\x00", "K\x02\x85", "\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f\x85")), "beyond a storage"},
		{"far", entry(tensorOf("\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f", "K\x02\x85", "K\x01\x85")), "do not fit"},
		{"large", entry(tensorOf("K\x00", "J\xff\xff\xff\x7fJ\xff\xff\xff\x7fJ\xff\xff\xff\x7f\x87", "K\x00K\x00K\x00\x87")), "not believable"},
		{"expanded", entry(tensorOf("K\x00", "K\x09\x85", "K\x00\x85")), "do not fit"},
		{"negative", entry(tensorOf("K\x00", "K\x02\x85", "J\xff\xff\xff\xff\x85")), "something else"},
		{"wide integer", entry(tensorOf("K\x00", "\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x00\x01\x85", "K\x01\x85")), "something else"},
		{"storage of another kind", entry("ctorch._utils\n_rebuild_tensor_v2\n((U\x06modulectorch\nFloatStorage\nU\x01kU\x03cpuK\x02NtQtR"), "not a storage"},
		{"instruction", "\x80\x02I1\n.", "0x49 is refused"},
		{"extension", "\x80\x02\x82\x01.", "0x82 is refused"},
		{"stack global", "\x80\x02\x93.", "0x93 is refused"},
		{"eval", "\x80\x02cbuiltins\neval\n.", "builtins.eval, which is refused"},
		{"empty stack", "\x80\x02a.", "empty stack"},
		{"mark as object", "\x80\x02(\x85.", "mark"},
		{"no mark", "\x80\x02Nt.", "no mark"},
		{"odd", "\x80\x02}(Nu.", "key without a value"},
		{"recall", "\x80\x02h\x05.", "not stored"},
		{"call of a type", "\x80\x02ctorch\nFloatStorage\n)R.", "cannot be constructed"},
		{"call without a tuple", "\x80\x02ccollections\nOrderedDict\nNR.", "tuple of arguments"},
		{"dictionary of numbers", "\x80\x02ccollections\nOrderedDict\n]K\x01a\x85R.", "pairs"},
		{"state of a list", "\x80\x02]}b.", "a state"},
		{"long name", "\x80\x02c" + strings.Repeat("x", 300) + "\n.", "more than 256"},
		{"long string", "\x80\x02X\xff\xff\xff\xff.", "ends in the middle"},
		{"dictionaries of one list", repeated[:len(repeated)-1] + strings.Repeat("ccollections\nOrderedDict\nh\x00\x85R", 3000) + ".", "longer than"},
	} {
		if _, err := Parse(pickled(tc.pickle, "k")); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", tc.name, err, tc.want)
		}
	}
	if _, err := Parse(pickled("\x80\x02}q\x00U\x05modelh\x00s.")); err == nil || !strings.Contains(err.Error(), "no tensors") {
		t.Errorf("a dictionary of itself: %v", err)
	}
	for name, storages := range map[string][]string{"missing": nil, "twice": {"k", "k"}, "of no tensor": {"k", "l"}} {
		if _, err := Parse(pickled(good, storages...)); err == nil || !strings.Contains(err.Error(), "storage") {
			t.Errorf("storage %s: %v", name, err)
		}
	}
}

// zipped is an archive with the given entries.
func zipped(t testing.TB, method uint16, entries ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(entries); i += 2 {
		e, err := w.CreateHeader(&zip.FileHeader{Name: entries[i], Method: method})
		if err != nil {
			t.Fatal(err)
		}
		e.Write([]byte(entries[i+1]))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestArchive(t *testing.T) {
	pickle := "\x80\x02}U\x01w" + tensorOf("K\x00", "K\x02\x85", "K\x01\x85") + "s."
	one := binary.LittleEndian.AppendUint32(nil, math.Float32bits(1))
	for _, tc := range []struct {
		name    string
		method  uint16
		entries []string
		want    string // "": none
	}{
		{"good", zip.Store, []string{"a/data.pkl", pickle, "a/data/k", string(one) + string(one)}, ""},
		{"short storage", zip.Store, []string{"a/data.pkl", pickle, "a/data/k", string(one)}, "do not fit"},
		{"no storage", zip.Store, []string{"a/data.pkl", pickle}, "missing"},
		{"compressed", zip.Deflate, []string{"a/data.pkl", pickle, "a/data/k", string(one) + string(one)}, "compressed"},
		{"other archive", zip.Store, []string{"a/b.txt", "text"}, "data.pkl"},
		{"big-endian", zip.Store, []string{"a/data.pkl", pickle, "a/byteorder", "big"}, "big"},
	} {
		all, err := Parse(zipped(t, tc.method, tc.entries...))
		switch {
		case tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)):
			t.Errorf("%s: %v, want %q", tc.name, err, tc.want)
		case tc.want == "" && (err != nil || all["w"] == nil):
			t.Errorf("%s: %v", tc.name, err)
		}
	}
}

// FuzzPickle runs pickles in the old container: they end in tensors within
// their storages or in an error.
func FuzzPickle(f *testing.F) {
	for _, name := range []string{"plain-legacy.pth", "training-legacy.pth", "evil-legacy.pth"} {
		f.Add(read(f, name))
	}
	f.Add(pickled("\x80\x02}U\x01w"+tensorOf("K\x00", "K\x02\x85", "K\x01\x85")+"s.", "k"))
	f.Fuzz(func(t *testing.T, data []byte) { use(t, data) })
}

// FuzzArchive runs pickles and storages in the new container.
func FuzzArchive(f *testing.F) {
	pickle := "\x80\x02}U\x01w" + tensorOf("K\x00", "K\x02\x85", "K\x01\x85") + "s."
	f.Add([]byte(pickle), []byte("12345678"), "little")
	f.Add([]byte(strings.Replace("\x80\x02c__torch__.Net\nNet\n)\x81"+pickle[2:], "s.", "sb.", 1)), []byte("12345678"), "script")
	f.Add([]byte(strings.Replace(pickle, "Float", "Half", 1)), []byte("12345678"), "")
	f.Fuzz(func(t *testing.T, pickle, storage []byte, order string) {
		entries := []string{"a/data.pkl", string(pickle), "a/data/k", string(storage)}
		if order == "script" {
			order = ""
			entries = append(entries, "a/constants.pkl", ").")
		}
		if order != "" {
			entries = append(entries, "a/byteorder", order)
		}
		use(t, zipped(t, zip.Store, entries...))
	})
}

// use reads all values of a file that is accepted.
func use(t *testing.T, data []byte) {
	all, err := Parse(data)
	if err != nil {
		return
	}
	for name, s := range all {
		v, err := s.Float32s()
		if err == nil && len(v) != s.Len() || len(v) > len(data) {
			t.Fatalf("%q: %d values of %d", name, len(v), s.Len())
		}
	}
}
