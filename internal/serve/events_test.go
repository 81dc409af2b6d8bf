package serve_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"codegraph/internal/option"
	"codegraph/internal/serve"
	"codegraph/internal/serve/intake"
	"codegraph/internal/serve/store"
)

// respond is the status of a request, and its Location, without a connection.
func respond(h http.Handler, method, path, kind string, body []byte) (status int, location string) {
	r := httptest.NewRequest(method, path, bytes.NewReader(body))
	r.Host = "localhost"
	r.Header.Set("Content-Type", kind)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Header().Get("Location")
}

// TestEvents: who listens learns of each status and of progress.
func TestEvents(t *testing.T) {
	t.Parallel()
	engine := &fakeEngine{gate: make(chan struct{})}
	a := start(t, serve.Config{Engine: engine})
	stream := a.raw("GET", "/api/events", "", nil)
	defer stream.Body.Close()
	lines := bufio.NewScanner(stream.Body)
	run := a.upload(nil, pictures(t, 4)).Run
	seen := map[string]bool{}
	name := ""
	for lines.Scan() {
		key, value, _ := strings.Cut(lines.Text(), ": ")
		switch {
		case key == "event":
			name = value
		case key == "data" && name == "run":
			if err := serve.Valid("Run", []byte(value)); err != nil {
				t.Error(err)
			}
			var r store.Run
			if err := json.Unmarshal([]byte(value), &r); err != nil {
				t.Fatal(err)
			}
			seen[string(r.Status)] = true
			if r.Status == store.Running {
				engine.gate <- struct{}{}
			}
		case key == "data" && name == "progress":
			if err := serve.Valid("Progress", []byte(value)); err != nil {
				t.Error(err)
			}
			if !seen["progress"] {
				close(engine.gate)
			}
			seen["progress"] = true
		}
		if seen["done"] {
			break
		}
	}
	for _, want := range []string{"running", "progress", "done"} {
		if !seen[want] {
			t.Errorf("no event of %s: %v", want, seen)
		}
	}
	a.wait(run.ID, store.Done)
}

// TestLoad: eight clients send fifty images each, at once; every run is worked
// on, with all its images, and no two at a time.
func TestLoad(t *testing.T) {
	t.Parallel()
	a := start(t, serve.Config{Engine: &fakeEngine{}})
	files := pictures(t, 50)
	kind, body := form(t, nil, files)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			sc := read[scores](a, http.StatusOK, "POST", "/api/scores", kind, body)
			names := map[string]bool{}
			for _, im := range sc.Images {
				names[im.Name] = true
			}
			if sc.Run.Status != store.Done || len(names) != len(files) {
				t.Errorf("run %s: %s, %d images of %d", sc.Run.ID, sc.Run.Status, len(names), len(files))
			}
		})
	}
	wg.Wait()
	runs := get[struct{ Runs []store.Run }](a, http.StatusOK, "GET", "/api/runs", nil).Runs
	if len(runs) != 8 {
		t.Fatalf("%d runs in the history, want 8", len(runs))
	}
	for i, r := range runs[:7] {
		if earlier := runs[i+1]; r.Started.Before(*earlier.Ended) {
			t.Errorf("run %s started before %s ended", r.ID, earlier.ID)
		}
	}
}

// TestWatchLimits: more images than a run may have become several runs, one that
// is too large alone is refused, and one that is left alone waits for others.
func TestWatchLimits(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put := func(name string, data []byte) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 7 {
		put(fmt.Sprintf("%d.png", i), picture(t, uint8(20+10*i)))
	}
	put("large.png", make([]byte, 1<<20))
	a := start(t, serve.Config{Engine: &fakeEngine{}, Limits: intake.Limits{Files: 3, TotalBytes: 1 << 16},
		Watch: &serve.Watch{Dir: dir, Settle: 60 * time.Millisecond, Every: 10 * time.Millisecond, Least: 2}})
	images := func() (n int) {
		for _, r := range get[struct{ Runs []store.Run }](a, http.StatusOK, "GET", "/api/runs", nil).Runs {
			if r.Images > 3 {
				t.Errorf("a run of %d images", r.Images)
			}
			n += r.Images
		}
		return n
	}
	for end := time.Now().Add(patience); images() < 6 && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	put("8.png", picture(t, 200))
	for end := time.Now().Add(patience); images() < 8 && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	if n := images(); n != 8 {
		t.Errorf("%d images were taken, want 4", n)
	}
}

// TestWatch: what comes into a watched folder is taken once it has settled, and
// only what is new.
func TestWatch(t *testing.T) {
	t.Parallel()
	dir, data := t.TempDir(), t.TempDir()
	put := func(names ...string) {
		for i, name := range names {
			if err := os.WriteFile(filepath.Join(dir, name), picture(t, uint8(20+10*i)), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	seeded := option.Defaults()
	seeded.Seed = 5
	config := func() serve.Config {
		return serve.Config{Engine: &fakeEngine{}, Data: data, Watch: &serve.Watch{Dir: dir, Settle: 60 * time.Millisecond, Every: 10 * time.Millisecond, Least: 3, Options: seeded}}
	}
	first := start(t, config())
	runs := func(a *app, n int) []store.Run {
		for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
			runs := get[struct{ Runs []store.Run }](a, http.StatusOK, "GET", "/api/runs", nil).Runs
			if len(runs) == n && runs[0].Status == store.Done {
				return runs
			}
			if len(runs) > n || time.Now().After(end) {
				t.Fatalf("%d runs, want %d", len(runs), n)
			}
		}
	}
	put("a.png", "b.png")
	time.Sleep(200 * time.Millisecond)
	put("c.png")
	if r := runs(first, 1)[0]; r.Images != 3 || string(r.Options) != `{"seed":5}` {
		t.Errorf("run %+v", r)
	}
	first.stop()
	put("d.png", "e.png", "f.png", "a.png")
	if r := runs(start(t, config()), 2)[0]; r.Images < 3 || r.Images > 4 {
		t.Errorf("the second run has %d images; d, e, f, and a if its time shows that it is new", r.Images)
	}
}
