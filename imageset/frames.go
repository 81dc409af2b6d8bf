package imageset

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"

	"codegraph/internal/deep"
	"codegraph/internal/regular"
	"codegraph/internal/tiff"
)

// pages counts the images of a file that are parts of their own, the pages of a
// TIFF, by its directories alone, whatever it is called. What cannot be read has
// one, so that Load says what is wrong.
func pages(path string) int {
	f, err := regular.Open(path)
	if err != nil {
		return 1
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 1
	}
	var head [4]byte
	if _, err := f.ReadAt(head[:], 0); err != nil || !isTIFF(head[:]) {
		return 1
	}
	n, err := tiff.Count(f, info.Size())
	if err != nil {
		return 1
	}
	return n
}

// unshown says what a file holds that img, decoded from it, does not show.
func unshown(data []byte, page int, kind string, img image.Image) (warnings []string) {
	if n := frames(data, kind); n > 1 {
		warnings = append(warnings, fmt.Sprintf("has %d frames, of which the first is read", n))
	}
	if m, ok := img.(*deep.Image); ok && m.Lost > 0 {
		warnings = append(warnings, fmt.Sprintf("has %d samples that are not numbers (NaN or infinite), shown as black", m.Lost))
	}
	if kind == "TIFF" {
		if p, err := tiffPage(data, page); err == nil && p.Unused() > 0 {
			warnings = append(warnings, fmt.Sprintf("has %d samples per pixel; all after the first %d are left out", p.Samples, p.Samples-p.Unused()))
		}
	}
	return warnings
}

// frames counts the pictures of a moving GIF or PNG; 1 where there is no more.
func frames(data []byte, kind string) int {
	switch kind {
	case "GIF":
		return gifFrames(data)
	case "PNG":
		// An acTL chunk stands before the first IDAT (APNG specification).
		at := bytes.Index(data, []byte("acTL"))
		if idat := bytes.Index(data, []byte("IDAT")); at >= 0 && at < idat && at+8 <= len(data) {
			return int(binary.BigEndian.Uint32(data[at+4:]))
		}
	}
	return 1
}

// gifFrames counts image descriptors (GIF89a specification, appendix A).
func gifFrames(data []byte) (n int) {
	if len(data) < 13 {
		return 1
	}
	at := 13
	if data[10]&0x80 != 0 {
		at += 3 << (data[10]&7 + 1)
	}
	skip := func() {
		for at < len(data) && data[at] != 0 {
			at += int(data[at]) + 1
		}
		at++
	}
	for at < len(data) {
		switch data[at] {
		case 0x21:
			at += 2
			skip()
		case 0x2c:
			if at+10 > len(data) {
				return n
			}
			n++
			flags := data[at+9]
			at += 10
			if flags&0x80 != 0 {
				at += 3 << (flags&7 + 1)
			}
			at++ // the size of its codes
			skip()
		default:
			return n
		}
	}
	return n
}
