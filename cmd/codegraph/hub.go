package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"codegraph/internal/hub"
)

// repository is the name on the hub that name stands for: a recommended
// network's short one, or OWNER/NAME; "" if it is neither.
func repository(name string) string {
	for _, r := range recommended {
		if r.Name == name {
			return r.Repository
		}
	}
	if _, isFile := checkpointName(name); !isFile && !isONNX(name) && hub.Valid(name) {
		return name
	}
	return ""
}

// cachedModel is the folder of a network of the hub; the error says how to
// fetch it.
func cachedModel(name, repository string) (string, error) {
	c, err := hub.FromEnvironment()
	if err != nil {
		return "", err
	}
	dir, err := c.Cached(repository)
	if err != nil {
		return "", withHint(usagef("--backbone %s: %w", name, err), "fetch it: codegraph model pull "+name)
	}
	return dir, nil
}

// fetchNamed fetches the network that --backbone names on the command line, if
// it is one of the hub and not here. Nothing else fetches but model pull.
func (p *program) fetchNamed(cmd *cobra.Command) error {
	flag := cmd.Flags().Lookup("backbone")
	if flag == nil || !flag.Changed {
		return nil
	}
	name := flag.Value.String()
	if _, err := os.Stat(name); err == nil || !hub.Valid(name) || repository(name) == "" {
		return nil
	}
	if _, err := cachedModel(name, name); err == nil {
		return nil
	}
	quiet := cmd.Flags().Lookup("quiet")
	_, err := p.pull(cmd.Context(), name, quiet != nil && quiet.Value.String() == "true")
	return err
}

// pull fetches a network of the hub and returns its folder.
func (p *program) pull(ctx context.Context, name string, quiet bool) (string, error) {
	c, err := hub.FromEnvironment()
	if err != nil {
		return "", err
	}
	d := &downloads{w: p.stderr}
	if !quiet {
		c.Progress = d.update
		defer d.stop()
	}
	return c.Pull(ctx, name)
}

// downloads shows how far the fetching of files is: a bar on a terminal,
// elsewhere a line for each file.
type downloads struct {
	w    io.Writer
	file string
	bar  *progressbar.ProgressBar
}

func (d *downloads) update(file string, done, total int64) {
	if file != d.file {
		d.stop()
		d.file = file
		if f, ok := d.w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
			d.bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(d.w), progressbar.OptionSetDescription(file),
				progressbar.OptionShowBytes(true), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionSetWidth(30), progressbar.OptionClearOnFinish())
		} else {
			fmt.Fprintf(d.w, "fetching %s, %s\n", file, short(total))
		}
	}
	if d.bar != nil {
		d.bar.Set64(done)
	}
}

func (d *downloads) stop() {
	if d.bar != nil {
		d.bar.Finish()
		d.bar = nil
	}
}

func newModelPullCommand(p *program) *cobra.Command {
	var quiet bool
	cmd := &cobra.Command{
		Use:   "pull NAME",
		Short: "Fetch a network from a model hub",
		Long: `Pull fetches a checkpoint and the configuration beside it from a hub that speaks
the Hugging Face protocol into the cache that its own tools use, and prints the
folder. NAME is OWNER/NAME, with @REVISION if it is not main, or a short name
that model list shows. A fetch that was interrupted goes on where it was; sizes
and SHA-256 digests are checked. --backbone OWNER/NAME on a command line
fetches, too; nothing else does.

  HF_ENDPOINT     the hub's address (default: ` + hub.Endpoint + `)
  HF_TOKEN        your token, for networks that ask for one
  HF_HOME         folder of the cache (default: ~/.cache/huggingface)
  HF_HUB_OFFLINE  1: fetch nothing
` + exitCodes,
		Example: `  codegraph model pull dinov2-large
  codegraph scan photos --backbone facebook/dinov2-large`,
		Args: oneModel,
		RunE: func(cmd *cobra.Command, args []string) error {
			name := repository(args[0])
			if name == "" {
				return usagef("%q is neither OWNER/NAME nor one of %s", args[0], strings.Join(recommendedNames(), ", "))
			}
			dir, err := p.pull(cmd.Context(), name, quiet)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(p.stdout, filepath.Clean(dir))
			return err
		},
	}
	cmd.Flags().BoolVarP(&quiet, "quiet", "q", false, "print no progress")
	return cmd
}
