// Command gen writes the amd64 assembly of package effnet.
//
// Products and sums are rounded apart and in the order of the portable code, so
// that all kernels give the same bytes.
package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	. "codegraph/internal/gen/emit"
)

// isa is one instruction set: its vectors.
type isa struct {
	suffix string
	vector func() reg.VecVirtual
}

func main() {
	ConstraintExpr("!noasm")
	for _, s := range []isa{{"AVX512", ZMM}, {"AVX2", YMM}} {
		s.depthwise(3)
		s.depthwise(5)
		s.biasReLU6()
		s.addBias()
		s.addBiasResidual()
	}
	Generate()
}

// depthwise emits one position of a k × k depthwise convolution. The channels
// of the k·k taps are n apart, in the input rows and in the weights.
func (s isa) depthwise(k int) {
	name := fmt.Sprintf("depthwise%d%s", k, s.suffix)
	TEXT(name, NOSPLIT, "func(n int, dst, bias, weight *float32, rows *[5]*float32)")
	Doc(fmt.Sprintf("%s writes relu6(bias + Σ x·w) to dst for n channels; x are %d rows.", name, k))
	n := Arg("n")
	dst, bias, weight := Arg("dst"), Arg("bias"), Arg("weight")
	at := Arg("rows")
	rows := make([]reg.Register, k)
	for i := range rows {
		rows[i] = GP64()
		MOVQ(Mem{Base: at, Disp: 8 * i}, rows[i])
	}
	step, left := GP64(), at // of the channels of a tap, in bytes; what is left of them
	MOVQ(n, step)
	SHLQ(U8(2), step)
	MOVQ(step, left)
	zero, six := s.limits()
	width := int(zero.Size())
	Label(name + "channels")
	acc := s.vector()
	VMOVUPS(Mem{Base: bias}, acc)
	w, x := GP64(), GP64()
	MOVQ(weight, w)
	for _, row := range rows {
		MOVQ(row, x)
		sum := s.vector()
		for tap := range k {
			v := s.vector()
			VMOVUPS(Mem{Base: w}, v)
			if tap == 0 {
				VMULPS(Mem{Base: x}, v, sum)
			} else {
				VMULPS(Mem{Base: x}, v, v)
				VADDPS(v, sum, sum)
			}
			ADDQ(step, w)
			if tap < k-1 {
				ADDQ(step, x)
			}
		}
		VADDPS(sum, acc, acc)
	}
	relu6(acc, zero, six)
	VMOVUPS(acc, Mem{Base: dst})
	for _, p := range append(rows, dst, bias, weight) {
		ADDQ(U32(uint32(width)), p)
	}
	SUBQ(U32(uint32(width)), left)
	JNZ(LabelRef(name + "channels"))
	VZEROUPPER()
	RET()
}

// limits loads 0 and 6 into all lanes.
func (s isa) limits() (zero, six reg.VecVirtual) {
	zero, six = s.vector(), s.vector()
	Zero(zero)
	VBROADCASTSS(constant(6), six)
	return zero, six
}

// relu6 clamps v. Of two zeros the maximum is its second source: 0, never −0.
func relu6(v, zero, six reg.VecVirtual) {
	VMAXPS(zero, v, v)
	VMINPS(six, v, v)
}

var constants = make(map[float32]Mem)

func constant(v float32) Mem {
	m, ok := constants[v]
	if !ok {
		m = GLOBL(fmt.Sprintf("c%d", len(constants)), RODATA|NOPTR)
		DATA(0, U32(math.Float32bits(v)))
		constants[v] = m
	}
	return m
}

// each emits a loop over the channels of a position: body works on one vector
// at the pointers, which then move on.
func (s isa) each(name string, pointers []reg.Register, body func()) {
	n := Arg("n")
	width := uint32(s.vector().Size())
	Label(name + "loop")
	body()
	for _, p := range pointers {
		ADDQ(U32(width), p)
	}
	SUBQ(U32(width/4), n)
	JNZ(LabelRef(name + "loop"))
	VZEROUPPER()
	RET()
}

func (s isa) biasReLU6() {
	name := "biasReLU6" + s.suffix
	TEXT(name, NOSPLIT, "func(n int, dst, src, bias *float32)")
	Doc(name + " writes relu6(src + bias) to dst for n channels.")
	dst, src, bias := Arg("dst"), Arg("src"), Arg("bias")
	zero, six := s.limits()
	s.each(name, []reg.Register{dst, src, bias}, func() {
		v := s.vector()
		VMOVUPS(Mem{Base: src}, v)
		VADDPS(Mem{Base: bias}, v, v)
		relu6(v, zero, six)
		VMOVUPS(v, Mem{Base: dst})
	})
}

func (s isa) addBias() {
	name := "addBias" + s.suffix
	TEXT(name, NOSPLIT, "func(n int, dst, bias *float32)")
	Doc(name + " adds bias to dst for n channels.")
	dst, bias := Arg("dst"), Arg("bias")
	s.each(name, []reg.Register{dst, bias}, func() {
		v := s.vector()
		VMOVUPS(Mem{Base: dst}, v)
		VADDPS(Mem{Base: bias}, v, v)
		VMOVUPS(v, Mem{Base: dst})
	})
}

func (s isa) addBiasResidual() {
	name := "addBiasResidual" + s.suffix
	TEXT(name, NOSPLIT, "func(n int, dst, in, bias *float32)")
	Doc(name + " adds bias + in to dst for n channels.")
	dst, in, bias := Arg("dst"), Arg("in"), Arg("bias")
	s.each(name, []reg.Register{dst, in, bias}, func() {
		v := s.vector()
		VMOVUPS(Mem{Base: bias}, v)
		VADDPS(Mem{Base: in}, v, v)
		VADDPS(Mem{Base: dst}, v, v)
		VMOVUPS(v, Mem{Base: dst})
	})
}
