package serve_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"codegraph/internal/serve"
)

// TestStalledClients: connections that say half of a request hold up nobody, and the
// server ends them.
func TestStalledClients(t *testing.T) {
	if testing.Short() {
		t.Skip("waits until the server is tired of waiting")
	}
	t.Parallel()
	a := start(t, serve.Config{Engine: &fakeEngine{}})
	conns := make([]net.Conn, 50)
	for i := range conns {
		c, err := net.Dial("tcp", strings.TrimPrefix(a.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		conns[i] = c
		half := "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: " // never ends
		if i%2 == 1 {
			half = ""
		}
		if _, err := fmt.Fprint(c, half); err != nil {
			t.Fatal(err)
		}
	}
	res, err := http.Get(a.url + "/api/runs")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Errorf("beside them a request is answered %s", res.Status)
	}
	for i, c := range conns {
		c.SetReadDeadline(time.Now().Add(2 * time.Minute))
		if _, err := io.Copy(io.Discard, c); err != nil {
			t.Errorf("connection %d: %v, want its end", i, err)
		}
	}
}
