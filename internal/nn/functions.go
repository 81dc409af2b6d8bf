package nn

import "math"

// maxLanes is the largest number of lanes.
const maxLanes = 16

// Softmax replaces each of the m rows of n values at x, with stride ld, by
// exp(x−max) and stores 1/Σ exp(x−max) in inverse: a softmax whose division
// is left to whoever uses the row. What lies in a row beyond n, up to the
// next multiple of 16, is overwritten; ld must make room for it.
func Softmax(x []float32, ld, m, n int, inverse []float32) {
	lanes := active.lanes
	padded := (n + lanes - 1) / lanes * lanes
	for r := range m {
		row := x[r*ld:][:padded]
		for i := n; i < padded; i++ {
			row[i] = -math.MaxFloat32
		}
		top, sum := lowest, [maxLanes]float32{}
		active.max(padded, &row[0], &top[0])
		shift := top[0]
		for _, v := range top {
			shift = max(shift, v)
		}
		active.expSum(padded, &row[0], shift, &sum[0])
		var total float32
		for _, v := range sum {
			total += v
		}
		inverse[r] = 1 / total
	}
}

var lowest = func() (l [maxLanes]float32) {
	for i := range l {
		l[i] = -math.MaxFloat32
	}
	return l
}()

// Activation is a function between two linear layers.
type Activation int

// The activations of vision transformers.
const (
	GELU      Activation = iota // v·Φ(v)
	GELUTanh                    // its tanh approximation
	QuickGELU                   // v·σ(1.702·v)
	SiLU                        // v·σ(v)
)

var activationNames = [...]string{"gelu", "gelu_tanh", "quick_gelu", "silu"}

func (a Activation) String() string { return activationNames[a] }

// Apply replaces x by the activation of x + bias, both of the same length.
func (a Activation) Apply(x, bias []float32) {
	n := len(x) / active.lanes * active.lanes
	if n > 0 {
		a.apply(n, &x[0], &bias[0])
	}
	if n == len(x) {
		return
	}
	var tx, tb [maxLanes]float32
	copy(tx[:], x[n:])
	copy(tb[:], bias[n:len(x)])
	a.apply(active.lanes, &tx[0], &tb[0])
	copy(x[n:], tx[:])
}

func (a Activation) apply(n int, x, bias *float32) {
	switch a {
	case GELU:
		active.gelu(n, x, bias)
	case GELUTanh: // tanh(u) = 2·σ(2·u) − 1 with u = √(2/π)·(v + 0.044715·v³)
		const c = 2 * math.Sqrt2 / 1.7724538509055159 // 2·√(2/π)
		active.sigmoid(n, x, bias, c, c*0.044715)
	case QuickGELU:
		active.sigmoid(n, x, bias, 1.702, 0)
	case SiLU:
		active.sigmoid(n, x, bias, 1, 0)
	}
}
