package metric

import (
	"encoding/binary"
	"math"
	"slices"
)

// keyOf maps scores to integers that order them from the highest down. The
// bits of a float32 order those that are not negative, and the others in
// reverse; the two zeros are one score.
func keyOf(score float32) uint32 {
	u := math.Float32bits(score)
	if u == 1<<31 {
		u = 0
	}
	return ^(u ^ (uint32(int32(u)>>31) | 1<<31))
}

// scoreOf is the inverse of keyOf.
func scoreOf(key uint32) float32 {
	u := ^key
	return math.Float32frombits(u ^ (uint32(int32(^u)>>31) | 1<<31))
}

// run holds the pixels of one image that belong to one region, or to none.
type run struct {
	code []byte // gaps between ascending keys, the first from 0, as uvarints
	area int    // pixels of the region, 0 for what belongs to none
}

// newRun codes sorted keys. The buffer is reused; what is kept has exactly
// the size that it needs.
func newRun(keys []uint32, area int, buffer []byte) (run, []byte) {
	buffer = buffer[:0]
	var last uint32
	for _, k := range keys {
		if gap := k - last; gap < 0x80 {
			buffer = append(buffer, byte(gap))
		} else {
			buffer = binary.AppendUvarint(buffer, uint64(gap))
		}
		last = k
	}
	return run{slices.Clone(buffer), area}, buffer
}

// cursor reads a run.
type cursor struct {
	run
	key  uint32
	next int32 // cursor in the same bucket
}

// advance goes to the next key and says whether there is one.
func (c *cursor) advance() bool {
	if len(c.code) == 0 {
		return false
	}
	gap, n := uint64(c.code[0]), 1
	if gap >= 0x80 {
		gap, n = binary.Uvarint(c.code)
	}
	c.key += uint32(gap)
	c.code = c.code[n:]
	return true
}

const (
	digitBits = 8
	digitMask = 1<<digitBits - 1
	digits    = 4 // that make up 32 bits
)

// sortKeys sorts keys digit by digit from the lowest. It uses as much of
// spare and returns the sorted one of the two.
func sortKeys(keys, spare []uint32) []uint32 {
	if len(keys) < 1<<digitBits {
		slices.Sort(keys)
		return keys
	}
	var end [digits][1 << digitBits]int
	for _, k := range keys {
		end[0][k&digitMask]++
		end[1][k>>digitBits&digitMask]++
		end[2][k>>(2*digitBits)&digitMask]++
		end[3][k>>(3*digitBits)]++
	}
	spare = spare[:len(keys)]
	for d := range digits {
		shift, next := d*digitBits, &end[d]
		if next[keys[0]>>shift&digitMask] == len(keys) {
			continue // all alike
		}
		start := 0
		for i, n := range next {
			next[i] = start
			start += n
		}
		for _, k := range keys {
			i := k >> shift & digitMask
			spare[next[i]] = k
			next[i]++
		}
		keys, spare = spare, keys
	}
	return keys
}
