package serve_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"codegraph/internal/serve"
	"codegraph/internal/serve/store"
)

// TestWebhook: the results of each run arrive in order, signed, and once the
// receiver is back; what it refuses is not sent again.
func TestWebhook(t *testing.T) {
	t.Parallel()
	type got struct {
		Event  string
		Run    store.Run
		Images []struct{ Name string }
	}
	var mu sync.Mutex
	var arrived []got
	tries := 0
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		tries++
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		if want := serve.Signature("s3cret", r.Header.Get(serve.TimestampHeader), body); r.Header.Get(serve.SignatureHeader) != want {
			t.Errorf("signature %q, want %q", r.Header.Get(serve.SignatureHeader), want)
		}
		var g got
		if err := json.Unmarshal(body, &g); err != nil || g.Event != r.Header.Get("Codegraph-Event") {
			t.Errorf("%s, %v", body, err)
		}
		switch {
		case tries <= 3:
			w.WriteHeader(http.StatusBadGateway)
		case g.Run.Name == "refused":
			w.WriteHeader(http.StatusGone)
		default:
			arrived = append(arrived, g)
		}
	}))
	defer receiver.Close()
	engine := &fakeEngine{}
	a := start(t, serve.Config{Engine: engine, Webhook: &serve.Webhook{URL: receiver.URL, Secret: "s3cret", Wait: time.Millisecond}})
	for _, name := range []string{"one", "refused", "two"} {
		a.wait(a.upload(map[string]string{"name": name}, pictures(t, 3)).Run.ID, store.Done)
	}
	engine.fail = io.ErrUnexpectedEOF
	a.wait(a.upload(map[string]string{"name": "three"}, pictures(t, 3)).Run.ID, store.Failed)
	for end := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		mu.Lock()
		n := len(arrived)
		mu.Unlock()
		if n == 3 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%d deliveries arrived", n)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	for i, want := range []string{"one run.done", "two run.done", "three run.failed"} {
		if g := arrived[i]; g.Run.Name+" "+g.Event != want || len(g.Images) != map[bool]int{true: 3, false: 0}[i < 2] {
			t.Errorf("delivery %d is %s %s with %d images, want %s", i, g.Run.Name, g.Event, len(g.Images), want)
		}
	}
	if tries != 3+4 {
		t.Errorf("%d tries", tries)
	}
}

// TestWebhookRestart: what the receiver did not take before the server ended arrives
// after the next start, once and in order.
func TestWebhookRestart(t *testing.T) {
	t.Parallel()
	var up atomic.Bool
	tried, arrived := make(chan struct{}, 1000), make(chan string, 10)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !up.Load() {
			w.WriteHeader(http.StatusBadGateway)
			tried <- struct{}{}
			return
		}
		var g struct{ Run store.Run }
		if err := json.NewDecoder(r.Body).Decode(&g); err != nil {
			t.Error(err)
		}
		arrived <- g.Run.Name + " " + r.Header.Get("Codegraph-Event")
	}))
	defer receiver.Close()
	cfg := serve.Config{Engine: &fakeEngine{}, Data: filepath.Join(t.TempDir(), "data"), Webhook: &serve.Webhook{URL: receiver.URL, Secret: "s3cret", Wait: time.Hour}}
	a := start(t, cfg)
	for _, name := range []string{"one", "two"} {
		a.wait(a.upload(map[string]string{"name": name}, pictures(t, 3)).Run.ID, store.Done)
	}
	<-tried
	a.stop()
	up.Store(true)
	a = start(t, cfg)
	a.wait(a.upload(map[string]string{"name": "three"}, pictures(t, 3)).Run.ID, store.Done)
	for _, want := range []string{"one run.done", "two run.done", "three run.done"} {
		if got := <-arrived; got != want {
			t.Errorf("%s arrived, want %s", got, want)
		}
	}
	a.stop()
	if len(arrived) > 0 {
		t.Errorf("%s arrived again", <-arrived)
	}
}

func TestWebhookWrong(t *testing.T) {
	t.Parallel()
	for _, h := range []serve.Webhook{{URL: "mes.example", Secret: "x"}, {URL: "ftp://a/b", Secret: "x"}, {URL: "http://a/b"}} {
		if _, err := serve.New(t.Context(), serve.Config{Engine: &fakeEngine{}, Data: t.TempDir(), Webhook: &h}); err == nil {
			t.Errorf("%+v is a webhook", h)
		}
	}
}
