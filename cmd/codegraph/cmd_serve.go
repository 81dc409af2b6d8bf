package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"codegraph/internal/option"
	"codegraph/internal/serve"
	"codegraph/internal/serve/intake"
)

// tokenEnv holds the token, out of sight of other users of the machine.
const tokenEnv = "CODEGRAPH_TOKEN"

// webhookEnv holds the secret that results are signed with.
const webhookEnv = "CODEGRAPH_WEBHOOK_SECRET"

// serveOptions are the flags of serve.
type serveOptions struct {
	Addr      string
	Data      string
	Token     string
	Hosts     []string
	Roots     []string
	Snapshots string
	Watch     string
	Settle    time.Duration
	WatchMin  int
	Backbone  string
	WatchSnap string
	Webhook   string
	MaxFiles  int
	MaxFile   byteSize
	MaxUpload byteSize
	MaxPixels int64
	LogFormat string
	limits    option.Settings // of each run: threads, memory
}

func (o *serveOptions) addFlags(f *pflag.FlagSet) {
	f.SortFlags = false
	f.StringVar(&o.Addr, "addr", "127.0.0.1:8080", "`address` to listen on; port 0 is any free one")
	f.StringVar(&o.Data, "data", "", "`folder` of the history (default: serve in the user's configuration folder)")
	f.StringVar(&o.Token, "token", "", "`secret` that clients must give; needed for any address but the loopback\n(default: the variable "+tokenEnv+")")
	f.StringSliceVar(&o.Hosts, "host", nil, "`name` under which the server may be asked, besides addresses; repeatable")
	f.StringSliceVar(&o.Roots, "root", nil, "`folder` below which runs may take folders of this machine; repeatable\n(default: none)")
	f.StringVar(&o.Snapshots, "snapshots", "", "`folder` of snapshots NAME"+snapshotExt+" (scan --save-snapshot) to score against")
	f.StringVar(&o.Watch, "watch", "", "`folder` to watch: a run starts when new images have settled")
	f.DurationVar(&o.Settle, "watch-settle", 10*time.Second, "`time` without a change after which images count as settled")
	f.IntVar(&o.WatchMin, "watch-min", 20, "`number` of new images that are a batch; fewer wait for others")
	f.StringVar(&o.Backbone, "watch-backbone", "", "`name` of the network for the watched folder (default: the built-in one)")
	f.StringVar(&o.WatchSnap, "watch-snapshot", "", "`name` of the snapshot that the watched folder's images are scored against, one\nby one if need be (default: each other)")
	f.StringVar(&o.Webhook, "webhook", "", "`address` that results are sent to as they come, signed with the secret in the\nvariable "+webhookEnv)
	o.MaxFile, o.MaxUpload = byteSize(intake.DefaultLimits.FileBytes), byteSize(intake.DefaultLimits.TotalBytes)
	f.IntVar(&o.MaxFiles, "max-images", intake.DefaultLimits.Files, "most images of a batch, a `number`")
	f.Var(&o.MaxFile, "max-file", "largest image file, unpacked")
	f.Var(&o.MaxUpload, "max-upload", "largest batch, unpacked")
	f.Int64Var(&o.MaxPixels, "max-pixels", intake.DefaultLimits.Pixels, "largest image, in `pixels`")
	addNamed(f, &o.limits, "threads", "max-memory", "spill-dir")
	f.StringVar(&o.LogFormat, "log", "text", "`format` of the log on stderr: text or json")
}

func (o *serveOptions) validate() error {
	if err := oneOf("log", o.LogFormat, "text", "json"); err != nil {
		return err
	}
	if o.WatchMin < 1 || o.WatchMin < 2 && o.WatchSnap == "" {
		return usagef("--watch-min is %d: a batch has at least 2 images, or one against --watch-snapshot", o.WatchMin)
	}
	if o.WatchSnap != "" && (o.Snapshots == "" || o.Watch == "") {
		return usagef("--watch-snapshot needs --watch, and --snapshots, the folder that it is in")
	}
	if o.Webhook != "" && os.Getenv(webhookEnv) == "" {
		return usagef("--webhook needs a secret in the variable %s, by which the receiver knows the sender", webhookEnv)
	}
	if o.Settle <= 0 {
		return usagef("--watch-settle is %v: it must be positive", o.Settle)
	}
	for _, v := range []struct {
		flag  string
		value int64
	}{{"max-images", int64(o.MaxFiles)}, {"max-file", int64(o.MaxFile)}, {"max-upload", int64(o.MaxUpload)}, {"max-pixels", o.MaxPixels}} {
		if v.value <= 0 {
			return usagef("--%s is %d: it must be positive", v.flag, v.value)
		}
	}
	if o.Backbone != "" && !isBuiltin(o.Backbone) {
		if _, err := findModel(o.Backbone); err != nil {
			return err
		}
	}
	return nil
}

