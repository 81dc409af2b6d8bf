package cache

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"codegraph/backbone"
	"codegraph/internal/atomicfile"
	"codegraph/internal/mutual"
)

// clock is a time that passes when it is told to.
type clock struct{ t time.Time }

func newClock() *clock                 { return &clock{time.Now().Truncate(time.Second)} }
func (c *clock) now() time.Time        { return c.t }
func (c *clock) pass(by time.Duration) { c.t = c.t.Add(by) }
func (c *clock) open(t *testing.T, dir string, limit int64) *Dir {
	t.Helper()
	d, err := open(dir, limit, c.now)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// putScores stores an entry of about size bytes, one of those that are given
// up first.
func putScores(t *testing.T, d *Dir, key Key, size int) {
	t.Helper()
	n := (size - prefixLen - 16 - 32) / 4
	if err := d.PutScores(key, [][]float32{make([]float32, n)}); err != nil {
		t.Fatal(err)
	}
}

// present lists, by its first byte, which of the keys are there.
func present(t *testing.T, d *Dir) string {
	t.Helper()
	files, err := os.ReadDir(d.path)
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, f := range files {
		keys = append(keys, f.Name()[:2])
	}
	return strings.Join(keys, " ")
}

func TestEvictsLeastRecentlyUsed(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := c.open(t, t.TempDir(), 4000)
	for i := range 4 {
		c.pass(time.Second)
		putScores(t, d, Key{byte(i)}, 1000)
	}
	c.pass(time.Second)
	if _, ok := d.Scores(Key{0}); !ok {
		t.Fatal("the first is gone although all fit")
	}
	c.pass(time.Second)
	putScores(t, d, Key{4}, 1000)
	// 5000 bytes; an eighth of 4000 is to be free: the two oldest go.
	if got := present(t, d); got != "00 03 04" {
		t.Errorf("left: %s, want 00 03 04", got)
	}
}

func TestEvictionTies(t *testing.T) {
	t.Parallel()
	for range 3 {
		c := newClock()
		d := c.open(t, t.TempDir(), 4000)
		for _, i := range rand.Perm(4) {
			putScores(t, d, Key{byte(i)}, 1000)
		}
		putScores(t, d, Key{0, 1}, 1000)
		// All of one age: names decide, but what was just put stays.
		if got := present(t, d); got != "00 02 03" {
			t.Errorf("left: %s, want 00 02 03", got)
		}
		if _, ok := d.Scores(Key{0, 1}); !ok {
			t.Error("what was just put is gone")
		}
	}
}

func TestBytesGoLast(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := c.open(t, t.TempDir(), 4000)
	if err := d.PutBytes(Key{9}, make([]byte, 100)); err != nil {
		t.Fatal(err)
	}
	for i := range 6 {
		c.pass(time.Second)
		putScores(t, d, Key{byte(i)}, 1000)
	}
	if _, ok := d.Bytes(Key{9}); !ok {
		t.Error("an old result went before younger scores")
	}
	for i := range 100 {
		c.pass(time.Second)
		if err := d.PutBytes(Key{10, byte(i)}, make([]byte, 100)); err != nil {
			t.Fatal(err)
		}
	}
	if s, err := d.Stat(); err != nil || s.Bytes > 4000 {
		t.Errorf("%d bytes, %v: results exceed the limit", s.Bytes, err)
	}
}

// The entry that fills nearly all of the limit displaces all others.
func TestEvictsForLargeEntry(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := c.open(t, t.TempDir(), 4000)
	putScores(t, d, Key{1}, 1000)
	c.pass(time.Second)
	putScores(t, d, Key{2}, 3900)
	if got := present(t, d); got != "02" {
		t.Errorf("left: %s, want 02", got)
	}
}

func TestOpenTrims(t *testing.T) {
	t.Parallel()
	c, dir := newClock(), t.TempDir()
	d := c.open(t, dir, -1)
	for i := range 8 {
		c.pass(time.Second)
		putScores(t, d, Key{byte(i)}, 1000)
	}
	d = c.open(t, dir, 2400)
	if got := present(t, d); got != "06 07" {
		t.Errorf("left: %s, want 06 07", got)
	}
}

// Two processes fill one folder: each sees now and then what the other did.
func TestSharedLimit(t *testing.T) {
	t.Parallel()
	c, dir := newClock(), t.TempDir()
	const limit = 64000
	a, b := c.open(t, dir, limit), c.open(t, dir, limit)
	for i := range 100 {
		c.pass(time.Second)
		putScores(t, a, Key{byte(i), 1}, 1000)
		putScores(t, b, Key{byte(i), 2}, 1000)
		if s, err := a.Stat(); err != nil || s.Bytes > limit+limit/16+1000 {
			t.Fatalf("%d bytes at a limit of %d, %v", s.Bytes, limit, err)
		}
	}
}

func TestOpenRemovesStale(t *testing.T) {
	t.Parallel()
	dir, c := t.TempDir(), newClock()
	key := KeyOf("x").String()
	files := map[string]bool{ // name: kept
		"." + key + ".1z.cgtmp":     false,
		"." + key + ".2z.cgtmp":     true, // young
		".results.json.1z.cgtmp":    true, // another's
		key + ".features":           true,
		"notes.txt":                 true,
		strings.ToUpper(key) + ".A": true,
	}
	for name := range files {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("x"), 0o666); err != nil {
			t.Fatal(err)
		}
		age := 2 * time.Hour
		if strings.Contains(name, ".2z.") {
			age = time.Minute
		}
		if err := os.Chtimes(path, c.t.Add(-age), c.t.Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	if !atomicfile.IsTemp("." + key + ".1z.cgtmp") {
		t.Fatal("atomicfile names its files otherwise")
	}
	c.open(t, dir, 0)
	for name, kept := range files {
		if _, err := os.Stat(filepath.Join(dir, name)); (err == nil) != kept {
			t.Errorf("%s: kept %v, want %v", name, err == nil, kept)
		}
	}
}

// The temporary names of entries are those that Open looks for.
func TestTempNames(t *testing.T) {
	t.Parallel()
	dir, c := t.TempDir(), newClock()
	for _, k := range kinds {
		if _, err := atomicfile.Create(filepath.Join(dir, k.file(KeyOf("x")))); err != nil {
			t.Fatal(err)
		}
	}
	c.pass(2 * time.Hour)
	d := c.open(t, dir, 0)
	if got := present(t, d); got != "" {
		t.Errorf("left of a killed process: %s", got)
	}
}

func TestStatAndClear(t *testing.T) {
	t.Parallel()
	d := mustOpen(t, -1)
	small(t, d, Key{1})
	if err := d.PutBytes(Key{2}, nil); err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(d.path, "notes.txt")
	if err := os.WriteFile(other, []byte("mine"), 0o666); err != nil {
		t.Fatal(err)
	}
	s, err := d.Stat()
	if err != nil {
		t.Fatal(err)
	}
	const frame = int64(56 + 32)
	want := Stat{Usage{5, 5*frame + (4*8 + 20) + (16 + 32) + (16 + 24) + (8 + 11) + 8}, map[string]Usage{
		"features": {1, frame + 4*8 + 20}, "table": {1, frame + 16 + 32}, "scores": {1, frame + 16 + 24}, "bytes": {2, 2*frame + 8 + 11 + 8},
	}}
	if fmt.Sprint(s) != fmt.Sprint(want) {
		t.Errorf("Stat = %v, want %v", s, want)
	}
	if err := d.Clear(); err != nil {
		t.Fatal(err)
	}
	if s, err := d.Stat(); err != nil || s.Entries != 0 {
		t.Errorf("after Clear: %v, %v", s, err)
	}
	if _, err := os.Stat(other); err != nil {
		t.Errorf("Clear removed another's file: %v", err)
	}
}

func TestDefaultDir(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the variable that says where caches are is that of Linux")
	}
	base := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", base)
	d, err := Open("", 0)
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(base, "codegraph"); d.path != want || d.limit != DefaultLimit {
		t.Errorf("opened %s with limit %d, want %s with %d", d.path, d.limit, want, int64(DefaultLimit))
	}
}

func TestNoFolder(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(filepath.Join(file, "cache"), 0); err == nil || !strings.Contains(err.Error(), "name another folder") {
		t.Errorf("a folder below a file: %v", err)
	}
	d := mustOpen(t, -1)
	if err := os.Remove(d.path); err != nil {
		t.Fatal(err)
	}
	if _, ok := d.Bytes(Key{}); ok {
		t.Error("found in a folder that is gone")
	}
	if s, err := d.Stat(); err != nil || s.Entries != 0 {
		t.Errorf("Stat of a folder that is gone: %v, %v", s, err)
	}
	if err := d.PutBytes(Key{}, nil); err != nil {
		t.Errorf("the folder is not made again: %v", err)
	}
	if err := errors.Join(d.Clear(), os.Remove(d.path), os.WriteFile(d.path, nil, 0o666)); err != nil {
		t.Fatal(err)
	}
	if err := d.PutBytes(Key{}, nil); err == nil {
		t.Error("an entry is put into a file")
	}
}

func TestReadOnlyFolder(t *testing.T) {
	t.Parallel()
	if os.Geteuid() <= 0 {
		t.Skip("permissions do not bind this user or system")
	}
	d := mustOpen(t, -1)
	if err := d.PutBytes(Key{1}, []byte("x")); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(d.path, 0o555); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(d.path, 0o777)
	if err := d.PutBytes(Key{2}, nil); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("Put: %v, want a missing permission", err)
	}
	if _, ok := d.Bytes(Key{1}); !ok {
		t.Error("what is there cannot be read")
	}
}

