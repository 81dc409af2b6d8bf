package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"codegraph/internal/serve/store"
)

// disturb does harm by chance until the time is over.
func (c *client) disturb(ctx context.Context) error {
	faults := []struct {
		name string
		do   func(context.Context) error
	}{
		{"kill -9", c.kill}, {"kill -9", c.kill}, {"kill -9", c.kill}, {"restart", c.restart}, {"full disk", c.fillDisk}, {"full disk, kill -9", c.killFull},
		{"history lost", c.loseHistory}, {"history cut", c.cutHistory}, {"second server", c.second}, {"full queue", c.fillQueue},
	}
	for n := 0; ctx.Err() == nil; n++ {
		pause(ctx, time.Duration(3+c.rng.IntN(7))*time.Second)
		if ctx.Err() != nil {
			return nil
		}
		// Each once, then by chance.
		f := faults[c.rng.IntN(len(faults))]
		if n < len(faults) {
			f = faults[n]
		}
		fmt.Fprintf(c.log, "FAULT %s\n", f.name)
		if err := f.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
		c.survived[f.name]++
	}
	return nil
}

// back starts the server again and looks whether all is there. damaged says that the
// history was harmed.
func (c *client) back(ctx context.Context, known []debt, damaged bool) error {
	if err := c.server.start(ctx); err != nil {
		return err
	}
	for _, d := range known {
		if damaged { // those that waited may be interrupted, and what was due is lost
			c.ledger.change(d.id, func(d *debt) { d.wasLost = true })
		}
	}
	if damaged {
		for _, d := range known {
			if !d.removing {
				a, err := c.ask(ctx, "GET", "/api/runs/"+d.id, "", nil)
				if err != nil {
					return err
				}
				c.check(taken, a.code == 200 || c.gone(d), "run %s (%s) is answered with %d", d.id, d.status, a.code)
			}
		}
	}
	return c.verify(ctx, known)
}

func (c *client) kill(ctx context.Context) error {
	return c.killThen(ctx, func() error { return nil }, false)
}

// killThen kills the server, does harm to what it leaves, and starts it.
func (c *client) killThen(ctx context.Context, harm func() error, damaged bool) error {
	if err := c.server.end(syscall.SIGKILL); err != nil {
		return err
	}
	c.kills.Add(1)
	pause(ctx, 100*time.Millisecond) // answers that were under way are noted
	known := c.ledger.all()
	if err := harm(); err != nil {
		return err
	}
	return c.back(ctx, known, damaged)
}

func (c *client) restart(ctx context.Context) error {
	if err := c.server.end(syscall.SIGTERM); err != nil {
		return err
	}
	pause(ctx, 100*time.Millisecond)
	return c.back(ctx, c.ledger.all(), false)
}

// loseHistory takes the database away.
func (c *client) loseHistory(ctx context.Context) error {
	return c.killThen(ctx, func() error {
		files, err := filepath.Glob(filepath.Join(c.data, "history.db*"))
		for _, f := range files {
			err = errors.Join(err, os.Remove(f))
		}
		return err
	}, true)
}

// cutHistory takes the last changes from it, as a damaged write-ahead log does.
func (c *client) cutHistory(ctx context.Context) error {
	return c.killThen(ctx, func() error {
		wal := filepath.Join(c.data, "history.db-wal")
		info, err := os.Stat(wal)
		if err != nil {
			return nil // it was written back
		}
		return os.Truncate(wal, info.Size()/2)
	}, true)
}

func (c *client) second(ctx context.Context) error {
	err := c.server.refuses(ctx)
	c.check(oneServer, err == nil, "%v", err)
	return nil
}

// isFull reports whether the disk is full, or was a moment ago.
func (c *soak) isFull() bool {
	if space(c.data) < 4<<20 {
		c.fullUntil.Store(max(c.fullUntil.Load(), time.Now().Add(5*time.Second).UnixNano()))
	}
	return time.Now().UnixNano() < c.fullUntil.Load()
}

// fill takes all space; free gives it back.
func (c *client) fill() (free func() error, err error) {
	name := filepath.Join(c.disk, "filler")
	f, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	c.fullUntil.Store(time.Now().Add(time.Hour).UnixNano())
	for size := 1 << 20; size >= 1; size /= 16 {
		for block := make([]byte, size); err == nil; {
			_, err = f.Write(block)
		}
		if errors.Is(err, syscall.ENOSPC) {
			err = nil
		}
	}
	return func() error {
		err := errors.Join(f.Close(), os.Remove(name))
		c.fullUntil.Store(time.Now().Add(5 * time.Second).UnixNano())
		return err
	}, err
}

// fillDisk fills the disk for a while, during which the server goes on.
func (c *client) fillDisk(ctx context.Context) error {
	if c.disk == "" {
		return nil
	}
	free, err := c.fill()
	if err != nil {
		return err
	}
	for range 20 {
		pause(ctx, 200*time.Millisecond)
		if a, err := c.ask(ctx, "GET", "/healthz", "", nil); ctx.Err() == nil {
			c.check(roomMade, err == nil && a.code == 200, "/healthz on a full disk: %d, %v", a.code, err)
		}
		if c.rng.IntN(4) == 0 {
			if err := c.remove(ctx); err != nil && ctx.Err() == nil {
				return err
			}
		}
	}
	return free()
}

// killFull kills the server on a full disk, where it starts again.
func (c *client) killFull(ctx context.Context) error {
	if c.disk == "" {
		return nil
	}
	free, err := c.fill()
	if err != nil {
		return err
	}
	pause(ctx, 2*time.Second)
	if err := c.server.end(syscall.SIGKILL); err != nil {
		return errors.Join(err, free())
	}
	c.kills.Add(1)
	pause(ctx, 100*time.Millisecond)
	known := c.ledger.all()
	err = c.server.start(ctx)
	c.check(roomMade, err == nil, "the server does not start on a full disk: %v", err)
	if err != nil {
		if err := free(); err != nil {
			return err
		}
		return c.back(ctx, known, false)
	}
	pause(ctx, 2*time.Second)
	return errors.Join(free(), c.verify(ctx, known))
}

// fillQueue asks for more runs than may wait, and cancels them.
func (c *client) fillQueue(ctx context.Context) error {
	d, ok := c.ledger.pick(c.rng, func(d debt) bool { return d.status == store.Done && d.options == options })
	if !ok {
		return nil
	}
	var ids []string
	refused := false
	for range 260 {
		a, err := c.ask(ctx, "POST", "/api/runs/"+d.id+"/again", "application/json", []byte("{}"))
		if err != nil || a.code == 404 {
			return nil // another client removed it
		}
		if refused = a.code == 503; refused {
			break
		}
		var got struct{ Run store.Run }
		if a.code == 202 && a.decode(&got) == nil {
			ids = append(ids, got.Run.ID)
			c.ledger.add(&debt{id: got.Run.ID, input: got.Run.Input, images: d.images, options: d.options, status: got.Run.Status})
		}
	}
	if !c.isFull() {
		c.check(queueLimit, refused, "%d runs were taken, and none was refused", len(ids))
	}
	for _, id := range ids {
		if _, err := c.ask(ctx, "POST", "/api/runs/"+id+"/cancel", "", nil); err != nil {
			return err
		}
	}
	return nil
}
