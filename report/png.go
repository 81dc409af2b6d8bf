package report

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"io"

	"github.com/klauspost/compress/zlib"
)

// encodePNG writes an image of 8- or 16-bit grey, or an opaque one of 8-bit colour.
// Every row is kept as its difference from the one above: image/png tries five
// filters for each, which takes longer than all else about an output.
func encodePNG(w io.Writer, img image.Image) error {
	b := img.Bounds()
	var depth, kind byte
	var rowBytes int
	var row func(dst []byte, y int)
	switch m := img.(type) {
	case *image.Gray16:
		depth, kind, rowBytes = 16, 0, 2*b.Dx()
		row = func(dst []byte, y int) { copy(dst, m.Pix[y*m.Stride:]) }
	case *image.Gray:
		depth, kind, rowBytes = 8, 0, b.Dx()
		row = func(dst []byte, y int) { copy(dst, m.Pix[y*m.Stride:]) }
	case *image.RGBA:
		depth, kind, rowBytes = 8, 2, 3*b.Dx()
		row = func(dst []byte, y int) { dropAlpha(dst, m.Pix[y*m.Stride:]) }
	default:
		return fmt.Errorf("a PNG of %T", img)
	}
	header := binary.BigEndian.AppendUint32(nil, uint32(b.Dx()))
	header = binary.BigEndian.AppendUint32(header, uint32(b.Dy()))
	header = append(header, depth, kind, 0, 0, 0)
	if _, err := io.WriteString(w, "\x89PNG\r\n\x1a\n"); err != nil {
		return err
	}
	if err := writeChunk(w, "IHDR", header); err != nil {
		return err
	}
	if err := writeRows(w, row, rowBytes, b.Dy()); err != nil {
		return err
	}
	return writeChunk(w, "IEND", nil)
}

// dropAlpha keeps three bytes of four.
func dropAlpha(dst, src []byte) {
	for ; len(dst) >= 3; dst, src = dst[3:], src[4:] {
		dst[0], dst[1], dst[2] = src[0], src[1], src[2]
	}
}

// filterUp is the PNG filter that takes the row above away.
const filterUp = 2

// writeRows writes the pixels.
func writeRows(w io.Writer, row func(dst []byte, y int), rowBytes, rows int) error {
	out := bufio.NewWriterSize(chunkWriter{w}, 1<<16)
	z, err := zlib.NewWriterLevel(out, zlib.BestSpeed)
	if err != nil {
		return err
	}
	line := make([]byte, 1+rowBytes)
	line[0] = filterUp
	this, above := make([]byte, rowBytes), make([]byte, rowBytes)
	for y := range rows {
		row(this, y)
		for i, v := range this {
			line[1+i] = v - above[i]
		}
		if _, err := z.Write(line); err != nil {
			return err
		}
		this, above = above, this
	}
	if err := z.Close(); err != nil {
		return err
	}
	return out.Flush()
}

// chunkWriter writes the compressed pixels in chunks.
type chunkWriter struct{ w io.Writer }

func (c chunkWriter) Write(p []byte) (int, error) {
	if err := writeChunk(c.w, "IDAT", p); err != nil {
		return 0, err
	}
	return len(p), nil
}

func writeChunk(w io.Writer, name string, data []byte) error {
	head := append(binary.BigEndian.AppendUint32(nil, uint32(len(data))), name...)
	sum := crc32.Update(crc32.ChecksumIEEE(head[4:]), crc32.IEEETable, data)
	for _, part := range [][]byte{head, data, binary.BigEndian.AppendUint32(nil, sum)} {
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return nil
}
