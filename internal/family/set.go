package family

import (
	"encoding/binary"
	"math/bits"
)

// set is a set of images.
type set []uint64

func newSet(n int) set { return make(set, (n+63)/64) }

func (s set) add(i int) { s[i/64] |= 1 << (i % 64) }

func (s set) count() int {
	n := 0
	for _, w := range s {
		n += bits.OnesCount64(w)
	}
	return n
}

// images lists the set, ascending.
func (s set) images() []int {
	var images []int
	for k, w := range s {
		for ; w != 0; w &= w - 1 {
			images = append(images, 64*k+bits.TrailingZeros64(w))
		}
	}
	return images
}

// key is the set as the key of a map.
func (s set) key() string {
	var b []byte
	for _, w := range s {
		b = binary.LittleEndian.AppendUint64(b, w)
	}
	return string(b)
}

// group is a set that knows its size.
type group struct {
	set
	size int
}

// jaccard is |g ∩ h| / |g ∪ h|.
func (g group) jaccard(h group) float64 {
	both := 0
	for k, w := range g.set {
		both += bits.OnesCount64(w & h.set[k])
	}
	return float64(both) / float64(g.size+h.size-both)
}

// jaccardBound is what the Jaccard index is at most.
func (g group) jaccardBound(h group) float64 {
	return float64(min(g.size, h.size)) / float64(max(g.size, h.size))
}

// tally counts how many sets each image is in, all images of a word at once:
// plane p holds bit p of the counts.
type tally struct {
	planes []set
}

// newTally counts up to most sets of n images.
func newTally(n, most int) *tally {
	t := &tally{planes: make([]set, bits.Len(uint(most)))}
	for p := range t.planes {
		t.planes[p] = newSet(n)
	}
	return t
}

func (t *tally) reset() {
	for _, p := range t.planes {
		clear(p)
	}
}

func (t *tally) add(s set) {
	for k, carry := range s {
		for p := 0; carry != 0; p++ {
			w := &t.planes[p][k]
			*w, carry = *w^carry, *w&carry
		}
	}
}

// above is the set of the images that are in more than least sets.
func (t *tally) above(least int) set {
	above := make(set, len(t.planes[0]))
	for k := range above {
		more, same := uint64(0), ^uint64(0)
		for p := len(t.planes) - 1; p >= 0; p-- {
			w := t.planes[p][k]
			if least>>p&1 == 0 {
				more |= same & w
				same &^= w
			} else {
				same &= w
			}
		}
		above[k] = more
	}
	return above
}
