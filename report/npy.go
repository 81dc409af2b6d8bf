package report

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strings"
)

// writeNPY writes data, [h][w] row-major, as an array file of NumPy (format
// version 1.0: magic, header length, a Python literal padded with spaces so
// that the data starts at a multiple of 64 bytes; then little-endian
// float32). See https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
func writeNPY(w io.Writer, data []float32, height, width int) error {
	header := fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }", height, width)
	const fixed = 6 + 2 + 2 // magic, version, length
	pad := (64 - (fixed+len(header)+1)%64) % 64
	header += strings.Repeat(" ", pad) + "\n"

	buf := make([]byte, 0, fixed+len(header)+4*len(data))
	buf = append(buf, "\x93NUMPY\x01\x00"...)
	buf = binary.LittleEndian.AppendUint16(buf, uint16(len(header)))
	buf = append(buf, header...)
	for _, v := range data {
		buf = binary.LittleEndian.AppendUint32(buf, math.Float32bits(v))
	}
	_, err := w.Write(buf)
	return err
}
