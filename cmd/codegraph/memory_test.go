//go:build linux

package main

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestMaxMemory: beside images that fit, files of any kind that do not are refused by
// their first bytes, and the process stays within a tenth of --max-memory.
func TestMaxMemory(t *testing.T) {
	t.Parallel()
	const limit = 256 << 20
	dir := photos(t, "a.png", "b.png", "c.png")
	const side = 7000 // 147 MB of RGB
	le := binary.LittleEndian
	bmp := make([]byte, 54)
	copy(bmp, "BM")
	le.PutUint32(bmp[10:], 54)
	for at, v := range map[int]uint32{14: 40, 18: side, 22: side} {
		le.PutUint32(bmp[at:], v)
	}
	le.PutUint16(bmp[26:], 1)
	le.PutUint16(bmp[28:], 24)
	tga := []byte{2: 2, 16: 24, 17: 0}
	le.PutUint16(tga[12:], side)
	le.PutUint16(tga[14:], side)
	for name, f := range map[string]struct {
		head string
		size int64
	}{
		"x.bmp": {string(bmp), 54 + 3*side*side},
		"x.tga": {string(tga), 18 + 3*side*side},
		"x.ppm": {fmt.Sprintf("P6 %d %d 255\n", side, side), 20 + 3*side*side},
		"x.gif": {"GIF89a\x58\x1b\x58\x1b\x00\x00\x00", 1 << 20}, // 7000 × 7000
		"x.png": {pngHeader(10000, 10000, 16, 6), 1 << 20},
	} {
		file := filepath.Join(dir, name)
		put(t, file, f.head)
		if err := os.Truncate(file, f.size); err != nil {
			t.Fatal(err)
		}
	}
	cmd := osexec.CommandContext(t.Context(), os.Args[0], "scan", "--max-memory", "256MiB", "--size", "64", "--grid", "4", "--align", "off", "--no-report", "--out", filepath.Join(t.TempDir(), "out"), dir)
	cmd.Env = append(os.Environ(), asProgram+"=whole")
	out, _ := cmd.CombinedOutput()
	if code := cmd.ProcessState.ExitCode(); code != exitPartial {
		t.Fatalf("exit code %d: %s", code, out)
	}
	for _, name := range []string{"x.bmp", "x.tga", "x.ppm", "x.gif", "x.png"} {
		if !strings.Contains(string(out), "not scored: "+name+": image too large: decoding takes") {
			t.Errorf("%s is not refused for its memory:\n%s", name, out)
		}
	}
	most := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss << 10
	if most > limit+limit/10 {
		t.Errorf("%d MiB were taken, %d are the bound", most>>20, limit>>20)
	}
	t.Logf("%d MiB of %d", most>>20, limit>>20)
}

// pngHeader is the beginning of a PNG.
func pngHeader(w, h uint32, bits, colour byte) string {
	ihdr := []byte("IHDR")
	ihdr = binary.BigEndian.AppendUint32(ihdr, w)
	ihdr = binary.BigEndian.AppendUint32(ihdr, h)
	ihdr = append(ihdr, bits, colour, 0, 0, 0)
	out := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), ihdr...)
	return string(binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(ihdr)))
}
