// Command gen writes the amd64 assembly of package gemm and, with -functions,
// of package nn.
package main

import (
	"flag"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	. "codegraph/internal/gen/emit"
)

// isa is one instruction set: its vectors and the rows of its tile.
type isa struct {
	suffix string
	rows   int
	vector func() reg.VecVirtual
}

func main() {
	functions := flag.Bool("functions", false, "write package nn")
	flag.Parse()
	ConstraintExpr("!noasm")
	for _, s := range []isa{{"AVX512", 12, ZMM}, {"AVX2", 6, YMM}} {
		if !*functions {
			s.tile()
			continue
		}
		s.max()
		s.expSum()
		s.gelu()
		s.sigmoid()
	}
	if !*functions {
		tileQuant()
		magnitude()
		round()
		tiles()
		bf16()
	}
	Generate()
}

// tile emits the product of rows rows, row-major with a stride, with a packed
// panel of two vectors' width. Rows of a are reached from one base register
// per three rows.
func (s isa) tile() {
	TEXT("tile"+s.suffix, NOSPLIT, "func(k int, a *float32, lda int, b, dst *float32, ldd int)")
	Doc("tile" + s.suffix + " stores the product of rows of a and a panel; lda and ldd count elements.")
	k := Arg("k")
	lda := s.stride("lda")
	b := Arg("b")
	bases := []reg.Register{Arg("a")}
	for len(bases) < s.rows/3 {
		bases = append(bases, threeOn(bases[len(bases)-1], lda))
	}
	acc := make([][2]reg.VecVirtual, s.rows)
	for r := range acc {
		acc[r] = [2]reg.VecVirtual{s.vector(), s.vector()}
		Zero(acc[r][0])
		Zero(acc[r][1])
	}
	width := int(acc[0][0].Size())
	b0, b1 := s.vector(), s.vector()
	Label("depth" + s.suffix)
	VMOVUPS(Mem{Base: b}, b0)
	VMOVUPS(Mem{Base: b, Disp: width}, b1)
	for r := range acc {
		av := s.vector()
		VBROADCASTSS(row(bases[r/3], lda, r%3, 0), av)
		VFMADD231PS(b0, av, acc[r][0])
		VFMADD231PS(b1, av, acc[r][1])
	}
	for _, base := range bases {
		ADDQ(U32(4), base)
	}
	ADDQ(U32(uint32(2*width)), b)
	DECQ(k)
	JNZ(LabelRef("depth" + s.suffix))
	dst, ldd := Arg("dst"), s.stride("ldd")
	for r := range acc {
		VMOVUPS(acc[r][0], Mem{Base: dst})
		VMOVUPS(acc[r][1], Mem{Base: dst, Disp: width})
		if r+1 < len(acc) {
			ADDQ(ldd, dst)
		}
	}
	VZEROUPPER()
	RET()
}

// stride loads a stride and turns elements into bytes.
func (s isa) stride(param string) reg.Register {
	r := Arg(param)
	SHLQ(U8(2), r)
	return r
}

// threeOn is the address three rows after base.
func threeOn(base, stride reg.Register) reg.Register {
	next := GP64()
	LEAQ(Mem{Base: base, Index: stride, Scale: 2}, next)
	ADDQ(stride, next)
	return next
}

// row is the address of row r, 0 to 2, from base.
func row(base, stride reg.Register, r, disp int) Mem {
	if r == 0 {
		return Mem{Base: base, Disp: disp}
	}
	return Mem{Base: base, Index: stride, Scale: uint8(r), Disp: disp}
}

var constants = make(map[float64]Mem)

// constant is 64 bytes of memory filled with v.
func constant(v float64) Mem {
	m, ok := constants[v]
	if !ok {
		m = GLOBL("c"+string(rune('a'+len(constants)/10))+string(rune('0'+len(constants)%10)), RODATA|NOPTR)
		for i := range 16 {
			DATA(4*i, U32(math.Float32bits(float32(v))))
		}
		constants[v] = m
	}
	return m
}

// each emits a loop over n values at x, one vector at a time.
func (s isa) each(label string, body func(at Mem), also ...reg.Register) {
	n, x := Arg("n"), Arg("x")
	width := int(s.vector().Size())
	Label(label + s.suffix)
	body(Mem{Base: x})
	ADDQ(U32(uint32(width)), x)
	for _, r := range also {
		ADDQ(U32(uint32(width)), r)
	}
	SUBQ(U32(uint32(width/4)), n)
	JNZ(LabelRef(label + s.suffix))
}

func (s isa) max() {
	TEXT("max"+s.suffix, NOSPLIT, "func(n int, x, part *float32)")
	Doc("max" + s.suffix + " folds x into the lane-wise maxima at part.")
	part, m := Arg("part"), s.vector()
	VMOVUPS(Mem{Base: part}, m)
	s.each("max", func(at Mem) { VMAXPS(at, m, m) })
	VMOVUPS(m, Mem{Base: part})
	VZEROUPPER()
	RET()
}

