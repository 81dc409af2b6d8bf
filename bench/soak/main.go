// Command soak runs the real server for ten minutes with eight clients who upload,
// wait, go away, cancel, remove, answer and ask for what is wrong, while it is killed,
// restarted, robbed of its history and its disk filled. It holds the server to each
// promise of docs/serve.md, listed in promise.go, and prints how often each was kept,
// with the numbers of requests, kills and faults survived and of files lost, which
// must be 0.
//
//	go run ./bench/soak
//	go run ./bench/soak -time 1m -clients 4 -seed 7
//
// The data lie on a small disk in memory (tmpfs), which takes the right to mount one;
// without it the full disk is skipped, and said so.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"codegraph/internal/serve/store"
)

const (
	// diskSize is that of the small disk: some hundred runs.
	diskSize = "400m"
	// watchLeast is how many new images are a batch.
	watchLeast = 3
)

func main() {
	length := flag.Duration("time", 10*time.Minute, "how long")
	clients := flag.Int("clients", 8, "clients at once")
	seed := flag.Uint64("seed", 1, "seed of what is done when")
	program := flag.String("program", "", "the program (default: built from the tree)")
	keep := flag.String("keep", "", "folder for the logs (default: they are removed)")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	bad, err := run(ctx, *program, *keep, *length, *clients, *seed)
	if err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
	}
	if bad > 0 || err != nil {
		os.Exit(1)
	}
}

// soak is what all share.
type soak struct {
	*promises
	server *server
	ledger *ledger
	hook   *hook
	http   *http.Client
	photos []photo
	log    io.Writer

	disk, data, root, watch string // folders; disk is "" where there is no small one

	requests, lost, kills, removals, filesLost atomic.Int64
	fullUntil                                  atomic.Int64 // moment until which the disk may be full
	partScore                                  sync.Map     // by name of the part
	survived                                   map[string]int
	dropped                                    [][32]byte
}

func run(ctx context.Context, program, keep string, length time.Duration, clients int, seed uint64) (bad int, err error) {
	work, err := os.MkdirTemp("", "soak-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(work)
	if keep == "" {
		keep = work
	}
	s, unmount, err := prepare(ctx, work, keep, program)
	if err != nil {
		return 0, err
	}
	defer unmount()
	if err := s.server.start(ctx); err != nil {
		return 0, err
	}
	defer s.server.end(syscall.SIGKILL)
	begun := time.Now()
	if err := s.play(ctx, length, clients, seed); err != nil {
		return 0, err
	}
	last := &client{soak: s, rng: rand.New(rand.NewPCG(seed, 1<<32)), name: "last"}
	if err := last.settle(ctx); err != nil {
		return 0, err
	}
	return s.report(time.Since(begun)), nil
}

// prepare makes folders, photographs, a snapshot and the server.
func prepare(ctx context.Context, work, keep, program string) (s *soak, unmount func(), err error) {
	log, err := os.Create(filepath.Join(keep, "soak.log"))
	if err != nil {
		return nil, nil, err
	}
	serverLog, err := os.Create(filepath.Join(keep, "server.log"))
	if err != nil {
		return nil, nil, err
	}
	s = &soak{promises: &promises{log: log, all: map[string]*promise{}}, ledger: &ledger{runs: map[string]*debt{}}, log: log, survived: map[string]int{}, http: &http.Client{Timeout: 5 * time.Minute}}
	s.http.Transport = &http.Transport{MaxIdleConnsPerHost: 32}
	s.root, s.watch = filepath.Join(work, "root"), filepath.Join(work, "watch")
	disk, snapshots := filepath.Join(work, "disk"), filepath.Join(work, "snapshots")
	for _, dir := range []string{s.root, s.watch, disk, snapshots} {
		if err := os.Mkdir(dir, 0o777); err != nil {
			return nil, nil, err
		}
	}
	unmount = func() {}
	if out, err := exec.CommandContext(ctx, "mount", "-t", "tmpfs", "-o", "size="+diskSize, "soak", disk).CombinedOutput(); err == nil {
		s.disk = disk
		unmount = func() { exec.Command("umount", disk).Run() }
	} else {
		fmt.Printf("no small disk can be mounted here, none is filled: %s\n", out)
	}
	s.data = filepath.Join(disk, "data")
	if program == "" {
		program = filepath.Join(work, "codegraph")
		build := exec.CommandContext(ctx, "go", "build", "-o", program, "codegraph/cmd/codegraph")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			return nil, unmount, fmt.Errorf("%w: %s", err, out)
		}
	}
	if s.photos, err = render(ctx, 40, 1); err != nil {
		return nil, unmount, err
	}
	scanned := filepath.Join(work, "scanned")
	if err := put(scanned, s.photos[20:]); err != nil {
		return nil, unmount, err
	}
	scan := exec.CommandContext(ctx, program, "scan", "-q", "--size", "64", "--grid", "4", "--align", "off", "--out", filepath.Join(work, "out"),
		"--save-snapshot", filepath.Join(snapshots, "line.snapshot"), scanned)
	if out, err := scan.CombinedOutput(); err != nil {
		return nil, unmount, fmt.Errorf("%w: %s", err, out)
	}
	if s.hook, err = newHook(s.promises); err != nil {
		return nil, unmount, err
	}
	s.server = &server{
		program: program, log: serverLog, env: []string{"CODEGRAPH_TOKEN=" + token, "CODEGRAPH_WEBHOOK_SECRET=" + secret},
		args: []string{"serve", "--addr", "127.0.0.1:0", "--data", s.data, "--root", s.root, "--snapshots", snapshots, "--threads", "1",
			"--watch", s.watch, "--watch-settle", "1s", "--watch-min", fmt.Sprint(watchLeast), "--webhook", s.hook.url},
	}
	return s, unmount, nil
}

