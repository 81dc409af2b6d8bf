package serve_test

import (
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"codegraph/internal/serve"
	"codegraph/internal/serve/intake"
	"codegraph/internal/serve/store"
)

func host(name string) func(*http.Request) { return func(r *http.Request) { r.Host = name } }
func header(key, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(key, value) }
}

func TestHosts(t *testing.T) {
	t.Parallel()
	a := start(t, serve.Config{Engine: &fakeEngine{}, Hosts: []string{"line4.example"}})
	for name, status := range map[string]int{
		"127.0.0.1": 200, "localhost:8080": 200, "LOCALHOST": 200, "[::1]:80": 200, "192.168.1.7:8080": 200, "line4.example": 200, "Line4.Example.:8080": 200,
		"evil.example": 421, "evil.example:8080": 421, "localhost.evil.example": 421, "127.0.0.1.evil.example": 421, "notline4.example": 421,
	} {
		if code, _ := a.do("GET", "/healthz", "", nil, host(name)); code != status {
			t.Errorf("host %s: status %d, want %d", name, code, status)
		}
	}
}

func TestCrossOrigin(t *testing.T) {
	t.Parallel()
	a := start(t, serve.Config{Engine: &fakeEngine{}})
	kind, body := form(t, nil, pictures(t, 2))
	for _, tt := range []struct {
		method, path, key, value string
		status                   int
	}{
		{"POST", "/api/runs", "Sec-Fetch-Site", "cross-site", 403},
		{"POST", "/api/runs", "Sec-Fetch-Site", "same-site", 403},
		{"POST", "/api/runs", "Origin", "http://evil.example", 403},
		{"POST", "/api/runs", "Origin", "null", 403},
		{"POST", "/api/runs", "Origin", a.url, 202},
		{"POST", "/api/runs", "Sec-Fetch-Site", "same-origin", 202},
		{"POST", "/login", "Origin", "http://evil.example", 403},
		{"GET", "/api/runs", "Sec-Fetch-Site", "cross-site", 200}, // its answer stays unreadable
	} {
		if code, _ := a.do(tt.method, tt.path, kind, body, header(tt.key, tt.value)); code != tt.status {
			t.Errorf("%s %s with %s %s: status %d, want %d", tt.method, tt.path, tt.key, tt.value, code, tt.status)
		}
	}
}

func TestToken(t *testing.T) {
	t.Parallel()
	a := start(t, serve.Config{Engine: &fakeEngine{}, Token: "open sesame"})
	for path, status := range map[string]int{
		"/": 303, "/login": 200, "/app.css": 200, "/healthz": 200,
		"/metrics": 401, "/api/runs": 401, "/api/events": 401, "/api/openapi.json": 401, "/files/runs/x/report.html": 401,
	} {
		if code, _ := a.do("GET", path, "", nil); code != status {
			t.Errorf("%s without a token: status %d, want %d", path, code, status)
		}
	}
	for value, status := range map[string]int{"Bearer open sesame": 200, "bearer open sesame": 200, "Bearer open": 401, "Basic open sesame": 401, "Bearer ": 401} {
		if code, _ := a.do("GET", "/api/runs", "", nil, header("Authorization", value)); code != status {
			t.Errorf("authorization %q: status %d, want %d", value, code, status)
		}
	}
	wrong := a.raw("POST", "/login", "application/x-www-form-urlencoded", []byte("token=guess"))
	wrong.Body.Close()
	if len(wrong.Cookies()) != 0 || wrong.Header.Get("Location") != "/login#wrong" {
		t.Errorf("signed in with a wrong token: %v", wrong.Header)
	}
	res := a.raw("POST", "/login", "application/x-www-form-urlencoded", []byte("token=open+sesame"))
	res.Body.Close()
	if len(res.Cookies()) != 1 {
		t.Fatalf("no cookie: %v", res.Header)
	}
	c := res.Cookies()[0]
	if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || strings.Contains(c.Value, "sesame") {
		t.Errorf("cookie %v", c)
	}
	if code, _ := a.do("GET", "/api/runs", "", nil, func(r *http.Request) { r.AddCookie(c) }); code != http.StatusOK {
		t.Errorf("with the cookie: status %d", code)
	}
	c.Value = strings.Repeat("0", len(c.Value))
	if code, _ := a.do("GET", "/api/runs", "", nil, func(r *http.Request) { r.AddCookie(c) }); code != http.StatusUnauthorized {
		t.Errorf("with a wrong cookie: status %d", code)
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	a := start(t, serve.Config{Engine: &fakeEngine{}})
	run := a.wait(a.upload(nil, pictures(t, 2)).Run.ID, store.Done)
	for path, policy := range map[string]string{
		"/": "script-src 'self'", "/login": "form-action 'self'", "/api/runs": "sandbox", "/files/runs/" + run.ID + "/report.html": "script-src 'sha256-",
		"/files/inputs/" + run.Input + "/part/000.png": "sandbox", "/nowhere": "sandbox",
	} {
		res := a.raw("GET", path, "", nil)
		res.Body.Close()
		got := res.Header.Get("Content-Security-Policy")
		if !strings.Contains(got, policy) || !strings.Contains(got, "default-src 'none'") || !strings.Contains(got, "frame-ancestors") {
			t.Errorf("%s: policy %q, want %s in it", path, got, policy)
		}
		if path == "/" && strings.Contains(got, "unsafe") {
			t.Errorf("%s: policy %q", path, got)
		}
		if res.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: may be sniffed", path)
		}
	}
}

