package tiff

import (
	"fmt"
	"image"
	"image/color"
	"math"

	"codegraph/internal/deep"
	"codegraph/internal/half"
)

// Decode reads the pixels of a page: *image.Gray or *image.NRGBA of 8-bit samples, *deep.Image
// of deeper ones. The caller has checked that its size is bearable: memory is at
// most 12 bytes per pixel and 4 per pixel of a strip or tile.
func (p *Page) Decode() (image.Image, error) {
	d := &deep.Image{W: p.Width, H: p.Height, Channels: p.channels(), White: p.white()}
	// A file cannot hold more pixels than its compression may make of its bytes:
	// at most 1 : 2^15 or so of Deflate's; this refuses claims that are larger.
	if int64(p.Width)*int64(p.Height) > (int64(len(p.file.data))+1)<<20 {
		return nil, fmt.Errorf("%w: %d × %d pixels in %d bytes", ErrDamaged, p.Width, p.Height, len(p.file.data))
	}
	d.Pix = make([]float32, d.W*d.H*d.Channels)
	alpha := p.newAlpha()
	for k := range p.across() * p.down() * p.planes() {
		if err := p.place(d, alpha, k); err != nil {
			return nil, err
		}
	}
	return p.finish(d, alpha)
}

// white is the sample that is shown as white.
func (p *Page) white() float32 {
	switch {
	case p.Float:
		return 1
	case p.Signed:
		return float32(math.Ldexp(1, p.Bits-1) - 1)
	}
	return float32(math.Ldexp(1, p.Bits) - 1)
}

// channels is 1 for grey, 3 for colours; CMYK and the like need 3 of their own.
func (p *Page) channels() int {
	switch p.photometric {
	case photoRGB, photoPalette, photoCMYK, photoYCbCr, photoLab:
		return 3
	}
	return 1
}

// newAlpha makes room for an alpha sample; nil without one.
func (p *Page) newAlpha() []float32 {
	if !p.alpha && p.photometric != photoCMYK {
		return nil
	}
	return make([]float32, p.Width*p.Height) // for CMYK: black
}

// place reads block k and puts its samples where they belong.
func (p *Page) place(d *deep.Image, alpha []float32, k int) error {
	perPlane := p.across() * p.down()
	plane, at := k/perPlane, k%perPlane
	x0, y0 := at%p.across()*p.blockW, at/p.across()*p.blockH
	rows := p.blockH
	if !p.tiled {
		rows = min(rows, p.Height-y0)
	}
	raw, err := p.block(k, rows)
	if err != nil {
		return err
	}
	n := p.perBlock()
	colours := map[bool]int{true: 1, false: d.Channels}[p.photometric == photoPalette]
	for y := range min(rows, p.Height-y0) {
		row := raw[y*p.rowBytes():]
		for x := range min(p.blockW, p.Width-x0) {
			pixel := (y0+y)*p.Width + x0 + x
			for s := range n {
				v := p.sample(row, x*n+s)
				if !finite(v) {
					v = 0
					d.Lost++
				}
				switch c := plane + s; {
				case p.photometric == photoPalette && c == 0:
					p.paint(d.Pix[3*pixel:], v)
				case c < colours:
					d.Pix[pixel*d.Channels+c] = v
				case c == colours && alpha != nil:
					alpha[pixel] = v
				}
			}
		}
	}
	return nil
}

// paint writes the colour of the palette.
func (p *Page) paint(pix []float32, index float32) {
	size, i := 1<<p.Bits, int(index)
	for c := range 3 {
		pix[c] = float32(p.colorMap[c*size+i] >> 8)
	}
}

