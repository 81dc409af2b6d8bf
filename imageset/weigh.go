package imageset

import "codegraph/internal/cpu"

//go:generate sh -c "cd ../internal/_gen && go run ./imageset -out ../../imageset/weigh_amd64.s -stubs ../../imageset/stubs_amd64.go -pkg imageset"

// weighing is an implementation of the sums of Resize. Pixels have four bytes, of
// which the last is 255 in the result.
type weighing struct {
	// alongRow writes the pixels dst, each from those of the row src that p has for it.
	alongRow func(dst, src []uint8, p places)
	// acrossRows writes the pixels dst, each from those of as many rows as there are
	// weights, stride bytes apart.
	acrossRows func(dst, src []uint8, stride int, weights []int32)
}

var active = implementation(cpu.Name())

var portable = weighing{alongRowPortable, acrossRowsPortable}

func alongRowPortable(dst, src []uint8, p places) {
	weights := p.weights
	for x, span := range p.spans {
		weigh(dst[4*x:], src[4*span.first:], 4, weights[:span.n])
		weights = weights[span.n:]
	}
}

func acrossRowsPortable(dst, src []uint8, stride int, weights []int32) {
	for at := 0; at < len(dst); at += 4 {
		weigh(dst[at:], src[at:], stride, weights)
	}
}

// weigh writes one opaque pixel from pixels that are step bytes apart.
func weigh(dst, src []uint8, step int, weights []int32) {
	r, g, b := int32(1)<<(filterBits-1), int32(1)<<(filterBits-1), int32(1)<<(filterBits-1)
	at := 0
	for _, w := range weights {
		p := src[at : at+3 : at+3]
		r += int32(p[0]) * w
		g += int32(p[1]) * w
		b += int32(p[2]) * w
		at += step
	}
	dst[0], dst[1], dst[2], dst[3] = clip8(r), clip8(g), clip8(b), 0xff
}

func clip8(v int32) uint8 { return uint8(min(max(v>>filterBits, 0), 255)) }