// play has clients, faults and the watched folder at work for a while.
func (s *soak) play(ctx context.Context, length time.Duration, clients int, seed uint64) error {
	ctx, cancel := context.WithTimeout(ctx, length)
	defer cancel()
	var wg sync.WaitGroup
	for i := range clients {
		c := &client{soak: s, rng: rand.New(rand.NewPCG(seed, uint64(i))), name: fmt.Sprintf("client %d", i)}
		wg.Go(func() { c.work(ctx) })
	}
	errs := make([]error, 2)
	for k, do := range []func(*client, context.Context) error{(*client).disturb, (*client).drop} {
		c := &client{soak: s, rng: rand.New(rand.NewPCG(seed, uint64(1000+k))), name: fmt.Sprintf("fault %d", k)}
		wg.Go(func() {
			if errs[k] = do(c, ctx); errs[k] != nil {
				if ctx.Err() != nil {
					errs[k] = nil // ended in the middle
					return
				}
				cancel()
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// settle lets the queue end and looks at everything once more, before and after a
// last kill.
func (c *client) settle(ctx context.Context) error {
	if c.server.url.Load() == nil {
		if err := c.server.start(ctx); err != nil {
			return err
		}
	}
	if c.disk != "" {
		os.Remove(filepath.Join(c.disk, "filler"))
	}
	c.fullUntil.Store(time.Now().Add(10 * time.Second).UnixNano())
	for end := time.Now().Add(5 * time.Minute); ; pause(ctx, time.Second) {
		if err := c.list(ctx); err != nil {
			return err
		}
		open := 0
		for _, d := range c.ledger.all() {
			if !d.removing && !d.status.Over() {
				open++
			}
		}
		if open == 0 || time.Now().After(end) {
			break
		}
	}
	if err := c.verifyWatched(ctx); err != nil {
		return err
	}
	if err := c.verify(ctx, c.ledger.all()); err != nil {
		return err
	}
	if err := c.kill(ctx); err != nil {
		return err
	}
	return c.verifyEnds(ctx)
}

// verifyEnds checks what holds when nothing is under way any more.
func (c *client) verifyEnds(ctx context.Context) error {
	for end := time.Now().Add(3 * time.Minute); time.Now().Before(end) && !c.allTold(); {
		pause(ctx, time.Second)
	}
	for _, d := range c.ledger.all() {
		if d.removing {
			continue
		}
		wanted := d.status == store.Done || d.status == store.Cancelled || d.status == store.Interrupted || d.status == store.Failed
		c.check(goesOn, d.status.Over(), "run %s is %s in the end", d.id, d.status)
		c.check(interrupted, wanted, "run %s is %s", d.id, d.status)
		if d.left {
			c.check(clientGone, d.status.Over(), "run %s of a client that left is %s", d.id, d.status)
		}
		if d.folder {
			c.check(copied, d.status.Over(), "run %s of a folder that was removed is %s", d.id, d.status)
		}
		c.check(told, c.hook.knows(d.id, d.status) || d.wasLost, "run %s is %s, and the webhook was not told", d.id, d.status)
		if err := c.verifyScores(ctx, d); err != nil {
			return err
		}
	}
	return nil
}

func (c *client) allTold() bool {
	return !slices.ContainsFunc(c.ledger.all(), func(d debt) bool { return !d.removing && !d.wasLost && !c.hook.knows(d.id, d.status) })
}

// verifyScores compares the scores of a run with those of the run that it repeats,
// and counts its answers.
func (c *client) verifyScores(ctx context.Context, d debt) error {
	if d.status != store.Done {
		return nil
	}
	a, err := c.ask(ctx, "GET", "/api/runs/"+d.id+"/scores", "", nil)
	if err != nil {
		return err
	}
	var got scores
	if err := a.decode(&got); err != nil {
		return err
	}
	if d.images != nil {
		c.check(copied, len(got.Images) == len(d.images), "run %s has scores of %d images of %d", d.id, len(got.Images), len(d.images))
	}
	if a, err = c.ask(ctx, "GET", "/api/runs/"+d.id+"/answers", "", nil); err != nil {
		return err
	}
	var said struct{ Steps []any }
	if err := a.decode(&said); err != nil {
		return err
	}
	if len(said.Steps) == 0 { // answers change scores
		now := got.byName()
		for name, score := range d.scores {
			c.check(again, now[name] == score, "image %s of run %s scores %v, and %v before", name, d.id, now[name], score)
		}
	}
	c.check(answersKept, len(said.Steps) >= d.answers, "%d answers of %d are kept about run %s", len(said.Steps), d.answers, d.id)
	return nil
}

func (s *soak) report(took time.Duration) (bad int) {
	skipped := map[string]string{}
	if s.disk == "" {
		skipped[roomMade] = "no small disk"
	}
	runs, byStatus := s.ledger.all(), map[store.Status]int{}
	for _, d := range runs {
		byStatus[d.status]++
	}
	fmt.Printf("%v: %d requests, %d of them lost to a kill; %d starts, %d kills; %d runs accepted", took.Round(time.Second), s.requests.Load(), s.lost.Load(), s.server.starts.Load(), s.kills.Load(), len(runs))
	for _, status := range slices.Sorted(maps.Keys(byStatus)) {
		fmt.Printf(", %d %s", byStatus[status], status)
	}
	fmt.Printf("; %d removed; %d images dropped into the watched folder; %d deliveries\nfaults survived:", s.removals.Load(), len(s.dropped), s.hook.count)
	for _, name := range slices.Sorted(maps.Keys(s.survived)) {
		fmt.Printf(" %s %d;", name, s.survived[name])
	}
	fmt.Printf("\nfiles lost: %d\n", s.filesLost.Load())
	bad = s.print(os.Stdout, skipped)
	if s.filesLost.Load() > 0 {
		bad++
	}
	return bad
}
