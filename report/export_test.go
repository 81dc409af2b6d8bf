package report

import "encoding/binary"

// PageMask is a mask as the page reads it.
func PageMask(mask []bool, w, h int) (small []bool, sw, sh int) {
	m := newPageMask(mask, w, h)
	on := false
	for b := m.Runs; len(b) > 0; on = !on {
		run, n := binary.Uvarint(b)
		b = b[n:]
		for range run {
			small = append(small, on)
		}
	}
	return small, m.Width, m.Height
}
