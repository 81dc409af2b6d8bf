package onnx

import (
	"fmt"
	"slices"
	"strings"

	"codegraph/backbone"
)

// maxPrefix is the largest number of tokens before the patches'.
const maxPrefix = 16

// form is what an output is.
type form int

const (
	other    form = iota
	vector        // [1][C]
	sequence      // [1][T][C]
	channels      // [1][C][H][W]
	pixels        // [1][H][W][C]
)

// shape is how to read an output for an input of size × size.
type shape struct {
	form    form
	h, w, c int
	prefix  int // tokens before the patches'
}

// recognise says what an output of these dimensions is.
func recognise(dims []int64, size int) shape {
	for _, d := range dims {
		if d < 1 || d > 1<<24 {
			return shape{}
		}
	}
	if len(dims) < 2 || dims[0] != 1 {
		return shape{}
	}
	d := make([]int, len(dims))
	for i, v := range dims {
		d[i] = int(v)
	}
	switch {
	case len(d) == 2:
		return shape{form: vector, c: d[1]}
	case len(d) == 3:
		if g := side(d[1], size); g > 0 {
			return shape{sequence, g, g, d[2], d[1] - g*g}
		}
	case len(d) == 4 && d[2] == d[3] && d[2] <= size:
		return shape{channels, d[2], d[3], d[1], 0}
	case len(d) == 4 && d[1] == d[2] && d[1] <= size:
		return shape{pixels, d[1], d[2], d[3], 0}
	}
	return shape{}
}

// side is the side of the grid of patches in t tokens; 0 if there is none.
func side(t, size int) int {
	for g := min(size, 1<<12); g > 0; g-- {
		if g*g <= t && t-g*g <= maxPrefix && size%g == 0 {
			return g
		}
	}
	return 0
}

// spatial reports whether s is a layer.
func (s shape) spatial() bool { return s.form >= sequence }

func (s shape) String() string {
	switch s.form {
	case sequence:
		return fmt.Sprintf("tokens of %d channels, %d × %d patches behind %d others", s.c, s.h, s.w, s.prefix)
	case channels, pixels:
		return fmt.Sprintf("feature map of %d channels, %d × %d", s.c, s.h, s.w)
	case vector:
		return fmt.Sprintf("vector of %d", s.c)
	}
	return "of a shape that is not used"
}

// layer reads an output as tokens, patch by patch. The result is a copy.
func (s shape) layer(data []float32) backbone.Map {
	m := backbone.Map{H: s.h, W: s.w, C: s.c, Data: make([]float32, s.h*s.w*s.c)}
	if s.form != channels {
		copy(m.Data, data[s.prefix*s.c:])
		return m
	}
	for c := range s.c {
		for p, v := range data[c*s.h*s.w : (c+1)*s.h*s.w] {
			m.Data[p*s.c+c] = v
		}
	}
	return m
}

// verdicts are outputs of a detector's export, as anomalib names them.
var verdicts = []string{"anomaly_map", "anomaly_maps", "pred_score", "pred_scores", "pred_label", "pred_labels", "pred_mask", "pred_masks"}

// fewest channels that features have; a map of fewer is a result.
const fewest = 4

// notDetector refuses the export of a whole detector, whose outputs are scores
// and maps of anomalies: compared as if they were features they say nothing.
func notDetector(names []string, shapes map[string]shape) error {
	for _, name := range names {
		s := shapes[name]
		if slices.Contains(verdicts, strings.ToLower(name)) || s.spatial() && s.c < fewest {
			return fmt.Errorf("its output %s (%s) is the result of a detector or a segmentation, not features: export the network that it looks at images with", name, s)
		}
	}
	return nil
}
