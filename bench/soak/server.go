package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"codegraph/internal/serve"
	"codegraph/internal/serve/store"
)

// server is a child process of the real program, ended and started again and again.
type server struct {
	program string
	args    []string
	env     []string
	log     io.Writer

	process *exec.Cmd
	url     atomic.Pointer[string] // nil while it is down
	starts  atomic.Int64
	harmed  atomic.Int64 // the start after which the history was harmed last
}

func (s *server) command(ctx context.Context) *exec.Cmd {
	cmd := exec.CommandContext(ctx, s.program, s.args...)
	cmd.Env, cmd.Stderr = append(os.Environ(), s.env...), s.log
	return cmd
}

// start starts it and waits for its address. It outlives ctx.
func (s *server) start(ctx context.Context) error {
	s.process = s.command(context.WithoutCancel(ctx))
	out, err := s.process.StdoutPipe()
	if err != nil {
		return err
	}
	if err := s.process.Start(); err != nil {
		return err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return fmt.Errorf("the server does not start: %w", s.process.Wait())
	}
	url := strings.TrimSuffix(strings.TrimSpace(line), "/")
	s.starts.Add(1)
	s.url.Store(&url)
	return nil
}

// end sends it a signal and waits until it is gone; one that does not heed the signal
// within a minute is killed, which is an error.
func (s *server) end(signal syscall.Signal) error {
	s.url.Store(nil)
	if err := s.process.Process.Signal(signal); err != nil {
		return fmt.Errorf("the server had ended before: %w", err)
	}
	late := time.AfterFunc(time.Minute, func() { s.process.Process.Kill() })
	err := s.process.Wait()
	if !late.Stop() {
		return fmt.Errorf("the server did not end within a minute of %v", signal)
	}
	if signal == syscall.SIGKILL {
		return nil
	}
	return err
}

// refuses starts a second server on the same folder, which must end by itself.
func (s *server) refuses(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	cmd := s.command(ctx)
	cmd.Stderr = nil
	if out, err := cmd.CombinedOutput(); err == nil || ctx.Err() != nil || !strings.Contains(string(out), "another server uses it") {
		return fmt.Errorf("a second server on the folder says %q", out)
	}
	return nil
}

const secret = "of the soak"

// hook is a receiver of deliveries, out of order at one of thirty.
type hook struct {
	*promises
	count atomic.Int64
	told  sync.Map // run and status
}

// listen starts the receiver and returns its address.
func (h *hook) listen() (url string, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	go http.Serve(l, h)
	return "http://" + l.Addr().String(), nil
}

func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the server was killed
	}
	got, want := r.Header.Get(serve.SignatureHeader), serve.Signature(secret, r.Header.Get(serve.TimestampHeader), body)
	h.check(signed, got == want, "signature %s, want %s", got, want)
	if rand.IntN(30) == 0 {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	var d struct {
		Event string
		Run   store.Run
	}
	err = json.Unmarshal(body, &d)
	h.check(signed, err == nil, "a delivery that is not JSON: %v", err)
	h.count.Add(1)
	h.told.Store(d.Run.ID+" "+d.Event, true)
}

// knows reports whether it was told of the end of a run.
func (h *hook) knows(r *run) bool {
	_, ok := h.told.Load(r.id + " run." + string(r.status))
	return ok
}
