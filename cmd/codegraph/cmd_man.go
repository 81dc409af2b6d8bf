package main

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
	"github.com/spf13/pflag"

	"codegraph/backbone/effnet"
	"codegraph/backbone/onnx"
	"codegraph/internal/eval/table"
	"codegraph/internal/option"
)

func newManCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "man FOLDER",
		Short: "Write manual pages",
		Long: `Man writes a manual page for each command to a folder, such as
/usr/local/share/man/man1. They are dated by the variable
` + dateEnv + `, if it is set.`,
		Example: `  codegraph man man1`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("man takes one folder to write to")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			date, err := sourceDate()
			if err != nil {
				return err
			}
			if date.IsZero() {
				date = time.Now()
			}
			if err := os.MkdirAll(args[0], 0o777); err != nil {
				return fmt.Errorf("manual pages: %w", err)
			}
			root := cmd.Root()
			root.DisableAutoGenTag = true
			header := &doc.GenManHeader{Section: "1", Date: &date, Source: "codegraph " + programVersion(), Manual: "codegraph"}
			if err := doc.GenManTree(root, header, args[0]); err != nil {
				return fmt.Errorf("manual pages: %w", err)
			}
			return nil
		},
	}
}

// completeValues completes the values of options that have a few. Only a process
// that is asked to complete needs it: what it registers is kept until it ends.
func completeValues(cmd *cobra.Command) {
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		values, files := valuesOf(f.Name)
		if len(values) == 0 {
			return
		}
		// It fails for a flag that has one already, which is as good.
		_ = cmd.RegisterFlagCompletionFunc(f.Name, cobra.FixedCompletions(values, files))
	})
	for _, c := range cmd.Commands() {
		completeValues(c)
	}
}

// valuesOf are the values of a flag that has a few, and whether it may name a file
// instead.
func valuesOf(flag string) ([]string, cobra.ShellCompDirective) {
	switch flag {
	case "backbone":
		return effnet.Names(), cobra.ShellCompDirectiveDefault
	case "format":
		return table.Formats(), cobra.ShellCompDirectiveNoFileComp
	case "kind":
		return batchKinds, cobra.ShellCompDirectiveNoFileComp
	case "provider":
		return onnx.Providers(), cobra.ShellCompDirectiveNoFileComp
	case "intensity":
		return []string{option.IntensityAuto, "full"}, cobra.ShellCompDirectiveNoFileComp
	}
	if o, ok := option.Lookup(flag); ok {
		return o.Choices(), cobra.ShellCompDirectiveNoFileComp
	}
	return nil, cobra.ShellCompDirectiveDefault
}
