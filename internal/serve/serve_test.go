package serve_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/textproto"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"codegraph"
	"codegraph/backbone"
	"codegraph/imageset"
	"codegraph/internal/serve"
	"codegraph/internal/serve/store"
)

// fakeEngine scores an image by its grey level, on a 2 × 2 grid. Images of
// grade 200 and more are a family.
type fakeEngine struct {
	panics bool
	mu     sync.Mutex
	calls  int
	gate   chan struct{} // each image waits for a value; nil: none does
	fail   error
}

func (e *fakeEngine) Networks() ([]string, error) { return []string{"fake", "other"}, nil }

func (e *fakeEngine) Snapshots() ([]string, error) { return []string{"line4"}, nil }

func (e *fakeEngine) Open(ctx context.Context, set imageset.Set, opts serve.Options, progress codegraph.Progress) (*codegraph.Result, serve.Session, error) {
	res, err := e.detect(ctx, set, opts, progress)
	return res, nil, err
}

func (e *fakeEngine) detect(ctx context.Context, set imageset.Set, opts serve.Options, progress codegraph.Progress) (*codegraph.Result, error) {
	e.mu.Lock()
	e.calls++
	e.mu.Unlock()
	if e.panics {
		panic("an engine that is broken")
	}
	if e.fail != nil {
		return nil, e.fail
	}
	res := &codegraph.Result{
		Method: codegraph.MethodCoDeGraph, Size: 64, GridH: 2, GridW: 2, Backbone: backbone.Info{Name: "fake"},
		Options: codegraph.Options{Method: codegraph.MethodCoDeGraph, Size: 64, Grid: 2, Radii: []int{1}, Align: codegraph.AlignOff, Threads: 1, Constants: codegraph.DefaultConstants()},
	}
	var members []codegraph.Member
	for i, item := range set {
		if e.gate != nil {
			select {
			case <-e.gate:
			case <-ctx.Done():
				return nil, fmt.Errorf("embed: %w", ctx.Err())
			}
		}
		p, err := imageset.Load(ctx, item, imageset.Limits{})
		if err != nil {
			return nil, err
		}
		grey := p.Image.Pix[0]
		v := float32(grey) / 255
		if opts.Method == codegraph.MethodMuSc {
			v = 1 - v
		}
		m := []float32{v, v / 2, v / 3, v / 4}
		im := codegraph.Image{Item: item, Width: p.Width, Height: p.Height, Score: float64(v), MuScScore: float64(v), Map: m, MuScMap: m, Family: -1}
		if grey >= 200 {
			im.Family = 0
			members = append(members, codegraph.Member{Image: i, Patches: []int{0}})
		}
		res.Images = append(res.Images, im)
		progress(codegraph.PhaseEmbed, i+1, len(set))
	}
	for i := range res.Images {
		rank := 1
		for _, other := range res.Images {
			if other.Score > res.Images[i].Score {
				rank++
			}
		}
		res.Images[i].Rank = rank
	}
	if len(members) > 0 {
		res.Families = []codegraph.Family{{ID: "F1", Status: codegraph.StatusDefect, Members: members, Removed: len(members)}}
	}
	return res, nil
}

// app is a server on the loopback.
type app struct {
	t    *testing.T
	url  string
	stop func() // ends it as a signal does
}

func start(t *testing.T, cfg serve.Config) *app {
	t.Helper()
	if cfg.Data == "" {
		cfg.Data = filepath.Join(t.TempDir(), "data")
	}
	cfg.Version = "test"
	s, err := serve.New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, l) }()
	stop := sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Serve: %v", err)
		}
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	t.Cleanup(stop)
	return &app{t, "http://" + l.Addr().String(), stop}
}

// picture is a small PNG of one grey level.
func picture(t testing.TB, grey uint8) []byte {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 16, 12))
	for i := range img.Pix {
		img.Pix[i] = grey
	}
	img.SetGray(15, 11, color.Gray{grey / 2})
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// file is one file of an upload.
type file struct {
	name    string
	content []byte
}

func pictures(t testing.TB, n int) []file {
	files := make([]file, n)
	for i := range files {
		files[i] = file{fmt.Sprintf("part/%03d.png", i), picture(t, uint8(10+i*240/n))}
	}
	return files
}

