package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"codegraph/backbone/effnet"
)

// vitTestdata holds small checkpoints of random weights.
const vitTestdata = "../../backbone/vit/testdata"

// modelsFolder makes a models folder with a checkpoint as a folder, one as a
// file and one of shards.
func modelsFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	copyTo := func(from string, to ...string) {
		data, err := os.ReadFile(filepath.Join(vitTestdata, from))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(append([]string{dir}, to...)...)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	copyTo("clip/model.safetensors", "clip", "model.safetensors")
	copyTo("clip/config.json", "clip", "config.json")
	copyTo("dinov2/golden.safetensors", "images.safetensors")
	copyTo("siglip/model.safetensors", "cut-00001-of-00002.safetensors")
	t.Setenv(modelsEnv, dir)
	return dir
}

func TestModelList(t *testing.T) {
	dir := modelsFolder(t)
	out := exec(context.Background(), &fakeDetect{}, "model", "list")
	for _, want := range []string{dir, effnet.Names()[0], "clip-vit-32x5-patch4-20", "images", "known here"} {
		if out.code != exitDone || !strings.Contains(out.stdout, want) {
			t.Fatalf("code %d, %q without %q", out.code, out.stdout, want)
		}
	}
	if strings.Contains(out.stdout, "00001") {
		t.Errorf("a shard is listed: %s", out.stdout)
	}
	out = exec(context.Background(), &fakeDetect{}, "model", "list", "--json")
	var doc struct{ Models []listed }
	if err := json.Unmarshal([]byte(out.stdout), &doc); err != nil || len(doc.Models) != len(effnet.Names())+2 {
		t.Fatalf("%v: %s", err, out.stdout)
	}
	t.Setenv(modelsEnv, filepath.Join(dir, "nothing"))
	if out := exec(context.Background(), &fakeDetect{}, "model", "list"); out.code != exitDone || !strings.Contains(out.stdout, effnet.Names()[0]) {
		t.Errorf("without a folder: %+v", out)
	}
}

func TestModelInspect(t *testing.T) {
	modelsFolder(t)
	for _, tc := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"inspect", "clip"}, exitDone, "quick_gelu"},
		{[]string{"inspect", "clip", "--json"}, exitDone, `"Heads": 2`},
		{[]string{"inspect", vitTestdata + "/dinov2-registers/model.safetensors"}, exitDone, "4 registers"},
		{[]string{"inspect", "images"}, exitFailed, "known here"},
		{[]string{"inspect", "other"}, exitUsage, "there are clip"},
		{[]string{"inspect", "other.safetensors"}, exitUsage, "no such file"},
		{[]string{"inspect", effnet.Names()[0]}, exitUsage, "in the program"},
		{[]string{"inspect"}, exitUsage, "one checkpoint"},
		{[]string{"inspect", "clip", "--provider", "cuda"}, exitUsage, "only .onnx"},
		{[]string{"check", "clip", "--provider", "abacus"}, exitUsage, "there is cpu"},
		{[]string{"inspect", "other.onnx"}, exitUsage, "no such file"},
		{[]string{"check", "clip", "--size", "28"}, exitDone, "block4"},
		{[]string{"check", "clip", "--size", "30"}, exitUsage, "multiples of 4"},
		{[]string{"inspect", "lite0"}, exitUsage, "in the program"},
		{[]string{"check", effnet.Names()[0], "--size", "64"}, exitDone, "stage5"},
		{[]string{"check", "lite0", "--size", "64"}, exitDone, "efficientnet-lite0"},
	} {
		out := exec(context.Background(), &fakeDetect{}, append([]string{"model"}, tc.args...)...)
		if out.code != tc.code || !strings.Contains(out.stdout+out.stderr, tc.want) {
			t.Errorf("%v: code %d, %s%s, want %q", tc.args, out.code, out.stdout, out.stderr, tc.want)
		}
	}
}

// TestModelPickle: what torch.save wrote is read, and what would run is named.
func TestModelPickle(t *testing.T) {
	t.Parallel()
	out := exec(context.Background(), &fakeDetect{}, "model", "inspect", vitTestdata+"/dinov2-teacher")
	if out.code != exitDone || !strings.Contains(out.stdout, "dinov2-32x5") {
		t.Errorf("%+v", out)
	}
	out = exec(context.Background(), &fakeDetect{}, "model", "inspect", "../../internal/checkpoint/torchfile/testdata/evil.pth")
	if out.code != exitFailed || !strings.Contains(out.stderr, "posix.system, which is refused") {
		t.Errorf("%+v", out)
	}
}

// TestBackboneFlag: a command that scores gets the network that was named.
func TestBackboneFlag(t *testing.T) {
	modelsFolder(t)
	photos := t.TempDir()
	for i := range 3 {
		if err := square(filepath.Join(photos, string(rune('a'+i))+".png"), byte(50*i)); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{
		"clip":                  "clip-vit-32x5-patch4-20",
		vitTestdata + "/dinov3": "dinov3-vit-32x5-patch4",
	} {
		fake := new(fakeDetect)
		out := exec(context.Background(), fake, "scan", "-q", "--backbone", name, "-o", filepath.Join(t.TempDir(), "out"), photos)
		if out.code != exitDone || fake.opts.Backbone.Info().Name != want {
			t.Errorf("%s: %+v", name, out)
		}
	}
	out := exec(context.Background(), new(fakeDetect), "scan", "--backbone", "nobody", photos)
	if out.code != exitUsage || !strings.Contains(out.stderr, "hint: name a file that ends in .safetensors, ") {
		t.Errorf("unknown network: %+v", out)
	}
}
