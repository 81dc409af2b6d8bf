package mutual

import (
	"math"
	"math/bits"
)

// MaxOrdered is the most images that a Sorter can order.
const MaxOrdered = 1 << 16

// Sorter sorts the rows of tables: radix sort, a byte at a time, by as many bytes as the
// distances of the row differ in. The zero value is ready; it is for one goroutine.
type Sorter struct{ keys, spare []uint64 }

// Order writes the images by distance to dst, ties by number, those at no
// finite distance last.
func (s *Sorter) Order(dst []uint16, row []float32) {
	s.keys = s.keys[:0]
	lowest, highest, end := ^uint32(0), uint32(0), len(row)
	for j, v := range row {
		if !(v <= math.MaxFloat32) {
			end--
			dst[end] = uint16(j)
			continue
		}
		key := ascending(v)
		lowest, highest = min(lowest, key), max(highest, key)
		s.keys = append(s.keys, uint64(key)<<16|uint64(j))
	}
	if end == 0 {
		return
	}
	if len(s.spare) < end {
		s.spare = make([]uint64, len(row))
	}
	var at [4][256]uint32 // places, by byte of the key above lowest and its value
	passes := (bits.Len32(highest-lowest) + 7) / 8
	from, to := s.keys, s.spare[:end]
	tallyBytes(&at, from, lowest)
	for p := range passes {
		scatter(to, from, &at[p], uint64(lowest)<<16, 16+8*p)
		from, to = to, from
	}
	for r, key := range from {
		dst[r] = uint16(key)
	}
}

// ascending is a number that grows with v.
func ascending(v float32) uint32 {
	b := math.Float32bits(v)
	return b ^ (uint32(int32(b)>>31) | 1<<31)
}

// tallyBytes counts the keys by each of their bytes.
func tallyBytes(at *[4][256]uint32, keys []uint64, lowest uint32) {
	for _, key := range keys {
		k := uint32(key>>16) - lowest
		at[0][uint8(k)]++
		at[1][uint8(k>>8)]++
		at[2][uint8(k>>16)]++
		at[3][uint8(k>>24)]++
	}
}

// scatter sorts from to to by the byte at shift, stably. at counts them.
func scatter(to, from []uint64, at *[256]uint32, base uint64, shift int) {
	sum := uint32(0)
	for b, n := range at {
		at[b] = sum
		sum += n
	}
	for _, key := range from {
		b := uint8((key - base) >> shift)
		to[at[b]] = key
		at[b]++
	}
}
