package serve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"codegraph"
	"codegraph/imageset"
	"codegraph/internal/serve/intake"
	"codegraph/internal/serve/store"
)

// Engine scores batches.
type Engine interface {
	// Networks names the networks that Options.Network may name, the
	// default first.
	Networks() ([]string, error)
	// Snapshots names those that Options.Snapshot may name.
	Snapshots() ([]string, error)
	// Open scores images, as codegraph.Open or, against a snapshot, as
	// codegraph.Snapshot does. The session is nil where there is none.
	Open(ctx context.Context, images imageset.Set, opts Options, progress codegraph.Progress) (*codegraph.Result, Session, error)
}

// Session is a scan that stays open: see codegraph.Session.
type Session interface {
	Judge(ctx context.Context, said *codegraph.Answers) (*codegraph.Result, error)
	Close() error
}

// Config is what a server is made of.
type Config struct {
	Engine  Engine // required
	Data    string // required: folder of the history
	Version string // of the program
	Limits  intake.Limits
	Keep    int64 // bytes of decoded images that a run may keep for its overlays; 0: none
	// Roots are the folders below which clients may name one; none: they
	// may not.
	Roots []string
	// Hosts are names, besides addresses and localhost, under which the
	// server may be asked.
	Hosts   []string
	Token   string   // "": none is asked for
	Watch   *Watch   // nil: no folder is watched
	Webhook *Webhook // nil: results are not sent anywhere
	Log     *slog.Logger
}

// Server is the application. It works while Serve runs.
type Server struct {
	cfg      Config
	log      *slog.Logger
	store    *store.Store
	hub      *hub
	metrics  *metrics
	worker   *worker
	open     openScan
	due      chan struct{} // something may wait for the webhook
	roots    []string      // absolute, links resolved
	drawing  *semaphore.Weighted
	stopping chan struct{} // closed when Serve is told to end
}

// maxWaiting bounds the queue.
const maxWaiting = 200

// New opens the history and makes a server of it.
func New(ctx context.Context, cfg Config) (*Server, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	roots, err := resolveRoots(cfg.Roots)
	if err != nil {
		return nil, err
	}
	if err := cfg.Watch.check(); err != nil {
		return nil, err
	}
	if err := cfg.Webhook.check(); err != nil {
		return nil, err
	}
	st, err := store.Open(ctx, cfg.Data)
	if err != nil {
		return nil, err
	}
	st.MaxWaiting = maxWaiting
	for _, r := range st.Remarks() {
		cfg.Log.Info("history", "remark", r)
	}
	s := &Server{
		cfg: cfg, log: cfg.Log, store: st, hub: newHub(), roots: roots,
		drawing: semaphore.NewWeighted(2), due: make(chan struct{}, 1), stopping: make(chan struct{}),
	}
	if cfg.Webhook == nil {
		if err := st.ForgetDue(ctx); err != nil {
			return nil, errors.Join(err, st.Close())
		}
	}
	s.metrics = newMetrics(s)
	s.worker = newWorker(s)
	return s, nil
}

// Close closes the history. Serve has returned, or was never called.
func (s *Server) Close() error { return s.store.Close() }

// headerTime is the time that a client has for the head of a request. Tests wait less.
var headerTime = 10 * time.Second

// Other times that a client has.
const (
	readTime  = 30 * time.Second // between two reads of a long upload, too
	writeTime = 2 * time.Minute
	idleTime  = 2 * time.Minute
	closeTime = 10 * time.Second // for requests under way when the server ends
)

// Serve answers on the listener and works on the queue until ctx is done; then
// it lets requests end, marks the run under way as interrupted and returns nil.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	if s.cfg.Token == "" && !loopback(l.Addr()) {
		return fmt.Errorf("serve on %s: any address but the loopback needs a token", l.Addr())
	}
	server := &http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: headerTime, ReadTimeout: readTime, WriteTimeout: writeTime, IdleTimeout: idleTime,
		MaxHeaderBytes: 64 << 10,
		ErrorLog:       slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		close(s.stopping)
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTime)
		defer cancel()
		if err := server.Shutdown(end); err != nil {
			return server.Close()
		}
		return nil
	})
	group.Go(func() error { return s.worker.work(ctx) })
	if s.cfg.Webhook != nil {
		group.Go(func() error { return s.deliver(ctx) })
	}
	if s.cfg.Watch != nil {
		group.Go(func() error { return s.watch(ctx) })
	}
	return group.Wait()
}

// loopback reports whether only this machine reaches an address.
func loopback(a net.Addr) bool {
	switch a := a.(type) {
	case *net.TCPAddr:
		return a.IP.IsLoopback()
	case *net.UnixAddr:
		return true
	}
	return false
}
