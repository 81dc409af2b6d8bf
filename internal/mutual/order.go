package mutual

import (
	"math"
	"math/bits"
)

// MaxOrdered is the most images that a Sorter can order.
const MaxOrdered = 1 << 16

// digit is the most bits that are sorted by at a time: the distances of a row differ in
// some 25, and so take three passes.
const digit = 11

// Sorter sorts the rows of tables: radix sort, by digits of as many bits as the
// distances of the row differ in. The zero value is ready; it is for one goroutine.
type Sorter struct {
	keys, spare []uint64
	at          [3][1 << digit]uint32 // places, by digit of the key above lowest and its value
}

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
	size := bits.Len32(highest - lowest)
	passes := max(1, (size+digit-1)/digit)
	width := (size + passes - 1) / passes
	from, to := s.keys, s.spare[:end]
	for p := range passes {
		clear(s.at[p][:1<<width])
	}
	s.tally(passes, width, lowest)
	for p := range passes {
		scatter(to, from, &s.at[p], uint64(lowest)<<16, 16+width*p, width)
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

// tally counts the keys by each of their digits.
func (s *Sorter) tally(passes, width int, lowest uint32) {
	mask := uint32(1)<<width - 1
	first, second, third := &s.at[0], &s.at[1], &s.at[2]
	for _, key := range s.keys {
		k := uint32(key>>16) - lowest
		first[k&mask&(1<<digit-1)]++
		if passes > 1 {
			second[k>>width&mask&(1<<digit-1)]++
		}
		if passes > 2 {
			third[k>>(2*width)&(1<<digit-1)]++
		}
	}
}

// scatter sorts from to to by the digit at shift, stably. at counts them.
func scatter(to, from []uint64, at *[1 << digit]uint32, base uint64, shift, width int) {
	sum := uint32(0)
	for b, n := range at[:1<<width] {
		at[b] = sum
		sum += n
	}
	mask := uint64(1)<<width - 1
	for _, key := range from {
		b := (key - base) >> shift & mask & (1<<digit - 1)
		to[at[b]] = key
		at[b]++
	}
}
