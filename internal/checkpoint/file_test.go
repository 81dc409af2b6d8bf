package checkpoint

import (
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
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
		{"empty.safetensors", nil, "empty"},
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
	for name, want := range map[string]string{"a-00001-of-00001.safetensors": "", "a-00001-of-00012.safetensors": "one of the shards", "b-1-of-2.bin": "one of the shards"} {
		switch f, err := Open(write(t, dir, name, good)); {
		case want == "" && err != nil, want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v, want %q", name, err, want)
		case err == nil:
			f.Close()
		}
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

// TestMistaken: what is found in a checkpoint's place is called what it is,
// whatever its name.
func TestMistaken(t *testing.T) {
	dir := t.TempDir()
	for _, tc := range []struct{ name, data, want string }{
		{"lfs.safetensors", "version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 1234\n", "(of 1234 bytes)"},
		{"lfs.bin", "version https://git-lfs.github.com/spec/v1\r\n", "git lfs pull"},
		{"page.safetensors", "<!DOCTYPE html><html>Not found</html>", "web page"},
		{"page.pth", "\n <HTML>", "web page"},
		{"error.safetensors", `{"error":"Repository not found"}`, "JSON"},
		{"empty.pt", "", "empty"},
		{"pickle.safetensors", "\x80\x02}q\x00.", "not one of torch.save"},
		{"zip.safetensors", "PK\x03\x04rest of it", "ZIP archive"},
		{"tar.pt", strings.Repeat("\x00", 257) + "ustar\x0000", "TAR archive"},
	} {
		if _, err := Open(write(t, dir, tc.name, []byte(tc.data))); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", tc.name, err, tc.want)
		}
	}
	header := `{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`
	for _, length := range []int{0x280, 0x100 + '{', 0x200 + ' '} { // looks like a pickle, like JSON, like a space
		long := header + strings.Repeat(" ", length-len(header))
		f, err := Open(write(t, dir, "fine.safetensors", file(long, 4)))
		if err != nil {
			t.Fatalf("a header of %d bytes: %v", length, err)
		}
		f.Close()
	}
}

// TestTorch opens a sharded checkpoint of torch.save in a folder.
func TestTorch(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"zip.pth", "plain-legacy.pth"} {
		data, err := os.ReadFile(filepath.Join("torchfile", "testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		write(t, dir, name, data)
	}
	write(t, dir, "pytorch_model.bin.index.json", []byte(`{"weight_map":{"a":"zip.pth","row":"plain-legacy.pth"}}`))
	f, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if f.Tensor("a") == nil || f.Tensor("row") == nil || f.Tensor("tied") != nil || len(f.Paths()) != 2 {
		t.Errorf("tensors %v of %v", f.Names(), f.Paths())
	}
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