// TestTraversal: nothing outside of a run's folders is sent, and no folder.
func TestTraversal(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	a := start(t, serve.Config{Engine: &fakeEngine{}, Data: data})
	run := a.wait(a.upload(nil, pictures(t, 2)).Run.ID, store.Done)
	if runtime.GOOS != "windows" {
		if err := os.WriteFile(filepath.Join(data, "secret.png"), picture(t, 9), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(filepath.Join(data, "secret.png"), filepath.Join(data, "inputs", run.Input, "link.png")); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{
		"/files/runs/" + run.ID + "/..%2f..%2fhistory.db", "/files/runs/" + run.ID + "/%2e%2e/%2e%2e/secret.png", "/files/runs/..%2f/history.db", "/files/runs/..%2f..%2f/secret.png",
		"/files/inputs/" + run.Input + "/link.png", "/files/inputs/" + run.Input + "/part", "/files/inputs/" + run.Input + "/part/", "/files/inputs/" + run.Input + "/",
		"/files/runs/" + run.ID + "/maps", "/files/runs/" + run.ID + "/maps/", "/api/thumbnails/" + run.Input + "/..%2f..%2fsecret.png", "/files/inputs/" + run.Input + "/part/000.png/",
		"/files/runs/" + run.ID + `/..%5c..%5csecret.png`, "/files/runs//etc/passwd",
	} {
		res := a.raw("GET", path, "", nil)
		res.Body.Close()
		if res.StatusCode == http.StatusOK {
			t.Errorf("%s: status %d", path, res.StatusCode)
		}
	}
}

func TestFolders(t *testing.T) {
	t.Parallel()
	above := t.TempDir()
	root, outside := filepath.Join(above, "root"), filepath.Join(above, "outside")
	for _, dir := range []string{filepath.Join(root, "batch"), outside} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		for _, f := range pictures(t, 3) {
			if err := os.WriteFile(filepath.Join(dir, filepath.Base(f.name)), f.content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	link := filepath.Join(root, "link")
	if err := os.Symlink(outside, link); err != nil {
		t.Skipf("no links here: %v", err)
	}
	a := start(t, serve.Config{Engine: &fakeEngine{}, Roots: []string{root}})
	for dir, status := range map[string]int{
		root: 202, filepath.Join(root, "batch"): 202,
		outside: 400, link: 400, filepath.Join(root, "..", "outside"): 400, filepath.Join(root, "none"): 400, "": 400, "/": 400,
	} {
		get[any](a, status, "POST", "/api/runs", map[string]string{"folder": dir})
	}
	none := start(t, serve.Config{Engine: &fakeEngine{}})
	get[any](none, 400, "POST", "/api/runs", map[string]string{"folder": root})
}

func TestUploadsRefused(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	a := start(t, serve.Config{Engine: &fakeEngine{}, Data: data, Limits: intake.Limits{Files: 5, FileBytes: 1 << 20, TotalBytes: 1 << 20, Pixels: 10000}})
	long := func(n int) []file {
		return []file{{"a.png", append(picture(t, 1), make([]byte, n)...)}, {"b.png", append(picture(t, 2), make([]byte, n)...)}}
	}
	for _, tt := range []struct {
		name   string
		fields map[string]string
		files  []file
		status int
	}{
		{"no image", nil, nil, 422},
		{"one image", nil, pictures(t, 1), 422},
		{"too many", nil, pictures(t, 6), 413},
		{"too long together", nil, long(600 << 10), 413},
		{"a bomb", nil, []file{{"a.zip", archive(t, []file{{"a.png", make([]byte, 4<<20)}})}}, 413},
		{"no archive", nil, []file{{"a.zip", []byte("PK nothing")}}, 422},
		{"an unknown field", map[string]string{"color": "red"}, pictures(t, 2), 400},
		{"an unknown option", map[string]string{"options": `{"speed": 9}`}, pictures(t, 2), 400},
		{"an unknown network", map[string]string{"options": `{"backbone": "/etc/passwd"}`}, pictures(t, 2), 400},
		{"an option out of bounds", map[string]string{"options": `{"size": 100000}`}, pictures(t, 2), 400},
		{"a wrong constant", map[string]string{"options": `{"constants": {"omega": -1}}`}, pictures(t, 2), 400},
		{"an unknown snapshot", map[string]string{"options": `{"snapshot": "../x"}`}, pictures(t, 2), 400},
		{"a rate of one", map[string]string{"options": `{"fdr": 1}`}, pictures(t, 2), 400},
		{"an unknown precision", map[string]string{"options": `{"precision": "half"}`}, pictures(t, 2), 400},
		{"a negative area", map[string]string{"options": `{"min_area": -1}`}, pictures(t, 2), 400},
		{"a snapshot and other options", map[string]string{"options": `{"snapshot": "line4", "seed": 3}`}, pictures(t, 2), 400},
		{"a snapshot and no image", map[string]string{"options": `{"snapshot": "line4"}`}, nil, 422},
		{"a snapshot and one image", map[string]string{"options": `{"snapshot": "line4"}`}, pictures(t, 1), 202},
		{"a long field", map[string]string{"name": strings.Repeat("x", 70<<10)}, pictures(t, 2), 400},
		{"all is well", nil, pictures(t, 5), 202},
	} {
		t.Run(tt.name, func(t *testing.T) {
			kind, body := form(t, tt.fields, tt.files)
			if code, data := a.do("POST", "/api/runs", kind, body); code != tt.status {
				t.Errorf("status %d, want %d: %s", code, tt.status, data)
			}
		})
	}
	kind, body := form(t, nil, pictures(t, 3))
	if code, data := a.do("POST", "/api/runs", kind, body[:len(body)-40]); code != http.StatusBadRequest {
		t.Errorf("an upload that ends too early: status %d: %s", code, data)
	}
	if code, _ := a.do("POST", "/api/runs", "text/plain", []byte("hello")); code != http.StatusUnsupportedMediaType {
		t.Errorf("plain text: status %d", code)
	}
	if left, err := filepath.Glob(filepath.Join(data, "staging", "*")); err != nil || len(left) > 0 {
		t.Errorf("left %q, %v", left, err)
	}
}

// FuzzUpload: no upload, whatever its names and bytes, is answered with an
// error of the server.
func FuzzUpload(f *testing.F) {
	f.Add("a.png", []byte("x"), "batch.zip", archive(f, pictures(f, 2)), `{"seed":1}`)
	f.Add("../../a.png", picture(f, 3), `..\b.png`, picture(f, 4), "")
	f.Add("a\".png\r\nX: y", picture(f, 3), "", picture(f, 4), "{")
	s, err := serve.New(f.Context(), serve.Config{Engine: &fakeEngine{}, Data: f.TempDir(), Limits: intake.Limits{Files: 8, FileBytes: 1 << 16, TotalBytes: 1 << 20, Pixels: 1 << 16}})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { s.Close() })
	handler := s.Handler()
	f.Fuzz(func(t *testing.T, name1 string, content1 []byte, name2 string, content2 []byte, options string) {
		kind, body := form(t, map[string]string{"options": options}, []file{{name1, content1}, {name2, content2}})
		code, run := respond(handler, "POST", "/api/runs", kind, body)
		if code >= 500 {
			t.Errorf("status %d", code)
		}
		if code == http.StatusAccepted { // so that the queue does not fill
			respond(handler, "POST", run+"/cancel", "", nil)
			respond(handler, "DELETE", run, "", nil)
		}
	})
}