// form is an upload.
func form(t testing.TB, fields map[string]string, files []file) (kind string, body []byte) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for k, v := range fields {
		if err := w.WriteField(k, v); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range files {
		h := textproto.MIMEHeader{}
		h.Set("Content-Disposition", fmt.Sprintf(`form-data; name="files"; filename="%s"`, strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(f.name)))
		p, err := w.CreatePart(h)
		if err != nil {
			t.Fatal(err)
		}
		p.Write(f.content)
	}
	w.Close()
	return w.FormDataContentType(), b.Bytes()
}

func archive(t testing.TB, files []file) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range files {
		w, err := z.Create(f.name)
		if err != nil {
			t.Fatal(err)
		}
		w.Write(f.content)
	}
	z.Close()
	return b.Bytes()
}

// do sends a request; the answer to a documented route is checked against the
// document.
func (a *app) do(method, path, kind string, body []byte, change ...func(*http.Request)) (int, []byte) {
	a.t.Helper()
	res := a.raw(method, path, kind, body, change...)
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		a.t.Fatal(err)
	}
	if err := documented(method, path, res, data); err != nil {
		a.t.Errorf("%s %s: %v", method, path, err)
	}
	return res.StatusCode, data
}

func (a *app) raw(method, path, kind string, body []byte, change ...func(*http.Request)) *http.Response {
	a.t.Helper()
	req, err := http.NewRequestWithContext(a.t.Context(), method, a.url+path, bytes.NewReader(body))
	if err != nil {
		a.t.Fatal(err)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	for _, c := range change {
		c(req)
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		a.t.Fatal(err)
	}
	return res
}

// get sends a request and decodes what must be the answer of the status.
func get[T any](a *app, status int, method, path string, body any) T {
	a.t.Helper()
	var data []byte
	kind := ""
	if body != nil {
		kind = "application/json"
		var err error
		if data, err = json.Marshal(body); err != nil {
			a.t.Fatal(err)
		}
	}
	return read[T](a, status, method, path, kind, data)
}

func read[T any](a *app, status int, method, path, kind string, body []byte) (v T) {
	a.t.Helper()
	code, data := a.do(method, path, kind, body)
	if code != status {
		a.t.Fatalf("%s %s: status %d, want %d: %s", method, path, code, status, data)
	}
	if err := json.Unmarshal(data, &v); err != nil && status != http.StatusNoContent {
		a.t.Fatalf("%s %s: %v: %s", method, path, err, data)
	}
	return v
}

type accepted struct {
	Run     store.Run
	Refused []struct{ Name, Reason string }
}

func (a *app) upload(fields map[string]string, files []file) accepted {
	a.t.Helper()
	kind, body := form(a.t, fields, files)
	return read[accepted](a, http.StatusAccepted, "POST", "/api/runs", kind, body)
}

// patience is for machines that are busy with other things.
const patience = 5 * time.Minute

// wait waits until a run has a status.
func (a *app) wait(id string, status store.Status) store.Run {
	a.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		r := get[store.Run](a, http.StatusOK, "GET", "/api/runs/"+id, nil)
		if r.Status == status {
			return r
		}
		if r.Status.Over() || time.Now().After(end) {
			a.t.Fatalf("run %s is %s (%s), want %s", id, r.Status, r.Error, status)
		}
	}
}

