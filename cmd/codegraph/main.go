// Command codegraph finds defective parts in an unlabelled batch of images.
//
// Run "codegraph help" for its commands. Each has a file of its own here;
// what they do is in the packages they call.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"codegraph/internal/option"
)

func main() { os.Exit(execute(builtin)) }

// execute runs the process's command line until it is done or interrupted.
func execute(e engine) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// After the first signal the next one ends the process at once.
	context.AfterFunc(ctx, stop)
	return run(ctx, os.Args[1:], os.Stdout, os.Stderr, e)
}

// program is what the commands share.
type program struct {
	stdout, stderr io.Writer
	engine         engine
	started        bool // arguments were fine, the command is running
	json           bool // errors are to be printed as JSON too
}

// run executes one command line and returns its exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer, e engine) int {
	p := &program{stdout: stdout, stderr: stderr, engine: e, json: wantsJSON(args)}
	root := newRootCommand(p)
	if len(args) > 0 && strings.HasPrefix(args[0], cobra.ShellCompRequestCmd) {
		completeValues(root)
	}
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err != nil && !p.started {
		err = asUsage(err)
	}
	return finish(ctx, err, p.json, stderr)
}

const exitCodes = `
Exit codes:
  0    done
  1    failed; an error says why
  2    wrong usage; nothing was done
  3    done, but some input could not be read
  4    done, and an image fails (only with scan --exit-code; before 3)
  130  interrupted; no file is half-written`

func newRootCommand(p *program) *cobra.Command {
	root := &cobra.Command{
		Use:   "codegraph",
		Short: "Find defective parts in an unlabelled batch of images",
		Long: `codegraph compares the images of a batch with each other and finds what does
not belong: defects that are rare, and defects that recur on many images. It
needs no training, no labels and no network connection.
` + exitCodes,
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			p.started = true
			return p.fetchNamed(cmd)
		},
		Version: versionText(),
	}
	root.SetUsageFunc(printUsage)
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(newScanCommand(p), newJobCommand(p), newServeCommand(p), newExplainCommand(p), newDemoCommand(p), newBenchCommand(p), newSweepCommand(p), newSynthCommand(p), newRehearseCommand(p), newCacheCommand(p), newModelCommand(p), newPerfCommand(p), newManCommand(), newVersionCommand(p))
	groupCommands(root)
	return root
}

// groupCommands makes commands that have others below them say which there are.
func groupCommands(c *cobra.Command) {
	if !c.HasSubCommands() {
		return
	}
	var names []string
	for _, sub := range c.Commands() {
		names = append(names, sub.Name())
		groupCommands(sub)
	}
	c.Args = func(_ *cobra.Command, args []string) error {
		if len(args) > 0 {
			return usagef("there is no command %s%s", strings.TrimSpace(strings.TrimPrefix(c.CommandPath(), "codegraph")+" "+args[0]), option.DidYouMean(args[0], names))
		}
		return nil
	}
	if !c.Runnable() {
		c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	}
}
