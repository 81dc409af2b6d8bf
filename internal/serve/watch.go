package serve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"codegraph/imageset"
	"codegraph/internal/serve/intake"
	"codegraph/internal/serve/store"
)

// Watch says which folder is watched, and when what comes is a batch. The
// folder is read again and again: notices of changes do not come from all file
// systems, network shares in particular.
type Watch struct {
	Dir string
	// Settle is how long a file must stay as it is, and nothing new come,
	// before a run of the new images starts; 0: ten seconds.
	Settle time.Duration
	// Least is the number of new images that are a batch, at least 2, or 1 against a
	// snapshot; 0: 20. Fewer wait for others. Ten times as many do not wait for a pause.
	Least   int
	Options Options
	// Every is the time between two looks; 0: a fifth of Settle.
	Every time.Duration
}

func (w *Watch) check() error {
	if w == nil {
		return nil
	}
	if w.Settle == 0 {
		w.Settle = 10 * time.Second
	}
	if w.Least == 0 {
		w.Least = 20
	}
	if w.Every == 0 {
		w.Every = w.Settle / 5
	}
	if w.Least < least(w.Options) || w.Settle < 0 || w.Every <= 0 {
		return fmt.Errorf("watch: batches of %d images after %v; there must be %d at least", w.Least, w.Settle, least(w.Options))
	}
	dir, err := resolve(w.Dir)
	if err != nil {
		return fmt.Errorf("watched folder: %w", err)
	}
	w.Dir = dir
	return nil
}

// fresh is a file that was not taken yet.
type fresh struct {
	item  imageset.Item
	mark  string    // of this version of the file
	since time.Time // that it is so
}

// watch queues runs of what comes into the folder until ctx is done.
func (s *Server) watch(ctx context.Context) error {
	taken, err := s.store.Watched(ctx)
	if err != nil {
		return err
	}
	pending := map[string]fresh{}
	pause := s.cfg.Watch.Every
	tick := time.NewTicker(s.cfg.Watch.Every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-tick.C:
			err := s.look(ctx, now, taken, pending)
			if err == nil {
				pause = s.cfg.Watch.Every
				tick.Reset(pause)
				continue
			}
			if ctx.Err() == nil { // less often while it lasts
				pause = min(2*pause, maxPause)
				tick.Reset(pause)
				s.log.Warn("watched folder", "folder", s.cfg.Watch.Dir, "error", err, "again in", pause)
			}
		}
	}
}

// maxPause is the longest time between two looks at a folder that cannot be taken.
const maxPause = 5 * time.Minute

// look reads the folder once and takes a batch if there is one.
func (s *Server) look(ctx context.Context, now time.Time, taken map[string]string, pending map[string]fresh) error {
	set, _, err := imageset.WalkInside(ctx, s.cfg.Watch.Dir)
	if err != nil {
		return err
	}
	set = slices.DeleteFunc(set, func(it imageset.Item) bool { return it.Page > 0 }) // files, not pages
	there := map[string]bool{}
	for _, it := range set {
		info, err := os.Stat(it.Path)
		if err != nil {
			continue // gone again
		}
		mark := fmt.Sprintf("%d %d", info.Size(), info.ModTime().UnixNano())
		there[it.Path] = true
		switch {
		case taken[it.Path] == mark:
			delete(pending, it.Path)
		case pending[it.Path].mark != mark:
			pending[it.Path] = fresh{it, mark, now}
		}
	}
	for file := range pending {
		if !there[file] {
			delete(pending, file)
		}
	}
	batch := s.cfg.Watch.batch(set, pending, now)
	if batch == nil {
		return nil
	}
	return s.takeBatch(ctx, batch, taken, pending)
}

// batch returns the files to be taken now, in the folder's order; nil: none.
func (w *Watch) batch(set imageset.Set, pending map[string]fresh, now time.Time) (files []fresh) {
	quiet := true
	for _, it := range set {
		f, ok := pending[it.Path]
		if !ok {
			continue
		}
		if now.Sub(f.since) < w.Settle {
			quiet = false
			continue
		}
		files = append(files, f)
	}
	if len(files) < w.Least || !quiet && len(files) < 10*w.Least {
		return nil
	}
	return files
}

// takeBatch copies the files and queues a run. If it is killed in between, they
// are taken once more, not lost.
func (s *Server) takeBatch(ctx context.Context, files []fresh, taken map[string]string, pending map[string]fresh) error {
	dir, discard, err := s.store.Stage()
	if err != nil {
		return err
	}
	defer discard()
	root, err := os.OpenRoot(s.cfg.Watch.Dir)
	if err != nil {
		return err
	}
	defer root.Close()
	batch := intake.New(dir, s.cfg.Limits)
	marks := map[string]string{} // of files that are settled: in the batch, or refused
	var taking []string          // those in the batch
	for _, f := range files {
		before := len(batch.Files)
		err := batch.AddFile(ctx, root, f.item)
		if errors.Is(err, intake.ErrTooMuch) && before > 0 {
			break // this batch is full: the others make the next one
		}
		if errors.Is(err, intake.ErrTooMuch) {
			batch.Refuse(f.item.Name, err.Error()) // alone it is too much
		} else if err != nil {
			return err
		}
		marks[f.item.Path] = f.mark
		if len(batch.Files) > before {
			taking = append(taking, f.item.Path)
		}
	}
	for _, refused := range batch.Refused {
		s.log.Warn("image not taken", "folder", s.cfg.Watch.Dir, "image", refused.Name, "reason", refused.Reason)
	}
	if len(batch.Files) < least(s.cfg.Watch.Options) {
		// One image alone waits for others; what was refused does not.
		for _, file := range taking {
			delete(marks, file)
		}
	} else if err := s.queueBatch(ctx, batch, dir); err != nil {
		return err
	}
	if err := s.store.SetWatched(ctx, marks); err != nil {
		return err
	}
	for file, mark := range marks {
		taken[file] = mark
		delete(pending, file)
	}
	return nil
}

// queueBatch queues a run of the images in dir.
func (s *Server) queueBatch(ctx context.Context, batch *intake.Batch, dir string) error {
	options, err := json.Marshal(s.cfg.Watch.Options.Chosen())
	if err != nil {
		return err
	}
	name := filepath.Base(s.cfg.Watch.Dir) + time.Now().Format(" 2006-01-02 15:04")
	run, err := s.store.Add(ctx, store.Run{Name: name, Source: "watched folder " + s.cfg.Watch.Dir, Options: options, Images: len(batch.Files)}, dir)
	if err != nil {
		return err
	}
	s.queued(run)
	return nil
}
