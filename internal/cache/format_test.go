package cache

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"testing/iotest"

	"codegraph/backbone"
	"codegraph/internal/mutual"
)

// small writes one small entry of every kind and returns their files.
func small(t testing.TB, d *Dir, key Key) map[*kind]string {
	t.Helper()
	table := mutual.NewTable(2, 2)
	table.Row(1, 1)[0] = 3
	for _, err := range []error{
		d.PutFeatures(key, &backbone.Features{Layers: []backbone.Map{{H: 1, W: 2, C: 2, Data: []float32{1, 2, 3, 4}}}, Class: []float32{5}}),
		d.PutTable(context.Background(), key, table),
		d.PutScores(key, [][]float32{{1, 2, 3}, {4, 5, 6}}),
		d.PutBytes(key, []byte(`{"auroc":1}`)),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	files := make(map[*kind]string)
	for _, k := range kinds {
		files[k] = filepath.Join(d.path, k.file(key))
	}
	return files
}

// lookup reports whether an entry of the kind is found.
func lookup(d *Dir, k *kind, key Key) (ok bool) {
	switch k {
	case featuresKind:
		_, ok = d.Features(key)
	case tableKind:
		_, ok = d.Table(context.Background(), key, nil)
	case scoresKind:
		_, ok = d.Scores(key)
	case bytesKind:
		_, ok = d.Bytes(key)
	}
	return ok
}

// mustMiss puts content where the entry is: it must not be found, and must be
// gone afterwards.
func mustMiss(t *testing.T, d *Dir, k *kind, key Key, path string, content []byte, what string, at int) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o666); err != nil {
		t.Fatal(err)
	}
	if lookup(d, k, key) {
		t.Fatalf("%s: found although %s %d", k.name, what, at)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("%s: not removed although %s %d: %v", k.name, what, at, err)
	}
}

func TestDamage(t *testing.T) {
	t.Parallel()
	d, key := mustOpen(t, -1), KeyOf("damage")
	for k, path := range small(t, d, key) {
		good, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for i := range good {
			for _, flip := range []byte{1, 0x80, 0xff} {
				bad := bytes.Clone(good)
				bad[i] ^= flip
				mustMiss(t, d, k, key, path, bad, "changed at", i)
			}
			mustMiss(t, d, k, key, path, good[:i], "cut at", i)
		}
		mustMiss(t, d, k, key, path, append(bytes.Clone(good), 0), "longer than", len(good))
		if err := os.WriteFile(path, good, 0o666); err != nil {
			t.Fatal(err)
		}
		if !lookup(d, k, key) {
			t.Errorf("%s: the good entry is not found", k.name)
		}
	}
}

// A file under another name is not what its name says.
func TestForeign(t *testing.T) {
	t.Parallel()
	d, key, other := mustOpen(t, -1), KeyOf("key"), KeyOf("other")
	files, others := small(t, d, key), small(t, d, other)
	for k, path := range files {
		for from := range files {
			content, err := os.ReadFile(others[from])
			if err != nil {
				t.Fatal(err)
			}
			mustMiss(t, d, k, key, path, content, "an entry of kind", int(from.code))
		}
		if err := os.Mkdir(path, 0o777); err != nil {
			t.Fatal(err)
		}
		if lookup(d, k, key) {
			t.Errorf("%s: a folder is found", k.name)
		}
	}
}

// sealed makes a whole entry with a valid digest.
func sealed(k *kind, shape []uint64, payload []byte) []byte {
	b := binary.LittleEndian.AppendUint32([]byte(magic), version)
	b = binary.LittleEndian.AppendUint32(b, k.code)
	b = append(b, make([]byte, len(Key{}))...)
	b = binary.LittleEndian.AppendUint64(b, uint64(len(shape)))
	for _, s := range shape {
		b = binary.LittleEndian.AppendUint64(b, s)
	}
	b = append(b, payload...)
	sum := sha256.Sum256(b)
	return append(b, sum[:]...)
}

// decodeAny decodes an entry of the zero key and counts the numbers in it.
func decodeAny(k *kind, file []byte) (count int, err error) {
	err = readEntry(bytes.NewReader(file), int64(len(file)), k, Key{}, func(r *reader) error {
		switch k {
		case featuresKind:
			f, err := decodeFeatures(r)
			if err != nil {
				return err
			}
			count = len(f.Class)
			for _, m := range f.Layers {
				count += len(m.Data)
			}
		case tableKind:
			n, p := int(r.shape[0]), int(r.shape[1])
			count = n * p * n
			return eachRow(context.Background(), mutual.NewTable(n, p), r.floats)
		case scoresKind:
			s, err := decodeScores(r)
			if err != nil {
				return err
			}
			count = len(s) * len(s[0])
		case bytesKind:
			count = int(r.shape[0])
			_, err := io.ReadFull(r, make([]byte, count))
			return cutOff(err)
		}
		return nil
	})
	return count, err
}

