package hub

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	commit = "0123456789abcdef0123456789abcdef01234567"
	repo   = "owner/net"
	token  = "hf_test"
)

// server speaks the protocol for one repository: large files by a redirect to
// another host, small ones itself.
type server struct {
	hub, store *httptest.Server
	files      map[string]string
	private    bool
	gated      bool
	cut        int            // bytes after which the store ends each connection; 0: none
	ranges     bool           // the store knows Range
	wrong      bool           // the store gives other bytes
	busy       map[string]int // how often a file's HEAD is answered with 503

	mu  sync.Mutex
	log []string
}

func newServer(t *testing.T) *server {
	s := &server{ranges: true, busy: make(map[string]int), files: map[string]string{
		"config.json":       `{"model_type":"dinov2"}`,
		"model.safetensors": strings.Repeat("weights ", 5000),
	}}
	s.hub = httptest.NewServer(http.HandlerFunc(s.serveHub))
	s.store = httptest.NewServer(http.HandlerFunc(s.serveStore))
	t.Cleanup(s.hub.Close)
	t.Cleanup(s.store.Close)
	return s
}

func (s *server) note(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = append(s.log, fmt.Sprintf(format, args...))
}

func (s *server) serveHub(w http.ResponseWriter, r *http.Request) {
	s.note("hub %s %s", r.Method, r.URL.Path)
	if renamed, ok := strings.CutPrefix(r.URL.Path, "/owner/old/"); ok {
		http.Redirect(w, r, "/"+repo+"/"+renamed, http.StatusTemporaryRedirect)
		return
	}
	switch authorised := r.Header.Get("Authorization") == "Bearer "+token; {
	case s.gated:
		w.Header().Set("X-Error-Code", "GatedRepo")
		w.WriteHeader(http.StatusForbidden)
		return
	case s.private && !authorised || !strings.HasPrefix(r.URL.Path, "/"+repo+"/"):
		w.Header().Set("X-Error-Code", "RepoNotFound")
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	revision, file, ok := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"+repo+"/resolve/"), "/")
	if !ok || revision != "main" && revision != commit {
		w.Header().Set("X-Error-Code", "RevisionNotFound")
		w.WriteHeader(http.StatusNotFound)
		return
	}
	s.mu.Lock()
	busy := s.busy[file]
	s.busy[file]--
	s.mu.Unlock()
	if busy > 0 {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	data, ok := s.files[file]
	if !ok {
		w.Header().Set("X-Error-Code", "EntryNotFound")
		w.WriteHeader(http.StatusNotFound)
		return
	}
	w.Header().Set("X-Repo-Commit", commit)
	if len(data) < 1000 {
		sum := sha1.Sum([]byte(fmt.Sprintf("blob %d\x00%s", len(data), data)))
		w.Header().Set("ETag", `"`+hex.EncodeToString(sum[:])+`"`)
		w.Header().Set("Content-Length", fmt.Sprint(len(data)))
		if r.Method == http.MethodGet {
			w.Write([]byte(data))
		}
		return
	}
	sum := sha256.Sum256([]byte(data))
	w.Header().Set("X-Linked-Etag", `"`+hex.EncodeToString(sum[:])+`"`)
	w.Header().Set("X-Linked-Size", fmt.Sprint(len(data)))
	http.Redirect(w, r, strings.Replace(s.store.URL, "127.0.0.1", "localhost", 1)+"/"+file, http.StatusFound)
}

func (s *server) serveStore(w http.ResponseWriter, r *http.Request) {
	s.note("store %s %s %s%s", r.Method, r.URL.Path, r.Header.Get("Range"), r.Header.Get("Authorization"))
	data, from := s.files[strings.TrimPrefix(r.URL.Path, "/")], 0
	if s.wrong {
		data = strings.ToUpper(data)
	}
	if s.ranges && r.Header.Get("Range") != "" {
		fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from)
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(data)-1, len(data)))
	}
	w.Header().Set("Content-Length", fmt.Sprint(len(data)-from))
	if from > 0 {
		w.WriteHeader(http.StatusPartialContent)
	}
	rest := data[from:]
	if s.cut > 0 && len(rest) > s.cut {
		w.Write([]byte(rest[:s.cut]))
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
	w.Write([]byte(rest))
}

func (s *server) client(t *testing.T) *Client {
	return &Client{Endpoint: s.hub.URL, Cache: t.TempDir(), wait: time.Millisecond}
}