type scores struct {
	Run    store.Run
	Images []struct {
		Name, Answer, Thumbnail, Image, Map string
		Overlay, Family, Verdict            *string
		Score                               float64
		Rank                                int
	}
	Families  []struct{ ID, Status string }
	Pending   bool
	Failed    string
	Agreement struct {
		Good, Bad int
		AUROC, AP *float64
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	a := start(t, serve.Config{Engine: &fakeEngine{}})
	files := append(pictures(t, 8), file{"notes.txt", []byte("hello")}, file{"broken.png", []byte("no image")})
	sub := a.upload(map[string]string{"name": "Monday", "note": "first shift", "options": `{"seed": 7}`}, files)
	if len(sub.Refused) != 2 || sub.Run.Status != store.Queued || sub.Run.Images != 8 {
		t.Errorf("accepted %+v", sub)
	}
	run := a.wait(sub.Run.ID, store.Done)
	if run.Name != "Monday" || run.Note != "first shift" || string(run.Options) != `{"seed":7}` || run.Images != 8 || run.Families != 1 || run.Started == nil || run.Ended == nil {
		t.Errorf("run %+v", run)
	}
	sc := get[scores](a, http.StatusOK, "GET", "/api/runs/"+run.ID+"/scores", nil)
	if len(sc.Images) != 8 || sc.Images[0].Name != "part/007.png" || sc.Images[0].Rank != 1 || sc.Images[7].Name != "part/000.png" || sc.Images[0].Family == nil {
		t.Errorf("scores %+v", sc)
	}
	for _, address := range []string{sc.Images[0].Thumbnail, sc.Images[0].Image, sc.Images[0].Map, *sc.Images[0].Overlay, "/files/runs/" + run.ID + "/report.html", "/files/runs/" + run.ID + "/scores.csv", "/api/runs/" + run.ID + "/results"} {
		if code, data := a.do("GET", address, "", nil); code != http.StatusOK || len(data) == 0 {
			t.Errorf("%s: status %d, %d bytes", address, code, len(data))
		}
	}
	_, original := a.do("GET", sc.Images[7].Image, "", nil)
	if !bytes.Equal(original, files[0].content) {
		t.Error("an image is not what was uploaded")
	}
}

func TestScoresAtOnce(t *testing.T) {
	t.Parallel()
	a := start(t, serve.Config{Engine: &fakeEngine{}})
	kind, body := form(t, nil, []file{{"batch.zip", archive(t, pictures(t, 5))}})
	sc := read[scores](a, http.StatusOK, "POST", "/api/scores", kind, body)
	if sc.Run.Status != store.Done || len(sc.Images) != 5 || sc.Images[0].Rank != 1 {
		t.Errorf("%+v", sc)
	}
}

// TestPanickingRun: a run that panics has failed, and the server goes on.
func TestPanickingRun(t *testing.T) {
	e := &fakeEngine{panics: true}
	a := start(t, serve.Config{Engine: e})
	for range 2 {
		if run := a.wait(a.upload(nil, pictures(t, 3)).Run.ID, store.Failed); run.Error == "" || strings.Contains(run.Error, "goroutine") {
			t.Errorf("error %q", run.Error)
		}
	}
	if code, _ := a.do("GET", "/healthz", "", nil); code != http.StatusOK {
		t.Errorf("status %d after it", code)
	}
}

func TestFailedRun(t *testing.T) {
	t.Parallel()
	a := start(t, serve.Config{Engine: &fakeEngine{fail: errors.New("the network is of no use")}})
	run := a.wait(a.upload(nil, pictures(t, 3)).Run.ID, store.Failed)
	if run.Error != "the network is of no use" {
		t.Errorf("error %q", run.Error)
	}
	if code, _ := a.do("GET", "/api/runs/"+run.ID+"/scores", "", nil); code != http.StatusConflict {
		t.Errorf("scores of a failed run: status %d", code)
	}
}

// TestQueue: two runs at once wait for each other; one that waits and one under
// way can be cancelled, and be run again with other options.
func TestQueue(t *testing.T) {
	t.Parallel()
	engine := &fakeEngine{gate: make(chan struct{})}
	a := start(t, serve.Config{Engine: engine})
	first, second, third := a.upload(nil, pictures(t, 3)).Run, a.upload(nil, pictures(t, 4)).Run, a.upload(nil, pictures(t, 5)).Run
	a.wait(first.ID, store.Running)
	if r := a.wait(second.ID, store.Queued); r.Started != nil {
		t.Error("two runs at once")
	}
	get[store.Run](a, http.StatusAccepted, "POST", "/api/runs/"+second.ID+"/cancel", struct{}{})
	a.wait(second.ID, store.Cancelled)
	if code, _ := a.do("DELETE", "/api/runs/"+first.ID, "", nil); code != http.StatusConflict {
		t.Errorf("removed a run under way: status %d", code)
	}
	engine.gate <- struct{}{}
	get[store.Run](a, http.StatusAccepted, "POST", "/api/runs/"+first.ID+"/cancel", struct{}{})
	a.wait(first.ID, store.Cancelled)
	again := get[accepted](a, http.StatusAccepted, "POST", "/api/runs/"+first.ID+"/again", map[string]any{"options": map[string]any{"method": "musc"}}).Run
	close(engine.gate)
	a.wait(third.ID, store.Done)
	again = a.wait(again.ID, store.Done)
	if again.Parent != first.ID || again.Input != first.Input || string(again.Options) != `{"method":"musc"}` {
		t.Errorf("again: %+v", again)
	}
	if engine.calls != 3 {
		t.Errorf("%d calls of the engine, want 3", engine.calls)
	}
	a.do("DELETE", "/api/runs/"+first.ID, "", nil)
	if code, _ := a.do("GET", "/files/inputs/"+first.Input+"/part/000.png", "", nil); code != http.StatusOK {
		t.Errorf("the images went with one of two runs: status %d", code)
	}
	a.do("DELETE", "/api/runs/"+again.ID, "", nil)
	if code, _ := a.do("GET", "/files/inputs/"+first.Input+"/part/000.png", "", nil); code != http.StatusNotFound {
		t.Errorf("the images are still there: status %d", code)
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	a := start(t, serve.Config{Engine: &fakeEngine{}})
	run := a.wait(a.upload(nil, pictures(t, 5)).Run.ID, store.Done)
	again := get[accepted](a, http.StatusAccepted, "POST", "/api/runs/"+run.ID+"/again", map[string]any{"options": map[string]any{"method": "musc"}}).Run
	a.wait(again.ID, store.Done)
	c := get[struct {
		Images []struct {
			Name  string
			Ranks int
		}
		OnlyA, OnlyB []string
		Correlation  *float64
		Families     []struct{ A, B *string }
	}](a, http.StatusOK, "GET", "/api/compare?a="+run.ID+"&b="+again.ID, nil)
	if len(c.Images) != 5 || c.Images[0].Ranks != -4 || c.Images[1].Ranks != 4 || c.Correlation == nil || *c.Correlation > -0.999 || len(c.Families) != 1 {
		t.Errorf("%+v", c)
	}
	if code, _ := a.do("GET", "/api/compare?a="+run.ID+"&b=none", "", nil); code != http.StatusNotFound {
		t.Errorf("with no run: status %d", code)
	}
}

func TestHistory(t *testing.T) {
	t.Parallel()
	a := start(t, serve.Config{Engine: &fakeEngine{}})
	var ids []string
	for range 3 {
		ids = append(ids, a.wait(a.upload(nil, pictures(t, 2)).Run.ID, store.Done).ID)
	}
	get[store.Run](a, http.StatusOK, "PATCH", "/api/runs/"+ids[0], map[string]string{"name": "new name"})
	type page struct{ Runs []store.Run }
	p := get[page](a, http.StatusOK, "GET", "/api/runs?limit=2", nil)
	if len(p.Runs) != 2 || p.Runs[0].ID != ids[2] {
		t.Errorf("first page %+v", p)
	}
	p = get[page](a, http.StatusOK, "GET", "/api/runs?limit=2&before="+p.Runs[1].ID, nil)
	if len(p.Runs) != 1 || p.Runs[0].ID != ids[0] || p.Runs[0].Name != "new name" {
		t.Errorf("second page %+v", p)
	}
	for _, limit := range []string{"0", "501", "x"} {
		if code, _ := a.do("GET", "/api/runs?limit="+limit, "", nil); code != http.StatusBadRequest {
			t.Errorf("limit %s: status %d", limit, code)
		}
	}
	if code, body := a.do("GET", "/metrics", "", nil); code != http.StatusOK || !strings.Contains(string(body), `codegraph_runs_total{status="done"} 3`) || !strings.Contains(string(body), "codegraph_images_scored_total 6") {
		t.Errorf("metrics: status %d\n%s", code, body)
	}
	get[any](a, http.StatusOK, "GET", "/healthz", nil)
	get[any](a, http.StatusOK, "GET", "/api/server", nil)
}

var documented = serve.Documented