func (s isa) expSum() {
	TEXT("expSum"+s.suffix, NOSPLIT, "func(n int, x *float32, shift float32, part *float32)")
	Doc("expSum" + s.suffix + " replaces x by exp(x−shift) and adds it to the lane-wise sums at part.")
	part, sum := Arg("part"), s.vector()
	VMOVUPS(Mem{Base: part}, sum)
	shift := s.spread("shift")
	s.each("exp", func(at Mem) {
		v := s.vector()
		VMOVUPS(at, v)
		VSUBPS(shift, v, v)
		e := s.exp(v)
		VMOVUPS(e, at)
		VADDPS(e, sum, sum)
	})
	VMOVUPS(sum, Mem{Base: part})
	VZEROUPPER()
	RET()
}

// spread loads a parameter into all lanes.
func (s isa) spread(param string) reg.VecVirtual {
	v := s.vector()
	addr, err := Param(param).Resolve()
	if err != nil {
		panic(err)
	}
	VBROADCASTSS(addr.Addr, v)
	return v
}

// exp emits e^v, overwriting v, with the polynomial of Cephes' expf:
// v = n·ln 2 + r, e^v = 2ⁿ·(1 + r + r²·p(r)).
func (s isa) exp(v reg.VecVirtual) reg.VecVirtual {
	VMAXPS(constant(-87), v, v)
	VMINPS(constant(88), v, v)
	f, n, p := s.vector(), s.vector(), s.vector()
	VMULPS(constant(math.Log2E), v, f)
	VCVTPS2DQ(f, n)
	VCVTDQ2PS(n, f)
	VFNMADD231PS(constant(0.693359375), f, v)
	VFNMADD231PS(constant(-2.12194440e-4), f, v)
	VMOVUPS(constant(1.9875691500e-4), p)
	for _, c := range []float64{1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1} {
		VFMADD213PS(constant(c), v, p)
	}
	VMULPS(v, v, f)
	VFMADD213PS(v, f, p)
	VADDPS(constant(1), p, p)
	VPSLLD(U8(23), n, n)
	VPADDD(n, p, p)
	return p
}

// gelu emits max(v, 0) − |v|·q, where q = (1 − erf(|v|/√2))/2 after
// Abramowitz and Stegun 7.1.26.
func (s isa) gelu() {
	TEXT("gelu"+s.suffix, NOSPLIT, "func(n int, x, bias *float32)")
	Doc("gelu" + s.suffix + " replaces x by GELU(x+bias).")
	bias := Arg("bias")
	s.each("gelu", func(at Mem) {
		v, abs, t, e := s.vector(), s.vector(), s.vector(), s.vector()
		VMOVUPS(at, v)
		VADDPS(Mem{Base: bias}, v, v)
		Zero(t)
		VSUBPS(v, t, abs)
		VMAXPS(v, abs, abs)
		VMAXPS(t, v, v)
		VMOVUPS(constant(1), t)
		VMOVUPS(constant(0.3275911/math.Sqrt2), e)
		VFMADD213PS(t, abs, e)
		VDIVPS(e, t, t)
		q := s.vector()
		VMOVUPS(constant(1.061405429/2), q)
		for _, c := range []float64{-1.453152027 / 2, 1.421413741 / 2, -0.284496736 / 2, 0.254829592 / 2} {
			VFMADD213PS(constant(c), t, q)
		}
		VMULPS(t, q, q)
		VMULPS(abs, q, q)
		VMULPS(abs, abs, abs)
		VMULPS(constant(-0.5), abs, abs)
		VFNMADD231PS(s.exp(abs), q, v)
		VMOVUPS(v, at)
	}, bias)
	VZEROUPPER()
	RET()
}

func (s isa) sigmoid() {
	TEXT("sigmoid"+s.suffix, NOSPLIT, "func(n int, x, bias *float32, c1, c3 float32)")
	Doc("sigmoid" + s.suffix + " replaces x by v·σ(v·(c1+c3·v²)), where v = x+bias.")
	bias, c1, c3 := Arg("bias"), s.spread("c1"), s.spread("c3")
	s.each("sigmoid", func(at Mem) {
		v, u := s.vector(), s.vector()
		VMOVUPS(at, v)
		VADDPS(Mem{Base: bias}, v, v)
		VMULPS(v, v, u)
		VFMADD213PS(c1, c3, u)
		VMULPS(v, u, u)
		none := s.vector()
		Zero(none)
		VSUBPS(u, none, u)
		e := s.exp(u)
		VADDPS(constant(1), e, e)
		VDIVPS(e, v, v)
		VMOVUPS(v, at)
	}, bias)
	VZEROUPPER()
	RET()
}