// count is how many requests of the log contain a text.
func (s *server) count(text string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, line := range s.log {
		if strings.Contains(line, text) {
			n++
		}
	}
	return n
}

// holds fails unless the folder has the files as the hub has them.
func (s *server) holds(t *testing.T, dir string) {
	t.Helper()
	for name, want := range s.files {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != want {
			t.Errorf("%s: %d bytes, %v; want %d", name, len(got), err, len(want))
		}
	}
}

func TestPull(t *testing.T) {
	for name, change := range map[string]func(s *server, c *Client){
		"plainly":              func(*server, *Client) {},
		"with cut connections": func(s *server, _ *Client) { s.cut = 9000 },
		"without Range":        func(s *server, _ *Client) { s.ranges = false },
		"from a busy hub":      func(s *server, _ *Client) { s.busy["model.safetensors"] = 3 },
		"with a token":         func(s *server, c *Client) { s.private, c.Token = true, token },
		"in shards":            func(s *server, _ *Client) { s.shard() },
		"as PyTorch's, no more": func(s *server, _ *Client) {
			s.files = map[string]string{"pytorch_model.bin": strings.Repeat("w", 4000)}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			c := s.client(t)
			change(s, c)
			dir, err := c.Pull(context.Background(), repo)
			if err != nil {
				t.Fatal(err)
			}
			s.holds(t, dir)
			if s.count("Bearer") > 0 {
				t.Errorf("the token went to another host: %v", s.log)
			}
			if cached, err := c.Cached(repo); err != nil || cached != dir {
				t.Errorf("cached in %q, %v; want %q", cached, err, dir)
			}
			before := s.count("store")
			if again, err := c.Pull(context.Background(), repo); err != nil || again != dir || s.count("store") != before {
				t.Errorf("again: %q, %v, %d more downloads", again, err, s.count("store")-before)
			}
			if want := filepath.Join(c.Cache, "models--owner--net", "snapshots", commit); dir != want {
				t.Errorf("in %s, want %s", dir, want)
			}
		})
	}
}

// shard replaces the network by two shards and an index.
func (s *server) shard() {
	delete(s.files, "model.safetensors")
	s.files["model-1.safetensors"], s.files["model-2.safetensors"] = strings.Repeat("a", 2000), strings.Repeat("b", 3000)
	s.files["model.safetensors.index.json"] = `{"weight_map":{"x":"model-1.safetensors","y":"model-2.safetensors","z":"model-1.safetensors"}}`
}

func TestRenamed(t *testing.T) {
	s := newServer(t)
	dir, err := s.client(t).Pull(context.Background(), "owner/old@main")
	if err != nil {
		t.Fatal(err)
	}
	s.holds(t, dir)
}

// TestResume: what came before an interruption is not fetched again.
func TestResume(t *testing.T) {
	s := newServer(t)
	c := s.client(t)
	s.cut = 9000
	ctx, cancel := context.WithCancel(context.Background())
	c.Progress = func(_ string, done, _ int64) {
		if done > 8000 {
			cancel()
		}
	}
	if _, err := c.Pull(ctx, repo); !errors.Is(err, context.Canceled) {
		t.Fatalf("interrupted: %v", err)
	}
	if _, err := c.Cached(repo); !errors.Is(err, ErrAbsent) {
		t.Errorf("half a network counts as cached: %v", err)
	}
	s.cut = 0
	var first, last int64
	c.Progress = func(_ string, done, total int64) {
		if first == 0 {
			first = done
		}
		if last = done; total != 40000 {
			t.Errorf("a total of %d", total)
		}
	}
	dir, err := c.Pull(context.Background(), repo)
	if err != nil {
		t.Fatal(err)
	}
	s.holds(t, dir)
	if first < 8000 || last != 40000 || s.count("bytes=") == 0 {
		t.Errorf("went on at %d, ended at %d: %v", first, last, s.log)
	}
}

