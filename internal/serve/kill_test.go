//go:build !windows

package serve_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"

	"codegraph/internal/serve"
	"codegraph/internal/serve/store"
)

func init() { serve.AsServer = asServer }

// asServer is a server in a process of its own. A run of three images never
// ends by itself.
func asServer() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	gate := make(chan struct{})
	go func() {
		for range 4 {
			gate <- struct{}{}
		}
	}()
	s, err := serve.New(ctx, serve.Config{Engine: &fakeEngine{gate: gate}, Data: os.Getenv("CODEGRAPH_TEST_SERVE")})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("http://" + l.Addr().String())
	if err := s.Serve(ctx, l); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	s.Close()
}

// child starts the server in a process of its own.
func child(t *testing.T, data string) (*app, *exec.Cmd) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), "CODEGRAPH_TEST_SERVE="+data)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		t.Fatal("the server printed nothing")
	}
	return &app{t: t, url: lines.Text()}, cmd
}

// TestKill: after a kill in the middle of a run the finished runs are all
// there, the run under way is marked, and those that waited go on.
func TestKill(t *testing.T) {
	t.Parallel()
	for _, sig := range []os.Signal{syscall.SIGKILL, syscall.SIGTERM} {
		t.Run(fmt.Sprint(sig), func(t *testing.T) {
			data := t.TempDir()
			a, cmd := child(t, data)
			done := []store.Run{a.wait(a.upload(nil, pictures(t, 2)).Run.ID, store.Done), a.wait(a.upload(nil, pictures(t, 2)).Run.ID, store.Done)}
			running, waiting := a.upload(nil, pictures(t, 3)).Run, a.upload(nil, pictures(t, 4)).Run
			a.wait(running.ID, store.Running)
			if err := cmd.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			cmd.Wait()

			b := start(t, serve.Config{Engine: &fakeEngine{}, Data: data})
			for _, r := range done {
				b.wait(r.ID, store.Done)
				sc := get[scores](b, http.StatusOK, "GET", "/api/runs/"+r.ID+"/scores", nil)
				if len(sc.Images) != 2 {
					t.Errorf("run %s has %d images", r.ID, len(sc.Images))
				}
				if code, _ := b.do("GET", "/files/runs/"+r.ID+"/report.html", "", nil); code != http.StatusOK {
					t.Errorf("the report of run %s: status %d", r.ID, code)
				}
			}
			if r := b.wait(running.ID, store.Interrupted); r.Error == "" {
				t.Error("no reason is given")
			}
			b.wait(waiting.ID, store.Done)
			again := get[accepted](b, http.StatusAccepted, "POST", "/api/runs/"+running.ID+"/again", struct{}{}).Run
			b.wait(again.ID, store.Done)
		})
	}
}
