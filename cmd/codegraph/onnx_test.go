package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"codegraph"
	"codegraph/backbone/onnx"
)

const onnxTestdata = "../../backbone/onnx/testdata"

// TestModelONNX: networks for ONNX Runtime are listed, shown and run where
// there is its library, and what is missing is said where there is none.
func TestModelONNX(t *testing.T) {
	dir := t.TempDir()
	t.Setenv(modelsEnv, dir)
	for _, name := range []string{"tokens.onnx", "maps.onnx"} {
		data, err := os.ReadFile(filepath.Join(onnxTestdata, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	try := func(code int, want string, args ...string) {
		t.Helper()
		out := exec(context.Background(), &fakeDetect{}, append([]string{"model"}, args...)...)
		if out.code != code || !strings.Contains(out.stdout+out.stderr, want) {
			t.Errorf("%v: code %d, %q, %q without %q", args, out.code, out.stdout, out.stderr, want)
		}
	}
	try(exitDone, "for ONNX Runtime", "list")
	n, err := openBackbone("tokens", "", codegraph.PrecisionAuto)
	if err != nil {
		try(exitFailed, onnx.LibraryEnv, "inspect", "tokens")
		t.Skip(err)
	}
	n.(*onnx.Network).Close()
	try(exitDone, "28 × 28 patches behind 2 others", "inspect", "tokens")
	try(exitDone, `"ClassToken": true`, "inspect", "tokens", "--json")
	try(exitDone, "deep", "check", "tokens", "--size", "64")
	try(exitDone, "last", "check", filepath.Join(dir, "maps.onnx"))
	try(exitUsage, "32 only", "check", "maps", "--size", "64")
}
