package onnx

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
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

// TestNotDetector: results are told from features by name or by channels.
func TestNotDetector(t *testing.T) {
	features := shape{channels, 28, 28, 64, 0}
	for _, tc := range []struct {
		name   string
		shape  shape
		refuse bool
	}{
		{"features", features, false}, {"anomaly_map", features, true}, {"pred_score", shape{form: vector, c: 1}, true},
		{"out", shape{channels, 224, 224, 1, 0}, true}, {"pooled", shape{form: vector, c: 1}, false}, {"other", shape{}, false},
	} {
		if err := notDetector([]string{tc.name}, map[string]shape{tc.name: tc.shape}); (err != nil) != tc.refuse {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
}

// TestPlaces: the library is found in the folders of its releases and of pip,
// which has a file with the release in its name only.
func TestPlaces(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("names of files on Linux")
	}
	for _, tc := range []struct{ file, named string }{
		{"libonnxruntime.so", "."}, {"libonnxruntime.so.1", "."}, {"libonnxruntime.so.1.32.0", "."},
		{"lib/libonnxruntime.so.1.32.0", "."}, {"onnxruntime/capi/libonnxruntime.so.1.32.0", "onnxruntime"}, {"capi/libonnxruntime.so.1.32.0", "capi"},
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, filepath.FromSlash(tc.file))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, nil, 0o600)); err != nil {
			t.Fatal(err)
		}
		t.Setenv(LibraryEnv, filepath.Join(dir, tc.named))
		if files, names := places(""); !slices.Contains(files, path) || names != nil {
			t.Errorf("%s in %s: looked for %v and %v", tc.file, tc.named, files, names)
		}
	}
	venv := t.TempDir()
	path := filepath.Join(venv, "lib", "python3.11", "site-packages", "onnxruntime", "capi", "libonnxruntime.so.1.32.0")
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	t.Setenv(LibraryEnv, "")
	t.Setenv("VIRTUAL_ENV", venv)
	if files, _ := places(""); !slices.Contains(files, path) {
		t.Errorf("virtual environment: looked for %v", files)
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
