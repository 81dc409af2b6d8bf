package tiff

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// Errors that Pages and Decode wrap.
var (
	ErrFormat      = errors.New("not a TIFF file")
	ErrDamaged     = errors.New("the TIFF is truncated or damaged")
	ErrUnsupported = errors.New("a kind of TIFF that is not read")
)

// The tags that are read.
const (
	tagSubfileType      = 254
	tagWidth            = 256
	tagLength           = 257
	tagBits             = 258
	tagCompression      = 259
	tagPhotometric      = 262
	tagFillOrder        = 266
	tagStripOffsets     = 273
	tagOrientation      = 274
	tagSamples          = 277
	tagRowsPerStrip     = 278
	tagStripBytes       = 279
	tagPlanar           = 284
	tagT4Options        = 292
	tagPredictor        = 317
	tagColorMap         = 320
	tagTileWidth        = 322
	tagTileLength       = 323
	tagTileOffsets      = 324
	tagTileBytes        = 325
	tagExtraSamples     = 338
	tagSampleFormat     = 339
	tagJPEGTables       = 347
	tagYCbCrSubsampling = 530
)

// maxPages bounds the chain of directories of a file.
const maxPages = 10000

// file is the bytes of a TIFF and how its directories are laid out.
type file struct {
	data  []byte
	r     io.ReaderAt // instead of data
	size  uint64
	order binary.ByteOrder
	big   bool // BigTIFF: 8-byte offsets and counts
}

// entry is one field of a directory; its values are read when asked for.
type entry struct {
	kind  uint16
	count uint64
	at    uint64 // of the values
}

type directory map[uint16]entry

// open reads the header; first is the offset of the first directory.
func (f *file) open() (first uint64, err error) {
	data, err := f.at(0, min(16, f.size))
	switch {
	case err != nil:
		return 0, err
	case len(data) < 8:
		return 0, ErrFormat
	case data[0] == 'I' && data[1] == 'I':
		f.order = binary.LittleEndian
	case data[0] == 'M' && data[1] == 'M':
		f.order = binary.BigEndian
	default:
		return 0, ErrFormat
	}
	switch f.order.Uint16(data[2:]) {
	case 42:
		return uint64(f.order.Uint32(data[4:])), nil
	case 43:
		if len(data) < 16 || f.order.Uint16(data[4:]) != 8 {
			return 0, fmt.Errorf("%w: its header", ErrDamaged)
		}
		f.big = true
		return f.order.Uint64(data[8:]), nil
	}
	return 0, ErrFormat
}

// maxField bounds what is read at once of a file that is not in memory.
const maxField = 4 << 20

// at returns n bytes from offset.
func (f *file) at(offset, n uint64) ([]byte, error) {
	if offset > f.size || n > f.size-offset {
		return nil, fmt.Errorf("%w: %d bytes from %d on are beyond its end", ErrDamaged, n, offset)
	}
	if f.r == nil {
		return f.data[offset : offset+n], nil
	}
	if n > maxField {
		return nil, fmt.Errorf("%w: a field of %d bytes", ErrDamaged, n)
	}
	b := make([]byte, n)
	_, err := f.r.ReadAt(b, int64(offset))
	return b, err
}

// directory reads the one at offset and returns the offset of the next.
func (f *file) directory(offset uint64) (d directory, next uint64, err error) {
	countSize, entrySize, wordSize := uint64(2), uint64(12), uint64(4)
	if f.big {
		countSize, entrySize, wordSize = 8, 20, 8
	}
	head, err := f.at(offset, countSize)
	if err != nil {
		return nil, 0, err
	}
	n := uint64(f.order.Uint16(head))
	if f.big {
		n = f.order.Uint64(head)
	}
	if n > math.MaxUint16 {
		return nil, 0, fmt.Errorf("%w: a directory of %d fields", ErrDamaged, n)
	}
	body, err := f.at(offset+countSize, n*entrySize+wordSize)
	if err != nil {
		return nil, 0, err
	}
	d = make(directory, n)
	for i := range n {
		raw := body[i*entrySize:]
		e := entry{kind: f.order.Uint16(raw[2:]), at: offset + countSize + i*entrySize + 4 + wordSize}
		e.count = f.word(raw[4:])
		if size := typeSize(e.kind); size > 0 && e.count > wordSize/size {
			e.at = f.word(raw[4+wordSize:])
		}
		d[f.order.Uint16(raw)] = e
	}
	return d, f.word(body[n*entrySize:]), nil
}

// word reads an offset or a count.
func (f *file) word(b []byte) uint64 {
	if f.big {
		return f.order.Uint64(b)
	}
	return uint64(f.order.Uint32(b))
}

// typeSize is the size of a value of a field type, 0 for an unknown one.
func typeSize(kind uint16) uint64 {
	switch kind {
	case 1, 2, 6, 7: // BYTE, ASCII, SBYTE, UNDEFINED
		return 1
	case 3, 8: // SHORT, SSHORT
		return 2
	case 4, 9, 11, 13: // LONG, SLONG, FLOAT, IFD
		return 4
	case 5, 10, 12, 16, 17, 18: // RATIONAL, SRATIONAL, DOUBLE, LONG8, SLONG8, IFD8
		return 8
	}
	return 0
}

// values reads all unsigned integers of a field; nil where it is absent.
func (f *file) values(d directory, tag uint16) ([]uint64, error) {
	e, ok := d[tag]
	if !ok {
		return nil, nil
	}
	size := typeSize(e.kind)
	if size == 0 || e.count > f.size {
		return nil, fmt.Errorf("%w: field %d", ErrDamaged, tag)
	}
	raw, err := f.at(e.at, e.count*size)
	if err != nil {
		return nil, err
	}
	all := make([]uint64, e.count)
	for i := range all {
		switch b := raw[uint64(i)*size:]; e.kind {
		case 1, 2, 6, 7:
			all[i] = uint64(b[0])
		case 3, 8:
			all[i] = uint64(f.order.Uint16(b))
		case 4, 9, 13:
			all[i] = uint64(f.order.Uint32(b))
		case 16, 17, 18:
			all[i] = f.order.Uint64(b)
		default:
			return nil, fmt.Errorf("%w: field %d is not made of integers", ErrDamaged, tag)
		}
	}
	return all, nil
}

// first reads the first value of a field, or returns otherwise.
func (f *file) first(d directory, tag uint16, otherwise uint64) (uint64, error) {
	v, err := f.values(d, tag)
	if err != nil || len(v) == 0 {
		return otherwise, err
	}
	return v[0], nil
}

// bytes reads a field of bytes.
func (f *file) bytes(d directory, tag uint16) ([]byte, error) {
	e, ok := d[tag]
	if !ok {
		return nil, nil
	}
	if e.count > f.size {
		return nil, fmt.Errorf("%w: field %d", ErrDamaged, tag)
	}
	return f.at(e.at, e.count)
}

// directories follows the chain of directories. Reduced copies (thumbnails) and
// transparency masks are not pages.
func (f *file) directories(first uint64) ([]directory, error) {
	var all []directory
	seen := make(map[uint64]bool)
	for at := first; at != 0; {
		if seen[at] || len(seen) >= maxPages {
			return nil, fmt.Errorf("%w: its directories run in a circle", ErrDamaged)
		}
		seen[at] = true
		d, next, err := f.directory(at)
		if err != nil {
			return nil, err
		}
		kind, err := f.first(d, tagSubfileType, 0)
		if err != nil {
			return nil, err
		}
		if kind&(1|4) == 0 {
			all = append(all, d)
		}
		at = next
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%w: it holds no image", ErrDamaged)
	}
	return all, nil
}
