package main

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"codegraph/backbone/onnx"
	"codegraph/internal/gemm"
	"codegraph/internal/hub"
)

func newModelDoctorCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Say what this machine has for networks",
		Long: `Doctor prints what networks find here: the processor, the models folder, the
hub's cache and address, and ONNX Runtime. It fetches nothing.
` + exitCodes,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return p.runDoctor() },
	}
}

func (p *program) runDoctor() error {
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	line := func(what, format string, args ...any) { fmt.Fprintf(w, "%s\t%s\n", what, fmt.Sprintf(format, args...)) }
	line("program", "codegraph %s, %s/%s, %d cores", programVersion(), runtime.GOOS, runtime.GOARCH, runtime.GOMAXPROCS(0))
	precision := "exact: --precision fast has nothing to gain here"
	if gemm.Fast() {
		precision = "fast by default (" + gemm.FastFormat() + "); --precision exact for figures to be compared"
	}
	line("precision", "%s", precision)
	dir, err := modelsDir()
	if err != nil {
		line("models folder", "%v", err)
	} else if models, err := listModels(dir); err != nil {
		line("models folder", "%v", err)
	} else {
		line("models folder", "%s, %d networks", dir, len(models))
	}
	if c, err := hub.FromEnvironment(); err != nil {
		line("hub", "%s", strings.TrimPrefix(err.Error(), "hub: "))
	} else {
		state := "fetched from when model pull or --backbone OWNER/NAME asks"
		if c.Offline {
			state = "never fetched from: HF_HUB_OFFLINE is set"
		}
		line("hub", "%s, %s; token: %s", c.Endpoint, state, yes(c.Token != ""))
		line("hub's cache", "%s", c.Cache)
	}
	switch s, err := onnx.Look(dir); {
	case errors.Is(err, onnx.ErrNoLibrary):
		line("ONNX Runtime", "not found: name the library or its folder in %s to run .onnx files", onnx.LibraryEnv)
	case err != nil:
		line("ONNX Runtime", "%s", oneLine(err.Error()))
	default:
		line("ONNX Runtime", "%s, release %s, runs on %s", s.Library, s.Version, strings.Join(s.Providers, ", "))
	}
	return w.Flush()
}