// Lengths are checked before memory is taken for them.
func TestHugeLengths(t *testing.T) {
	huge := []uint64{1 << 20, 1<<31 - 1, 1 << 31, 1 << 32, 1 << 62, math.MaxUint64}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	tried := 0
	for _, k := range kinds {
		for _, a := range huge {
			for _, b := range []uint64{0, 1, a} {
				for _, shape := range [][]uint64{{a}, {a, b}, {b, a}, {0, a, b, a}, {0, a, 0, 0, a, a, 0}, {b, a, a, a, 0, 0, a}} {
					tried++
					if n, err := decodeAny(k, sealed(k, shape, make([]byte, 64))); err == nil && n > 64 {
						t.Errorf("%s of shape %v: %d numbers from 64 bytes", k.name, shape, n)
					}
				}
			}
		}
	}
	file := sealed(bytesKind, nil, nil)
	binary.LittleEndian.PutUint64(file[prefixLen-8:], math.MaxUint64)
	if _, err := decodeAny(bytesKind, file); !errors.Is(err, errDamaged) {
		t.Errorf("shape of any length: %v", err)
	}
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / uint64(tried); each > 16<<10 {
		t.Errorf("%d bytes allocated for each file of some 200", each)
	}
}

// FuzzSealed feeds shapes and payloads with a valid digest, so that the
// fuzzer gets past it.
func FuzzSealed(f *testing.F) {
	f.Add(uint8(0), u64s(1, 1, 2, 2), make([]byte, 20))
	f.Add(uint8(0), u64s(0, 1<<31, 1<<31, 0), []byte{})
	f.Add(uint8(1), u64s(2, 2), make([]byte, 32))
	f.Add(uint8(2), u64s(2, 3), make([]byte, 24))
	f.Add(uint8(3), u64s(2), []byte("{}"))
	f.Fuzz(func(t *testing.T, which uint8, shape, payload []byte) {
		k := kinds[int(which)%len(kinds)]
		var dims []uint64
		for ; len(shape) >= 8; shape = shape[8:] {
			dims = append(dims, binary.LittleEndian.Uint64(shape))
		}
		n, err := decodeAny(k, sealed(k, dims, payload))
		switch {
		case err == nil && n*int(k.width) != len(payload):
			t.Fatalf("%d numbers from %d bytes", n, len(payload))
		case err != nil && !errors.Is(err, errDamaged):
			t.Fatalf("error %v does not say that the entry is damaged", err)
		}
	})
}

func u64s(v ...uint64) (b []byte) {
	for _, x := range v {
		b = binary.LittleEndian.AppendUint64(b, x)
	}
	return b
}

// FuzzRaw feeds whole files, under every kind.
func FuzzRaw(f *testing.F) {
	f.Add([]byte(magic))
	f.Add(sealed(bytesKind, []uint64{2}, []byte("{}")))
	f.Add(sealed(scoresKind, []uint64{1, 1}, make([]byte, 4)))
	f.Fuzz(func(t *testing.T, file []byte) {
		good := 0
		for _, k := range kinds {
			if _, err := decodeAny(k, file); err == nil {
				good++
			} else if !errors.Is(err, errDamaged) {
				t.Fatal(err)
			}
		}
		if good > 1 {
			t.Fatal("one file is good as several kinds")
		}
	})
}

// narrow takes so many bytes, then is full.
type narrow struct{ room int }

func (w *narrow) Write(p []byte) (int, error) {
	if w.room -= len(p); w.room < 0 {
		return 0, errFull
	}
	return len(p), nil
}

var errFull = errors.New("full")

// A failed write shows, wherever it happens.
func TestWriteFails(t *testing.T) {
	t.Parallel()
	v := make([]float32, bufferSize) // four buffers
	shape := []uint64{1, bufferSize}
	size, _ := scoresKind.size(shape)
	write := func(w io.Writer) error {
		return writeEntry(w, scoresKind, Key{}, shape, func(w *writer) error { return w.floats(v) })
	}
	for _, room := range []int64{0, 1, bufferSize, 3 * bufferSize, size - sha256.Size - 1, size - 1} {
		if err := write(&narrow{int(room)}); !errors.Is(err, errFull) {
			t.Errorf("room for %d of %d bytes: %v", room, size, err)
		}
	}
	if err := write(&narrow{int(size)}); err != nil {
		t.Error(err)
	}
}

// An error of the disk is not damage: the entry may be good.
func TestReadFails(t *testing.T) {
	t.Parallel()
	file := sealed(scoresKind, []uint64{1, 64}, make([]byte, 256))
	for n := range file {
		src := io.MultiReader(bytes.NewReader(file[:n]), iotest.ErrReader(errFull))
		err := readEntry(src, int64(len(file)), scoresKind, Key{}, func(r *reader) error {
			_, err := decodeScores(r)
			return err
		})
		if !errors.Is(err, errFull) || errors.Is(err, errDamaged) {
			t.Fatalf("after %d bytes: %v", n, err)
		}
	}
}