func newServeCommand(p *program) *cobra.Command {
	var opts serveOptions
	cmd := &cobra.Command{
		Use:   "serve [flags]",
		Short: "Run the web application",
		Long: `Serve answers on a local address: a page to drop images on, to follow runs and
look at what they found, and an interface for programs, described at
/api/openapi.json. Runs are worked on one after the other and kept, with
names, notes and labels, until they are removed. See docs/serve.md.

Only this machine reaches the default address. Any other needs a token, which
clients send as "Authorization: Bearer TOKEN" and people give once to sign in;
the connection is not encrypted, so put a proxy with TLS in front of it on a
network that others use. The address is printed on stdout, the log on stderr.

/metrics is for Prometheus, /healthz for whoever restarts what has died. An
interrupt ends the server with code 0: the run under way is marked as
interrupted, those that wait go on at the next start.
` + exitCodes,
		Example: `  codegraph serve
  codegraph serve --addr 127.0.0.1:9000 --root ~/photos
  codegraph serve --watch /srv/line4 --watch-min 50
  codegraph serve --snapshots snapshots --watch /srv/line4 --watch-min 1 \
      --watch-snapshot line4 --webhook https://mes.example/codegraph
  CODEGRAPH_TOKEN=$(cat token) codegraph serve --addr :8080 --host a.example
  codegraph serve --snapshots snapshots
  curl -F files=@batch.zip http://127.0.0.1:8080/api/scores
  curl -F 'options={"snapshot":"line4"}' -F files=@part.png \
      http://127.0.0.1:8080/api/scores`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("serve takes no arguments: name folders with --root or --watch")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := opts.validate(); err != nil {
				return err
			}
			return p.runServe(cmd.Context(), opts)
		},
	}
	opts.addFlags(cmd.Flags())
	return cmd
}

func (p *program) runServe(ctx context.Context, opts serveOptions) error {
	config, err := p.serveConfig(opts)
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", opts.Addr)
	if err != nil {
		return withHint(err, "choose another address with --addr")
	}
	defer listener.Close()
	if config.Token == "" && !listener.Addr().(*net.TCPAddr).IP.IsLoopback() {
		return withHint(usagef("%s can be reached from other machines", opts.Addr), "set a token with --token or the variable "+tokenEnv)
	}
	server, err := serve.New(ctx, config)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "http://%s/\n", listener.Addr())
	return errors.Join(server.Serve(ctx, listener), server.Close())
}

func (p *program) serveConfig(opts serveOptions) (serve.Config, error) {
	if opts.Data == "" {
		dir, err := os.UserConfigDir()
		if err != nil {
			return serve.Config{}, withHint(err, "name a folder with --data")
		}
		opts.Data = filepath.Join(dir, "codegraph", "serve")
	}
	if opts.Token == "" {
		opts.Token = os.Getenv(tokenEnv)
	}
	log := slog.New(slog.NewTextHandler(p.stderr, nil))
	if opts.LogFormat == "json" {
		log = slog.New(slog.NewJSONHandler(p.stderr, nil))
	}
	config := serve.Config{
		Engine: newServeEngine(p.engine, opts), Data: opts.Data, Version: programVersion(), Token: opts.Token, Hosts: opts.Hosts, Roots: opts.Roots, Log: log,
		Limits: intake.Limits{Files: opts.MaxFiles, FileBytes: int64(opts.MaxFile), TotalBytes: int64(opts.MaxUpload), Pixels: opts.MaxPixels},
	}
	if opts.limits.MaxMemory == 0 {
		config.Keep = keptImages
	}
	if opts.Watch != "" {
		watched := option.Defaults()
		watched.Network, watched.Snapshot = opts.Backbone, opts.WatchSnap
		config.Watch = &serve.Watch{Dir: opts.Watch, Settle: opts.Settle, Least: opts.WatchMin, Options: watched}
	}
	if opts.Webhook != "" {
		config.Webhook = &serve.Webhook{URL: opts.Webhook, Secret: os.Getenv(webhookEnv)}
	}
	return config, nil
}
