//go:build linux

package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/jpeg"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"codegraph/internal/perf"
)

// TestMaxMemory: beside images that fit, of which each takes much of it, files of any
// kind that do not are refused by their first bytes, and the process stays within a
// tenth of --max-memory.
func TestMaxMemory(t *testing.T) {
	t.Parallel()
	const limit = 128 << 20
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
	for k := range 2 {
		const side = 2000
		img := image.NewRGBA(image.Rect(0, 0, side, side))
		for i := range img.Pix {
			img.Pix[i] = uint8(i*(k+1)>>10) | uint8(i%4/3*255)
		}
		var j bytes.Buffer
		if err := jpeg.Encode(&j, img, nil); err != nil {
			t.Fatal(err)
		}
		put(t, filepath.Join(dir, fmt.Sprintf("large%d.jpg", k)), j.String())
		ppm := fmt.Appendf(nil, "P6 %d %d 255\n", side, side)
		for i := 0; i < len(img.Pix); i += 4 {
			ppm = append(ppm, img.Pix[i+2], img.Pix[i+1], img.Pix[i])
		}
		put(t, filepath.Join(dir, fmt.Sprintf("large%d.ppm", k)), string(ppm))
	}
	cmd := osexec.CommandContext(t.Context(), os.Args[0], "scan", "--max-memory", "128MiB", "--size", "64", "--grid", "4", "--align", "off", "--no-report", "--overlays", "all", "--out", filepath.Join(t.TempDir(), "out"), dir)
	cmd.Env = append(os.Environ(), asProgram+"=whole")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { cmd.Wait(); close(ended) }()
	most := int64(0)
	for running := true; running; {
		select {
		case <-ended:
			running = false
		case <-time.After(time.Millisecond):
			most = max(most, perf.Memory(cmd.Process.Pid, "RssAnon"))
		}
	}
	if code := cmd.ProcessState.ExitCode(); code != exitPartial {
		t.Fatalf("exit code %d: %s", code, &out)
	}
	for _, name := range []string{"x.bmp", "x.tga", "x.ppm", "x.gif", "x.png"} {
		if !strings.Contains(out.String(), "not scored: "+name+": image too large: decoding takes") {
			t.Errorf("%s is not refused for its memory:\n%s", name, &out)
		}
	}
	if most == 0 || most > limit+limit/10 {
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
