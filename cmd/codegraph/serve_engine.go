package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"codegraph"
	"codegraph/backbone"
	"codegraph/backbone/effnet"
	"codegraph/imageset"
	"codegraph/internal/option"
	"codegraph/internal/serve"
	"codegraph/report"
)

// serveEngine scores for the server. It keeps the network it used last.
type serveEngine struct {
	engine engine
	opts   serveOptions

	mu      sync.Mutex
	choice  networkChoice // of network
	network backbone.Backbone
	state   *codegraph.Snapshot
	file    stateFile // that state is of
}

// networkChoice is what a network is opened by.
type networkChoice struct {
	name      string
	precision codegraph.Precision
}

func choiceOf(o option.Settings) networkChoice {
	return networkChoice{o.Network, o.Precision.Effective()}
}

// snapshotExt is the extension of files in the folder of snapshots.
const snapshotExt = ".snapshot"

// stateFile is a version of a file and the network it was opened with.
type stateFile struct {
	path    string
	time    time.Time
	network networkChoice
}

func newServeEngine(e engine, opts serveOptions) *serveEngine {
	return &serveEngine{engine: e, opts: opts}
}

// Networks are those in the program and those of the models folder.
func (e *serveEngine) Networks() ([]string, error) {
	dir, err := modelsDir()
	if err != nil {
		return nil, err
	}
	models, err := listModels(dir)
	if err != nil {
		return nil, err
	}
	names := effnet.Names()
	for _, m := range models {
		names = append(names, m.Name)
	}
	if named := e.opts.Backbone; named != "" && !isBuiltin(named) {
		names = append(names, named)
	}
	slices.Sort(names[len(effnet.Names()):])
	return slices.Compact(names), nil
}

// Snapshots are the files of the folder of snapshots.
func (e *serveEngine) Snapshots() ([]string, error) {
	if e.opts.Snapshots == "" {
		return nil, nil
	}
	entries, err := os.ReadDir(e.opts.Snapshots)
	if err != nil {
		return nil, fmt.Errorf("snapshots: %w", err)
	}
	var names []string
	for _, entry := range entries {
		if name, ok := strings.CutSuffix(entry.Name(), snapshotExt); ok && entry.Type().IsRegular() && name != "" {
			names = append(names, name)
		}
	}
	return names, nil
}

// Open scores images with the server's own bounds on memory and threads.
func (e *serveEngine) Open(ctx context.Context, images imageset.Set, choice option.Settings, progress codegraph.Progress) (*codegraph.Result, serve.Session, error) {
	network, err := e.open(choiceOf(choice))
	if err != nil {
		return nil, nil, err
	}
	opts, limits := choice.Options, e.opts.limits
	opts.Backbone = network
	opts.Threads, opts.MaxMemory, opts.SpillDir, opts.MaxPixels = limits.Threads, limits.MaxMemory, limits.SpillDir, e.opts.MaxPixels
	opts.Evidence, opts.Progress = report.PagePatches, progress
	if choice.Snapshot == "" {
		res, session, err := e.engine.open(ctx, images, opts)
		if err != nil || session == nil {
			return res, nil, err
		}
		return res, session, nil
	}
	state, err := e.load(choice, network)
	if err != nil {
		return nil, nil, err
	}
	res, err := state.Score(ctx, images, opts)
	return res, nil, err
}

// load reads a snapshot, again if its file has changed.
func (e *serveEngine) load(choice option.Settings, network backbone.Backbone) (*codegraph.Snapshot, error) {
	path := filepath.Join(e.opts.Snapshots, choice.Snapshot+snapshotExt)
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	file := stateFile{path, info.ModTime(), choiceOf(choice)}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.state != nil && e.file == file {
		return e.state, nil
	}
	e.state = nil // one at a time is in memory
	if e.state, err = codegraph.LoadSnapshot(path, network); err != nil {
		return nil, err
	}
	e.file = file
	return e.state, nil
}

// open opens a network; nil is the library's own.
func (e *serveEngine) open(choice networkChoice) (backbone.Backbone, error) {
	if isDefault(choice.name) {
		return nil, nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.choice == choice {
		return e.network, nil
	}
	e.choice, e.network = networkChoice{}, nil // one at a time is in memory
	network, err := openBackbone(choice.name, "", choice.precision)
	if err != nil {
		return nil, err
	}
	e.choice, e.network = choice, network
	return network, nil
}
