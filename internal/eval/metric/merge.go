package metric

import "math/bits"

// lowBits is how many bits of a key a bucket spans.
const (
	lowBits = 16
	lowMask = 1<<lowBits - 1
)

// bucket counts the pixels whose keys have the same high half.
type bucket struct {
	tp, fp [1 << lowBits]int
	share  [1 << lowBits]float64
	seen   [1 << lowBits / 64]uint64 // which of them are not empty
}

// step is a distinct score: how many pixels inside and outside regions have
// it, and the sum over regions of the share of their pixels that do.
type step struct {
	score  float32
	tp, fp int
	share  float64
}

// merge visits the distinct scores of all runs from the highest down. Every
// run is filed under the high half of its next key. Bucket after bucket, the
// runs filed under it are counted as far as they reach into it and filed
// anew, so that a run is looked at only where it has pixels.
func merge(runs []run, visit func(step)) {
	const none = -1
	cursors := make([]cursor, len(runs))
	heads := make([]int32, 1<<(32-lowBits))
	for high := range heads {
		heads[high] = none
	}
	file := func(i int32) {
		c := &cursors[i]
		c.next, heads[c.key>>lowBits] = heads[c.key>>lowBits], i
	}
	for i := len(runs) - 1; i >= 0; i-- {
		cursors[i].run = runs[i]
		if cursors[i].advance() {
			file(int32(i))
		}
	}
	b := new(bucket)
	for high := range uint32(len(heads)) {
		for i := heads[high]; i != none; {
			c := &cursors[i]
			next := c.next
			if b.count(c, high) {
				file(i)
			}
			i = next
		}
		if heads[high] != none {
			b.empty(high, visit)
		}
	}
}

// count takes a run's pixels in the bucket and says whether more are left.
func (b *bucket) count(from *cursor, high uint32) (more bool) {
	c := *from // stays in registers
	more = true
	for more && c.key>>lowBits == high {
		key, n := c.key, 1
		for more = c.advance(); more && c.key == key; more = c.advance() {
			n++
		}
		low := key & lowMask
		b.seen[low/64] |= 1 << (low % 64)
		if c.area == 0 {
			b.fp[low] += n
			continue
		}
		b.tp[low] += n
		b.share[low] += float64(n) / float64(c.area)
	}
	*from = c
	return more
}

// empty visits the bucket's scores and clears it.
func (b *bucket) empty(high uint32, visit func(step)) {
	for i, word := range b.seen {
		for ; word != 0; word &= word - 1 {
			low := i*64 + bits.TrailingZeros64(word)
			visit(step{scoreOf(high<<lowBits | uint32(low)), b.tp[low], b.fp[low], b.share[low]})
			b.tp[low], b.fp[low], b.share[low] = 0, 0, 0
		}
		b.seen[i] = 0
	}
}
