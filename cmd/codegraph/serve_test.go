package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"codegraph"
	"codegraph/imageset"
)

// serving starts "codegraph serve" in process. end interrupts it and returns
// its exit code.
func serving(t testing.TB, e engine, args ...string) (url string, end func() int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out, stdout := io.Pipe()
	code := make(chan int, 1)
	var stderr bytes.Buffer
	go func() {
		code <- run(ctx, append([]string{"serve", "--addr", "127.0.0.1:0"}, args...), stdout, &stderr, e)
		stdout.Close()
	}()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("exit code %d: %s", <-code, &stderr)
	}
	return strings.TrimSpace(line), func() int {
		cancel()
		return <-code
	}
}

// post uploads the images of a folder and returns the names scored.
func post(t testing.TB, url, options, dir string) (names []string) {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	if err := w.WriteField("options", options); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.png"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		part, err := w.CreateFormFile("files", filepath.Base(file))
		if err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		part.Write(data)
	}
	w.Close()
	res, err := http.Post(url+"api/scores", w.FormDataContentType(), &body)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var scores struct {
		Error  string
		Images []struct{ Name string }
	}
	if err := json.NewDecoder(res.Body).Decode(&scores); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s, %v: %s", res.Status, err, scores.Error)
	}
	for _, im := range scores.Images {
		names = append(names, im.Name)
	}
	return names
}

func TestServe(t *testing.T) {
	t.Parallel()
	fake := &fakeDetect{}
	e := builtin
	e.open = func(ctx context.Context, images imageset.Set, opts codegraph.Options) (*codegraph.Result, *codegraph.Session, error) {
		res, err := fake.detect(ctx, images, opts)
		return res, nil, err
	}
	url, end := serving(t, e, "--data", t.TempDir(), "--threads", "3", "--max-memory", "1GiB")
	names := post(t, url, `{"method":"musc","seed":4,"size":96}`, photos(t, "a.png", "b.png", "c.png"))
	if len(names) != 3 {
		t.Errorf("scored %q", names)
	}
	if o := fake.opts; o.Method != codegraph.MethodMuSc || o.Seed != 4 || o.Size != 96 || o.Threads != 3 || o.MaxMemory != 1<<30 || o.Evidence == 0 {
		t.Errorf("options %+v", o)
	}
	if code := end(); code != exitDone {
		t.Errorf("exit code %d", code)
	}
}

// TestServeSnapshot: one image is scored against a snapshot.
func TestServeSnapshot(t *testing.T) {
	t.Parallel()
	snapshots := t.TempDir()
	batch := photos(t, "a.png", "b.png", "c.png", "d.png")
	_, stderr, code := invoke(t, "scan", "--size", "64", "--grid", "8", "--align", "off", "--quiet", "--out", filepath.Join(t.TempDir(), "out"), "--save-snapshot", filepath.Join(snapshots, "line4.snapshot"), batch)
	if code != exitDone {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	url, end := serving(t, builtin, "--data", t.TempDir(), "--snapshots", snapshots)
	for range 2 { // the second time it is in memory
		if names := post(t, url, `{"snapshot":"line4"}`, photos(t, "new.png")); len(names) != 1 || names[0] != "new.png" {
			t.Errorf("scored %q", names)
		}
	}
	if code := end(); code != exitDone {
		t.Errorf("exit code %d", code)
	}
}

func TestServeUsage(t *testing.T) {
	t.Setenv(tokenEnv, "")
	data := t.TempDir()
	for _, tt := range []struct {
		args   []string
		code   int
		stderr string
	}{
		{[]string{"--addr", "0.0.0.0:0"}, exitUsage, "can be reached from other machines"},
		{[]string{"photos"}, exitUsage, "takes no arguments"},
		{[]string{"--log", "xml"}, exitUsage, "--log"},
		{[]string{"--watch-min", "1"}, exitUsage, "--watch-min"},
		{[]string{"--max-upload", "0"}, exitUsage, "--max-upload"},
		{[]string{"--watch", filepath.Join(data, "none")}, exitFailed, "watched folder"},
		{[]string{"--root", filepath.Join(data, "none")}, exitFailed, "root folder"},
		{[]string{"--addr", "127.0.0.1:99999"}, exitFailed, "choose another address"},
	} {
		out := exec(t.Context(), &fakeDetect{}, append([]string{"serve", "--addr", "127.0.0.1:0", "--data", data}, tt.args...)...)
		out.want(t, tt.code, tt.stderr)
	}
}
