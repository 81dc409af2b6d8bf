package onnx

import (
	"slices"
	"testing"
)

func TestRecognise(t *testing.T) {
	for _, tc := range []struct {
		dims []int64
		size int
		want shape
	}{
		{[]int64{1, 1370, 1024}, 518, shape{sequence, 37, 37, 1024, 1}},
		{[]int64{1, 1374, 1024}, 518, shape{sequence, 37, 37, 1024, 5}},
		{[]int64{1, 1369, 1024}, 518, shape{sequence, 37, 37, 1024, 0}},
		{[]int64{1, 257, 768}, 224, shape{sequence, 16, 16, 768, 1}},
		{[]int64{1, 201, 384}, 224, shape{sequence, 14, 14, 384, 5}},
		{[]int64{1, 50, 768}, 224, shape{sequence, 7, 7, 768, 1}},
		{[]int64{1, 240, 768}, 224, shape{}},
		{[]int64{1, 64, 56, 56}, 224, shape{channels, 56, 56, 64, 0}},
		{[]int64{1, 56, 56, 64}, 224, shape{pixels, 56, 56, 64, 0}},
		{[]int64{1, 56, 28, 64}, 224, shape{}},
		{[]int64{1, 512}, 224, shape{form: vector, c: 512}},
		{[]int64{2, 257, 768}, 224, shape{}},
		{[]int64{1, -1, 768}, 224, shape{}},
		{[]int64{1, 1 << 40, 768}, 224, shape{}},
		{[]int64{1}, 224, shape{}},
		{nil, 224, shape{}},
	} {
		if got := recognise(tc.dims, tc.size); got != tc.want {
			t.Errorf("%v at %d: %+v, want %+v", tc.dims, tc.size, got, tc.want)
		}
	}
}

func TestLayer(t *testing.T) {
	m := shape{channels, 1, 2, 3, 0}.layer([]float32{1, 2, 3, 4, 5, 6})
	if !slices.Equal(m.Data, []float32{1, 3, 5, 2, 4, 6}) {
		t.Errorf("channels: %v", m.Data)
	}
	m = shape{sequence, 1, 1, 2, 1}.layer([]float32{1, 2, 3, 4})
	if !slices.Equal(m.Data, []float32{3, 4}) {
		t.Errorf("sequence: %v", m.Data)
	}
}

// FuzzSettings: whatever lies beside a network is read or refused.
func FuzzSettings(f *testing.F) {
	f.Add([]byte(`{"mean":[0.5,0.5,0.5],"std":[0.5,0.5,0.5],"size":518,"class":"none"}`))
	f.Add([]byte(`{"size":{"height":224},"image_mean":[0.48,0.45,0.4],"image_std":[0.26,0.26,0.27]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := parseSettings(data)
		if err == nil && (len(s.Mean) != 3 || len(s.Std) != 3 || s.check() != nil) {
			t.Errorf("%q gives %+v", data, s)
		}
	})
}
