package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// server is a child process of the real program, ended and started again and again.
type server struct {
	program string
	args    []string
	env     []string
	log     io.Writer

	mu      sync.Mutex // of starting and ending
	process *exec.Cmd
	url     atomic.Pointer[string] // nil while it is down
	starts  atomic.Int64
}

// start starts it and waits for its address. It outlives ctx.
func (s *server) start(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	cmd := exec.CommandContext(context.WithoutCancel(ctx), s.program, s.args...)
	cmd.Env = append(os.Environ(), s.env...)
	cmd.Stderr = s.log
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return errors.Join(fmt.Errorf("the server does not start: %w", err), cmd.Wait())
	}
	url := strings.TrimSuffix(strings.TrimSpace(line), "/")
	s.process = cmd
	s.url.Store(&url)
	s.starts.Add(1)
	return nil
}

// end sends it a signal and waits until it is gone; one that does not heed the signal
// within a minute is an error, and killed.
func (s *server) end(signal syscall.Signal) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.url.Store(nil)
	if err := s.process.Process.Signal(signal); err != nil {
		return fmt.Errorf("the server had ended before: %w", errors.Join(err, s.process.Wait()))
	}
	gone := make(chan error, 1)
	go func() { gone <- s.process.Wait() }()
	select {
	case err := <-gone:
		if signal == syscall.SIGTERM {
			return err
		}
		return nil
	case <-time.After(time.Minute):
		s.process.Process.Kill()
		<-gone
		return fmt.Errorf("the server did not end within a minute of %v", signal)
	}
}

// refuses starts a second server on the same folder, which must end by itself.
func (s *server) refuses(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, s.program, s.args...)
	cmd.Env = append(os.Environ(), s.env...)
	out, err := cmd.CombinedOutput()
	switch {
	case err == nil || ctx.Err() != nil:
		return errors.New("a second server starts on the folder")
	case !strings.Contains(string(out), "another server uses it"):
		return fmt.Errorf("a second server says %q", out)
	}
	return nil
}
