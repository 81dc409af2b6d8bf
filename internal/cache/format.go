package cache

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/bits"
)

// An entry is, with all numbers little-endian,
//
//	magic    8 bytes "CGCACHE\0"
//	version  uint32, 1
//	kind     uint32
//	key      32 bytes
//	rank     uint64, length of the shape
//	shape    uint64 each; what they mean depends on the kind
//	payload  float32 or bytes, their number given by the shape
//	digest   SHA-256 of everything before it
const (
	magic   = "CGCACHE\x00"
	version = 1

	prefixLen  = len(magic) + 4 + 4 + len(Key{}) + 8
	bufferSize = 256 << 10
)

// errDamaged marks an entry that is not what its name says.
var errDamaged = errors.New("damaged")

// kind is a type of value.
type kind struct {
	code uint32
	name string // extension of the file
	// elements counts what the payload of an entry of this shape holds, of
	// width bytes each; ok is false for a shape that no value has.
	elements func(shape []uint64) (n uint64, ok bool)
	width    uint64
}

// size is the length of an entry of the given shape; ok is false if there is
// none.
func (k *kind) size(shape []uint64) (size int64, ok bool) {
	for _, d := range shape {
		if d > math.MaxInt32 { // so that each fits an int everywhere
			return 0, false
		}
	}
	n, ok := k.elements(shape)
	if !ok || n > math.MaxInt/k.width {
		return 0, false
	}
	extra := uint64(prefixLen + 8*len(shape) + sha256.Size)
	payload := n * k.width
	return int64(extra + payload), payload <= math.MaxInt64-extra
}

// volume is the product of dims; ok is false if it overflows.
func volume(dims ...uint64) (v uint64, ok bool) {
	v = 1
	for _, d := range dims {
		var hi uint64
		if hi, v = bits.Mul64(v, d); hi != 0 {
			return 0, false
		}
	}
	return v, true
}

// writer writes the payload of an entry.
type writer struct{ *bufio.Writer }

// floats writes v.
func (w *writer) floats(v []float32) error {
	for len(v) > 0 {
		if w.Available() < 4 {
			if err := w.Flush(); err != nil {
				return err
			}
		}
		b := w.AvailableBuffer()
		n := min(len(v), cap(b)/4)
		for _, x := range v[:n] {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
		}
		if _, err := w.Write(b); err != nil {
			return err
		}
		v = v[n:]
	}
	return nil
}

// writeEntry writes an entry whose payload comes from encode.
func writeEntry(dst io.Writer, k *kind, key Key, shape []uint64, encode func(*writer) error) error {
	h := sha256.New()
	w := &writer{bufio.NewWriterSize(io.MultiWriter(dst, h), bufferSize)}
	w.WriteString(magic)
	b := binary.LittleEndian.AppendUint32(nil, version)
	b = binary.LittleEndian.AppendUint32(b, k.code)
	b = append(b, key[:]...)
	b = binary.LittleEndian.AppendUint64(b, uint64(len(shape)))
	for _, d := range shape {
		b = binary.LittleEndian.AppendUint64(b, d)
	}
	w.Write(b)
	if err := encode(w); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := dst.Write(h.Sum(nil))
	return err
}

// reader reads the payload of an entry.
type reader struct {
	*bufio.Reader
	shape []uint64
}

// floats fills v.
func (r *reader) floats(v []float32) error {
	for len(v) > 0 {
		// What is buffered, or else the next buffer.
		n := min(len(v), max(1, r.Buffered()/4))
		b, err := r.Peek(4 * n)
		if err != nil {
			return cutOff(err)
		}
		for i := range v[:n] {
			v[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
		}
		r.Discard(4 * n)
		v = v[n:]
	}
	return nil
}

// cutOff makes the end of a file that should go on damage; other errors are
// not the entry's.
func cutOff(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return fmt.Errorf("%w: cut off", errDamaged)
	}
	return err
}

// readEntry reads an entry of size bytes. decode takes the payload, all of
// it; what it made is good only if readEntry returns nil.
func readEntry(src io.Reader, size int64, k *kind, key Key, decode func(*reader) error) error {
	if size < int64(prefixLen+sha256.Size) {
		return fmt.Errorf("%w: %d bytes", errDamaged, size)
	}
	h := sha256.New()
	body := io.TeeReader(io.LimitReader(src, size-sha256.Size), h)
	r := &reader{Reader: bufio.NewReaderSize(body, int(min(size, bufferSize)))}
	if err := r.header(size, k, key); err != nil {
		return err
	}
	if err := decode(r); err != nil {
		return err
	}
	var digest [sha256.Size]byte
	if _, err := io.ReadFull(src, digest[:]); err != nil {
		return cutOff(err)
	}
	if digest != [sha256.Size]byte(h.Sum(nil)) {
		return fmt.Errorf("%w: wrong digest", errDamaged)
	}
	return nil
}

// header reads what comes before the payload and checks that the lengths in
// it make up the file.
func (r *reader) header(size int64, k *kind, key Key) error {
	b := make([]byte, prefixLen)
	if _, err := io.ReadFull(r, b); err != nil {
		return cutOff(err)
	}
	want := binary.LittleEndian.AppendUint32([]byte(magic), version)
	want = binary.LittleEndian.AppendUint32(want, k.code)
	want = append(want, key[:]...)
	if string(b[:len(want)]) != string(want) {
		return fmt.Errorf("%w: another version, kind or key", errDamaged)
	}
	rank := binary.LittleEndian.Uint64(b[len(want):])
	if rank > uint64(size-int64(prefixLen+sha256.Size))/8 {
		return fmt.Errorf("%w: a shape of %d numbers in %d bytes", errDamaged, rank, size)
	}
	r.shape = make([]uint64, rank)
	for i := range r.shape {
		if _, err := io.ReadFull(r, b[:8]); err != nil {
			return cutOff(err)
		}
		r.shape[i] = binary.LittleEndian.Uint64(b)
	}
	if n, ok := k.size(r.shape); !ok || n != size {
		return fmt.Errorf("%w: the shape does not make %d bytes", errDamaged, size)
	}
	return nil
}