func TestPullErrors(t *testing.T) {
	for _, tc := range []struct {
		name, repo, want string
		change           func(s *server, c *Client)
	}{
		{"unknown", "owner/nothing", "knows no such network", nil},
		{"private", repo, "put a token into HF_TOKEN", func(s *server, _ *Client) { s.private = true }},
		{"private, wrong token", repo, "HF_TOKEN has no access", func(s *server, c *Client) { s.private, c.Token = true, "other" }},
		{"gated", repo, "accept its terms", func(s *server, _ *Client) { s.gated = true }},
		{"revision", repo + "@v9", "no revision v9", nil},
		{"no weights", repo, "none of the files", func(s *server, _ *Client) { delete(s.files, "model.safetensors") }},
		{"wrong bytes", repo, "not what the hub says", func(s *server, _ *Client) { s.wrong = true }},
		{"busy for good", repo, "503", func(s *server, _ *Client) { s.busy["model.safetensors"] = 99 }},
		{"cut, without Range", repo, "connection ended after 9000", func(s *server, _ *Client) { s.cut, s.ranges = 9000, false }},
		{"shard elsewhere", repo, "must lie beside", func(s *server, _ *Client) {
			s.shard()
			s.files["model.safetensors.index.json"] = `{"weight_map":{"x":"../../x.safetensors"}}`
		}},
		{"lost shard", repo, "no such file", func(s *server, _ *Client) { s.shard(); delete(s.files, "model-2.safetensors") }},
		{"offline", repo, "HF_HUB_OFFLINE", func(_ *server, c *Client) { c.Offline = true }},
		{"no server", repo, "cannot be reached", func(s *server, _ *Client) { s.hub.Close() }},
		{"not a name", "net", "OWNER/NAME", nil},
	} {
		s := newServer(t)
		c := s.client(t)
		if tc.change != nil {
			tc.change(s, c)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		_, err := c.Pull(ctx, tc.repo)
		cancel()
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", tc.name, err, tc.want)
		}
		if _, err := c.Cached(tc.repo); err == nil {
			t.Errorf("%s: it counts as cached", tc.name)
		}
		if tc.name == "offline" && len(s.log) > 0 {
			t.Errorf("offline, and yet %v", s.log)
		}
	}
}

// TestNoHub: a server that is something else is called that.
func TestNoHub(t *testing.T) {
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("<html>")) }))
	defer web.Close()
	c := &Client{Endpoint: web.URL, Cache: t.TempDir(), wait: time.Millisecond}
	if _, err := c.Pull(context.Background(), repo); err == nil || !strings.Contains(err.Error(), "is 127.0.0.1") {
		t.Errorf("%v", err)
	}
}

func TestValid(t *testing.T) {
	for s, want := range map[string]bool{
		"facebook/dinov2-large": true, "facebook/dinov2-large@main": true, "openai/clip-vit-large-patch14-336": true, "timm/vit_base_patch14_dinov2.lvd142m": true,
		"": false, "net": false, "a/b/c": false, "../x": false, "./x": false, "/x": false, "a/..": false, "a/b@../c": false, "a/b@": false, "a\\b": false, "a/b--c": false,
	} {
		if Valid(s) != want {
			t.Errorf("%q: %v", s, !want)
		}
	}
}

func TestFromEnvironment(t *testing.T) {
	for _, name := range []string{"HF_ENDPOINT", "HF_TOKEN", "HF_HOME", "HF_HUB_CACHE", "HF_HUB_OFFLINE", "XDG_CACHE_HOME"} {
		t.Setenv(name, "")
	}
	t.Setenv("HOME", "/home/somebody")
	c, err := FromEnvironment()
	if err != nil || c.Endpoint != Endpoint || c.Offline || c.Token != "" {
		t.Errorf("%+v, %v", c, err)
	}
	for _, tc := range []struct{ name, value, cache string }{
		{"XDG_CACHE_HOME", "/x", filepath.Join("/x", "huggingface", "hub")},
		{"HF_HOME", "/h", filepath.Join("/h", "hub")},
		{"HF_HUB_CACHE", "/c", "/c"},
	} {
		t.Setenv(tc.name, tc.value)
		if c, err := FromEnvironment(); err != nil || c.Cache != tc.cache {
			t.Errorf("%s: %+v, %v", tc.name, c, err)
		}
	}
	t.Setenv("HF_TOKEN", token)
	t.Setenv("HF_HUB_OFFLINE", "1")
	t.Setenv("HF_ENDPOINT", "https://mirror.example/")
	if c, err := FromEnvironment(); err != nil || c.Token != token || !c.Offline || c.Endpoint != "https://mirror.example" {
		t.Errorf("%+v, %v", c, err)
	}
	t.Setenv("HF_ENDPOINT", "mirror")
	if _, err := FromEnvironment(); err == nil {
		t.Error("an endpoint that is not an address was accepted")
	}
}