// Several goroutines with two Dirs on one folder, small enough that entries
// are removed all the time: what is found is always right.
func TestConcurrent(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var wg sync.WaitGroup
	for g := range 4 {
		d, err := Open(dir, 20000)
		if err != nil {
			t.Fatal(err)
		}
		for h := range 2 {
			wg.Go(func() {
				rng := rand.New(rand.NewPCG(uint64(g), uint64(h)))
				for range 60 {
					visit(t, d, rng.IntN(12))
				}
			})
		}
	}
	wg.Wait()
	if left, err := filepath.Glob(filepath.Join(dir, ".*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// visit gets or puts value v.
func visit(t *testing.T, d *Dir, v int) {
	key := Key{byte(v)}
	want := fill(make([]float32, 500+v), rand.New(rand.NewPCG(uint64(v), 0)))
	f, ok := d.Features(key)
	if ok && !same(f.Layers[0].Data, want) {
		t.Errorf("value %d is found changed", v)
	}
	if !ok {
		f := &backbone.Features{Layers: []backbone.Map{{H: 1, W: 1, C: len(want), Data: want}}}
		if err := d.PutFeatures(key, f); err != nil {
			t.Error(err)
		}
	}
	if _, err := d.Stat(); err != nil {
		t.Error(err)
	}
}

func TestDifferentKindsShareAKey(t *testing.T) {
	t.Parallel()
	d := mustOpen(t, -1)
	for k := range small(t, d, Key{1}) {
		if !lookup(d, k, Key{1}) {
			t.Errorf("%s is not found beside the other kinds", k.name)
		}
	}
}

// Features of the size the embedded network makes, and a table of 64 MiB.
func BenchmarkFeatures(b *testing.B) {
	d := mustOpen(b, -1)
	f := &backbone.Features{Layers: []backbone.Map{
		{H: 64, W: 64, C: 40, Data: make([]float32, 64*64*40)}, {H: 32, W: 32, C: 112, Data: make([]float32, 32*32*112)},
	}}
	put := func() {
		if err := d.PutFeatures(Key{}, f); err != nil {
			b.Fatal(err)
		}
	}
	put()
	b.Run("get", func(b *testing.B) {
		b.SetBytes(4 * (64*64*40 + 32*32*112))
		b.ReportAllocs()
		for b.Loop() {
			if _, ok := d.Features(Key{}); !ok {
				b.Fatal("not found")
			}
		}
	})
	b.Run("put", func(b *testing.B) {
		b.SetBytes(4 * (64*64*40 + 32*32*112))
		for b.Loop() {
			put()
		}
	})
}

func BenchmarkTable(b *testing.B) {
	d, ctx := mustOpen(b, -1), context.Background()
	t := mutual.NewTable(128, 1024)
	if err := d.PutTable(ctx, Key{}, t); err != nil {
		b.Fatal(err)
	}
	reuse := func() (*mutual.Table, error) { return t, nil }
	b.SetBytes(mutual.TableBytes(128, 1024))
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := d.Table(ctx, Key{}, reuse); !ok {
			b.Fatal("not found")
		}
	}
}

func TestNamesOfEntries(t *testing.T) {
	t.Parallel()
	for _, k := range kinds {
		name := k.file(KeyOf("x"))
		if kindOf(name) != k {
			t.Errorf("%s is not recognised", name)
		}
		for _, other := range []string{name + "x", "a" + name, name[1:], "." + name, strings.ToUpper(name)} {
			if kindOf(other) != nil {
				t.Errorf("%s is taken for an entry", other)
			}
		}
	}
	codes := []uint32{}
	for _, k := range kinds {
		codes = append(codes, k.code)
	}
	if !slices.Equal(codes, []uint32{1, 2, 3, 4}) {
		t.Errorf("codes %v changed", codes)
	}
}
