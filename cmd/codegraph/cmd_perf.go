package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"codegraph/internal/option"
	"codegraph/internal/perf"
)

func newPerfCommand(p *program) *cobra.Command {
	var asJSON bool
	var flags detectFlags
	cmd := &cobra.Command{
		Use:   "perf [flags] [PATH...]",
		Short: "Measure this machine, or forecast the scan of a folder",
		Long: `With files and folders, perf says what a scan of their images will take on this
machine, minutes and memory, and what would make it faster. It scans 16 of them,
with the flags given.

Without, perf takes some seconds to measure every kernel that this processor can
run: 10⁹ operations per second of one core, its share of what multiply-adds in
registers alone reach, the time to compare two images, and how many images per
minute a batch of 50, 100 or 200 is compared at on all cores. The time of the
network comes on top. "fast" is the search among integers of --precision fast,
which is the default where it is listed. The first kernel is the one that is
used; CODEGRAPH_KERNEL selects another.
` + exitCodes,
		Example: `  codegraph perf photos
  codegraph perf
  codegraph perf --json > machine.json`,
		RunE: func(cmd *cobra.Command, args []string) error {
			p.json = p.json || asJSON
			if len(args) > 0 {
				if err := flags.validate(); err != nil {
					return err
				}
				return p.forecast(cmd.Context(), flags, args, asJSON)
			}
			r, err := perf.Measure(cmd.Context())
			if err != nil {
				return err
			}
			if asJSON {
				return p.printJSON(r)
			}
			return p.printPerf(r)
		},
	}
	cmd.Flags().SortFlags = false
	heading(cmd.Flags(), string(option.Output), func(f *pflag.FlagSet) { f.BoolVar(&asJSON, "json", false, "print JSON") })
	flags.addFlags(cmd.Flags(), scoring...)
	return cmd
}

func (p *program) printPerf(r *perf.Report) error {
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "kernel, one core\tGop/s\tpeak\tof peak\t\n")
	for _, k := range r.Kernels {
		fmt.Fprintf(w, "%s\t%.1f\t%.1f\t%.0f %%\t\n", k.Name, k.GFLOPS, k.Peak, 100*k.Fraction)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "\nComparing on all cores (%d), images per minute by size of the batch:\n\n", r.Cores)
	fmt.Fprint(w, "kernel\tbackbone\tms per pair\t")
	for _, n := range perf.Batches {
		fmt.Fprintf(w, "%d\t", n)
	}
	fmt.Fprintln(w)
	for _, k := range r.Kernels {
		for _, s := range k.Speeds {
			fmt.Fprintf(w, "%s\t%s\t%.2f\t", k.Name, s.Name, s.MSPerPair)
			for _, rate := range s.ImagesPerMinute {
				fmt.Fprintf(w, "%.3g\t", rate.Rate)
			}
			fmt.Fprintln(w)
		}
	}
	return w.Flush()
}
