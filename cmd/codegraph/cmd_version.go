package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version and commit are set by the linker in a release: -X main.version=1.2.3.
var version, commit = "", ""

// programVersion is the release, or what is known about the source.
func programVersion() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}

// versionText is what version and --version print after "codegraph version". The flag
// is the library's own: with a template of ours the linker would keep each method of
// each type, eight megabytes.
func versionText() string {
	from := ""
	if c := programCommit(); c != "" {
		from = "commit " + c + ", "
	}
	return fmt.Sprintf("%s (%s%s, %s/%s)", programVersion(), from, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// programCommit is the commit of the source, "" if it is not known.
func programCommit() string {
	if commit != "" {
		return commit
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value[:min(len(s.Value), 12)]
		}
	}
	return ""
}

func newVersionCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(p.stdout, "codegraph version", versionText())
			return err
		},
	}
}
