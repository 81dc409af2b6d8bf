package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fakeHub serves a folder as owner/net and counts its requests.
func fakeHub(t *testing.T, dir string) (requests *int) {
	t.Helper()
	requests = new(int)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*requests++
		file := filepath.Base(r.URL.Path)
		data, err := os.ReadFile(filepath.Join(dir, file))
		switch {
		case !strings.HasPrefix(r.URL.Path, "/owner/net/resolve/"):
			w.WriteHeader(http.StatusUnauthorized)
			return
		case err != nil:
			w.WriteHeader(http.StatusNotFound)
			return
		}
		sum := sha256.Sum256(data)
		w.Header().Set("X-Repo-Commit", strings.Repeat("a1", 20))
		w.Header().Set("X-Linked-Etag", `"`+hex.EncodeToString(sum[:])+`"`)
		w.Header().Set("X-Linked-Size", fmt.Sprint(len(data)))
		if r.Method == http.MethodGet {
			w.Write(data)
		}
	}))
	t.Cleanup(server.Close)
	t.Setenv("HF_ENDPOINT", server.URL)
	t.Setenv("HF_HUB_CACHE", t.TempDir())
	t.Setenv("HF_HUB_OFFLINE", "")
	t.Setenv("HF_TOKEN", "")
	t.Setenv(modelsEnv, t.TempDir())
	return requests
}

func TestModelPull(t *testing.T) {
	requests := fakeHub(t, vitTestdata+"/dinov2")
	ctx := context.Background()
	run := func(args ...string) outcome { return exec(ctx, &fakeDetect{}, args...) }

	out := run("model", "inspect", "owner/net")
	if out.code != exitUsage || !strings.Contains(out.stderr, "hint: fetch it: codegraph model pull owner/net") || *requests != 0 {
		t.Errorf("before it was fetched, %d requests: %+v", *requests, out)
	}
	out = run("model", "pull", "owner/net")
	dir := strings.TrimSpace(out.stdout)
	if out.code != exitDone || !strings.Contains(out.stderr, "fetching model.safetensors") {
		t.Fatalf("%+v", out)
	}
	if _, err := os.Stat(filepath.Join(dir, "config.json")); err != nil {
		t.Error(err)
	}
	before := *requests
	out = run("model", "inspect", "owner/net")
	if out.code != exitDone || !strings.Contains(out.stdout, "dinov2-32x5") || *requests != before {
		t.Errorf("%d more requests: %+v", *requests-before, out)
	}
	if out := run("model", "pull", "owner/other"); out.code != exitFailed || !strings.Contains(out.stderr, "no such network") {
		t.Errorf("%+v", out)
	}
	if out := run("model", "pull", "net"); out.code != exitUsage || !strings.Contains(out.stderr, "dinov2-large") {
		t.Errorf("%+v", out)
	}
}

// TestBackboneOfHub: a network that the command line names is fetched, and
// offline it is not.
func TestBackboneOfHub(t *testing.T) {
	requests := fakeHub(t, vitTestdata+"/dinov2")
	photos := t.TempDir()
	for i := range 3 {
		if err := square(filepath.Join(photos, string(rune('a'+i))+".png"), byte(50*i)); err != nil {
			t.Fatal(err)
		}
	}
	scan := func() (outcome, *fakeDetect) {
		fake := new(fakeDetect)
		return exec(context.Background(), fake, "scan", "-q", "--backbone", "owner/net", "-o", filepath.Join(t.TempDir(), "out"), photos), fake
	}
	t.Setenv("HF_HUB_OFFLINE", "1")
	if out, _ := scan(); out.code == exitDone || !strings.Contains(out.stderr, "HF_HUB_OFFLINE") || *requests != 0 {
		t.Errorf("offline, %d requests: %+v", *requests, out)
	}
	t.Setenv("HF_HUB_OFFLINE", "")
	out, fake := scan()
	if out.code != exitDone || fake.opts.Backbone == nil || fake.opts.Backbone.Info().Name != "dinov2-32x5" || out.stderr != "" {
		t.Errorf("%+v", out)
	}
	t.Setenv("HF_HUB_OFFLINE", "1")
	if out, _ := scan(); out.code != exitDone {
		t.Errorf("from the cache: %+v", out)
	}
}

func TestModelRecommended(t *testing.T) {
	fakeHub(t, t.TempDir())
	out := exec(context.Background(), &fakeDetect{}, "model", "list", "--json")
	var doc struct{ Recommended []recommendation }
	if err := json.Unmarshal([]byte(out.stdout), &doc); err != nil || len(doc.Recommended) < 2 {
		t.Fatalf("%v: %s", err, out.stdout)
	}
	for i, want := range []string{"openai/clip-vit-large-patch14-336", "facebook/dinov2-large"} {
		if r := doc.Recommended[i]; r.Repository != want || r.Licence == "" || !(r.Seconds > 0) || r.Memory < 1<<30 || r.Here {
			t.Errorf("%+v", r)
		}
	}
}

func TestModelDoctor(t *testing.T) {
	fakeHub(t, t.TempDir())
	out := exec(context.Background(), &fakeDetect{}, "model", "doctor")
	for _, want := range []string{"ONNX Runtime", "models folder", "127.0.0.1", "token: no"} {
		if out.code != exitDone || !strings.Contains(out.stdout, want) {
			t.Errorf("%+v lacks %q", out, want)
		}
	}
}
