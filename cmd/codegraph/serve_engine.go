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
	"codegraph/imageset"
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
	state   *codegraph.State
	file    stateFile // that state is of
}

// networkChoice is what a network is opened by.
type networkChoice struct {
	name      string
	precision codegraph.Precision
}

func choiceOf(o serve.Options) networkChoice {
	return networkChoice{o.Backbone, o.Precision.Effective()}
}

// stateExt is the extension of files in the folder of saved scans.
const stateExt = ".state"

// stateFile is a version of a file and the network it was opened with.
type stateFile struct {
	path    string
	time    time.Time
	network networkChoice
}

func newServeEngine(e engine, opts serveOptions) *serveEngine {
	return &serveEngine{engine: e, opts: opts}
}

// Networks are the one in the program and those of the models folder.
func (e *serveEngine) Networks() ([]string, error) {
	dir, err := modelsDir()
	if err != nil {
		return nil, err
	}
	models, err := listModels(dir)
	if err != nil {
		return nil, err
	}
	names := []string{defaultBackbone}
	for _, m := range models {
		names = append(names, m.Name)
	}
	if named := e.opts.Backbone; named != "" && !isBuiltin(named) {
		names = append(names, named)
	}
	slices.Sort(names[1:])
	return slices.Compact(names), nil
}

// States are the files of the folder of saved scans.
func (e *serveEngine) States() ([]string, error) {
	if e.opts.States == "" {
		return nil, nil
	}
	entries, err := os.ReadDir(e.opts.States)
	if err != nil {
		return nil, fmt.Errorf("saved scans: %w", err)
	}
	var names []string
	for _, entry := range entries {
		if name, ok := strings.CutSuffix(entry.Name(), stateExt); ok && entry.Type().IsRegular() && name != "" {
			names = append(names, name)
		}
	}
	return names, nil
}

// Detect scores images with the server's own bounds on memory and threads.
func (e *serveEngine) Detect(ctx context.Context, images imageset.Set, choice serve.Options, progress codegraph.Progress) (*codegraph.Result, error) {
	network, err := e.open(choiceOf(choice))
	if err != nil {
		return nil, err
	}
	opts, err := choice.Detect(network)
	if err != nil {
		return nil, err
	}
	opts.Threads, opts.MaxMemory, opts.SpillDir, opts.MaxPixels = e.opts.Threads, int64(e.opts.MaxMemory), e.opts.SpillDir, e.opts.MaxPixels
	opts.Evidence, opts.Progress = report.PagePatches, progress
	if choice.State == "" {
		return e.engine.detect(ctx, images, opts)
	}
	state, err := e.load(choice, network)
	if err != nil {
		return nil, err
	}
	return state.Score(ctx, images, opts)
}

// load reads a saved scan, again if its file has changed.
func (e *serveEngine) load(choice serve.Options, network backbone.Backbone) (*codegraph.State, error) {
	path := filepath.Join(e.opts.States, choice.State+stateExt)
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("saved scan: %w", err)
	}
	file := stateFile{path, info.ModTime(), choiceOf(choice)}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.state != nil && e.file == file {
		return e.state, nil
	}
	e.state = nil // one at a time is in memory
	if e.state, err = codegraph.LoadState(path, network); err != nil {
		return nil, err
	}
	e.file = file
	return e.state, nil
}

// open opens a network; nil is the library's own.
func (e *serveEngine) open(choice networkChoice) (backbone.Backbone, error) {
	if choice.name == "" || isBuiltin(choice.name) {
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