// sample reads sample i of a row.
func (p *Page) sample(row []byte, i int) float32 {
	order := p.file.order
	switch {
	case p.Float && p.Bits == 16:
		return half.Float32(order.Uint16(row[2*i:]))
	case p.Float && p.Bits == 32:
		return math.Float32frombits(order.Uint32(row[4*i:]))
	case p.Float:
		return float32(math.Float64frombits(order.Uint64(row[8*i:])))
	case p.Signed && p.Bits == 8:
		return float32(max(int8(row[i]), 0))
	case p.Signed && p.Bits == 16:
		return float32(max(int16(order.Uint16(row[2*i:])), 0))
	case p.Signed && p.Bits == 32:
		return float32(max(int32(order.Uint32(row[4*i:])), 0))
	case p.Bits == 8:
		return float32(row[i])
	case p.Bits == 16:
		return float32(order.Uint16(row[2*i:]))
	case p.Bits == 32:
		return float32(order.Uint32(row[4*i:]))
	}
	// Other sizes are packed, the most significant bit first.
	var v uint64
	for bit := i * p.Bits; bit < (i+1)*p.Bits; bit++ {
		v = v<<1 | uint64(row[bit/8]>>(7-bit%8)&1)
	}
	return float32(v)
}

func finite(v float32) bool { return v-v == 0 }

// finish turns samples of 8 bits or fewer into 8-bit pixels, and what is not
// grey or RGB into RGB.
func (p *Page) finish(d *deep.Image, alpha []float32) (image.Image, error) {
	if p.photometric == whiteIsZero {
		for i, v := range d.Pix {
			d.Pix[i] = d.White - v
		}
	}
	if p.photometric == photoPalette {
		return d.Eight(255, nil), nil
	}
	if p.Bits <= 8 && !p.Float {
		switch p.photometric {
		case photoCMYK:
			fromCMYK(d, alpha)
			alpha = nil
		case photoYCbCr:
			if p.compression != compressJPEG {
				fromYCbCr(d)
			}
		case photoLab:
			fromLab(d)
		}
		return d.Eight(p.white(), alpha), nil
	}
	switch p.photometric {
	case photoCMYK, photoYCbCr:
		return nil, fmt.Errorf("%w: colours of kind %d with %d bits", ErrUnsupported, p.photometric, p.Bits)
	}
	return d, nil
}

func fromCMYK(d *deep.Image, black []float32) {
	for i := range black {
		for c := range 3 {
			d.Pix[3*i+c] = (255 - d.Pix[3*i+c]) * (255 - black[i]) / 255
		}
	}
}

func fromYCbCr(d *deep.Image) {
	for i := 0; i < len(d.Pix); i += 3 {
		r, g, b := color.YCbCrToRGB(uint8(d.Pix[i]), uint8(d.Pix[i+1]), uint8(d.Pix[i+2]))
		d.Pix[i], d.Pix[i+1], d.Pix[i+2] = float32(r), float32(g), float32(b)
	}
}

// fromLab turns CIE L*a*b* (D50; a and b signed bytes) into sRGB (CIE 15;
// IEC 61966-2-1; Bradford adaptation to D65).
func fromLab(d *deep.Image) {
	f := func(t float64) float64 {
		if t > 6.0/29 {
			return t * t * t
		}
		return 3 * 36.0 / 841 * (t - 4.0/29)
	}
	gamma := func(v float64) float32 {
		if v <= 0.0031308 {
			return float32(255 * 12.92 * v)
		}
		return float32(255 * (1.055*math.Pow(v, 1/2.4) - 0.055))
	}
	for i := 0; i < len(d.Pix); i += 3 {
		l := (float64(d.Pix[i])*100/255 + 16) / 116
		a, b := float64(int8(uint8(d.Pix[i+1])))/500, float64(int8(uint8(d.Pix[i+2])))/200
		x, y, z := 0.9642*f(l+a), f(l), 0.8249*f(l-b)
		d.Pix[i] = gamma(3.1338561*x - 1.6168667*y - 0.4906146*z)
		d.Pix[i+1] = gamma(-0.9787684*x + 1.9161415*y + 0.0334540*z)
		d.Pix[i+2] = gamma(0.0719453*x - 0.2289914*y + 1.4052427*z)
	}
}
