package main

import (
	"github.com/spf13/cobra"
)

func newBenchCommand(p *program) *cobra.Command {
	cmd := &cobra.Command{Use: "bench"}
	cmd.AddCommand(newBenchSynthCommand(p))
	return cmd
}
