// Command soak runs the real server for ten minutes with eight clients who upload,
// wait, go away, cancel, remove, answer and ask for what is wrong, while it is killed,
// restarted, robbed of its history and its disk filled. It holds the server to each
// promise of docs/serve.md, listed in promise.go, and prints how often each was kept,
// with the numbers of requests, kills and faults survived and of files lost, which
// must be 0.
//
//	go run ./bench/soak
//	go run ./bench/soak -time 2m -clients 4 -seed 7
//
// The data lie on a small disk in memory (tmpfs), which takes the right to mount one.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"codegraph/internal/serve/store"
)

// watchLeast is how many new images of the watched folder are a batch.
const watchLeast = 3

// soak is what all clients share.
type soak struct {
	promises
	server *server
	hook   *hook
	http   *http.Client
	photos []photo

	disk, data, root, watch string // folders

	requests, lost, kills, removals, filesLost atomic.Int64
	fullUntil                                  atomic.Int64 // moment until which the disk may be full
	survived                                   map[string]int
	dropped                                    [][32]byte
}

func main() {
	log.SetFlags(0)
	length := flag.Duration("time", 10*time.Minute, "how long")
	clients := flag.Int("clients", 8, "clients at once")
	seed := flag.Uint64("seed", 1, "seed of what is done when")
	logs := flag.String("log", os.DevNull, "`file` for the server's log and what was broken")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	bad, err := play(ctx, *logs, *length, *clients, *seed)
	if err != nil {
		log.Print("soak: ", err)
	}
	if bad > 0 || err != nil {
		os.Exit(1)
	}
}

// play prepares a server, has clients, faults and the watched folder at work for a
// while, and counts what was broken.
func play(ctx context.Context, logs string, length time.Duration, clients int, seed uint64) (bad int, err error) {
	work, err := os.MkdirTemp("", "soak-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(work)
	out, err := os.Create(logs)
	if err != nil {
		return 0, err
	}
	defer out.Close()
	s := &soak{
		promises: promises{log: out, kept: map[string]int{}, broken: map[string]int{}, example: map[string]string{}},
		survived: map[string]int{}, http: &http.Client{Timeout: 5 * time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 32}},
	}
	defer func() { exec.Command("umount", filepath.Join(work, "disk")).Run() }()
	if err := s.prepare(ctx, work); err != nil {
		return 0, err
	}
	if err := s.server.start(ctx); err != nil {
		return 0, err
	}
	defer s.server.end(syscall.SIGKILL)
	begun := time.Now()
	limited, cancel := context.WithTimeout(ctx, length)
	defer cancel()
	var wg sync.WaitGroup
	var all []*client
	errs := make([]error, 2)
	for k, do := range []func(*client, context.Context) error{(*client).disturb, (*client).drop} {
		c := s.newClient(fmt.Sprintf("fault %d", k), seed, uint64(1000+k))
		all = append(all, c)
		wg.Go(func() {
			if errs[k] = do(c, limited); errs[k] != nil {
				cancel()
			}
		})
	}
	for k := range clients {
		c := s.newClient(fmt.Sprintf("client %d", k), seed, uint64(k))
		all = append(all, c)
		wg.Go(func() { c.work(limited) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return 0, err
	}
	if err := s.settle(ctx, all); err != nil {
		return 0, err
	}
	return s.print(all, time.Since(begun)), nil
}

// prepare mounts the disk, builds the program, renders photographs and saves a snapshot.
func (s *soak) prepare(ctx context.Context, work string) error {
	in := func(name string) string { return filepath.Join(work, name) }
	s.disk, s.data, s.root, s.watch = in("disk"), in("disk/data"), in("root"), in("watch")
	program, parts, snapshots := in("codegraph"), in("parts"), in("snapshots")
	for _, dir := range []string{s.disk, s.root, s.watch, snapshots} {
		if err := os.Mkdir(dir, 0o777); err != nil {
			return err
		}
	}
	for _, args := range [][]string{
		{"mount", "-t", "tmpfs", "-o", "size=400m", "soak", s.disk},
		{"go", "build", "-o", program, "codegraph/cmd/codegraph"},
		{program, "synth", "--good", "50", "--rare", "10", "--recurring", "0", "--size", "64", "--out", parts},
		{program, "scan", "-q", "--size", "64", "--grid", "4", "--align", "off", "--out", in("out"), "--save-snapshot", filepath.Join(snapshots, "line.snapshot"), parts},
	} {
		if out, err := exec.CommandContext(ctx, args[0], args[1:]...).CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w: %s", args[0], err, out)
		}
	}
	files, err := filepath.Glob(filepath.Join(parts, "test", "*", "*.png"))
	for k, f := range files {
		data, e := os.ReadFile(f)
		err = errors.Join(err, e)
		s.photos = append(s.photos, photo{fmt.Sprintf("%02d.png", k), data})
	}
	s.hook = &hook{promises: &s.promises}
	url, e := s.hook.listen()
	s.server = &server{
		program: program, log: s.log, env: []string{"CODEGRAPH_TOKEN=" + token, "CODEGRAPH_WEBHOOK_SECRET=" + secret},
		args: []string{"serve", "--addr", "127.0.0.1:0", "--data", s.data, "--root", s.root, "--snapshots", snapshots, "--threads", "1",
			"--watch", s.watch, "--watch-settle", "1s", "--watch-min", fmt.Sprint(watchLeast), "--webhook", url},
	}
	return errors.Join(err, e)
}

// settle lets the queue end, kills the server once more, and looks at everything.
func (s *soak) settle(ctx context.Context, all []*client) error {
	for end := time.Now().Add(5 * time.Minute); time.Now().Before(end); pause(ctx, time.Second) {
		open := 0
		for _, c := range all {
			if err := errors.Join(c.verify(ctx), c.list(ctx)); err != nil {
				return err
			}
			open += c.count(func(r *run) bool { return isOpen(r) || !s.hook.knows(r) && !r.harmed })
		}
		if open == 0 {
			break
		}
	}
	pause(ctx, 10*time.Second) // what was dropped last is taken
	for k, c := range all {
		if k == 0 {
			if err := errors.Join(c.verifyDropped(), c.kill(ctx)); err != nil {
				return err
			}
		}
		if err := errors.Join(c.verify(ctx), c.verifyEnd(ctx)); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// print prints the figures and the promises, and returns how many are not as they should
// be.
func (s *soak) print(all []*client, took time.Duration) (bad int) {
	runs, byStatus := 0, map[store.Status]int{}
	for _, c := range all {
		for _, r := range c.runs {
			byStatus[r.status]++
			runs++
		}
	}
	fmt.Printf("%v: %d requests, %d of them lost to a kill; %d starts, %d kills; %d runs accepted: %v; %d removed; %d images dropped into the watched folder; %d deliveries\n",
		took.Round(time.Second), s.requests.Load(), s.lost.Load(), s.server.starts.Load(), s.kills.Load(), runs, byStatus, s.removals.Load(), len(s.dropped), s.hook.count.Load())
	fmt.Printf("faults survived: %v\nfiles lost: %d\n", s.survived, s.filesLost.Load())
	return s.promises.print(os.Stdout) + int(min(1, s.filesLost.Load()))
}
