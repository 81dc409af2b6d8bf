package main

import (
	"fmt"
	"maps"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"codegraph/internal/cache"
)

func newCacheCommand(p *program) *cobra.Command {
	var flags cacheFlags
	var clear, asJSON bool
	cmd := &cobra.Command{
		Use:   "cache [flags]",
		Short: "Show or clear the cache of bench and sweep",
		Long: `Cache shows what bench and sweep keep on disk: the features of images, the
distances and scores of batches, finished evaluations. What is kept depends on
all that went into it, so it is never out of date; clearing it only costs time.
` + exitCodes,
		Example: `  codegraph cache
  codegraph cache --clear`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			p.json = p.json || asJSON
			if flags.Dir == noCache {
				return usagef("--cache is off: there is nothing to show")
			}
			if flags.Dir == "" {
				dir, err := cache.DefaultDir()
				if err != nil {
					return err
				}
				flags.Dir = dir
			}
			return p.runCache(flags, clear, asJSON)
		},
	}
	cmd.Flags().SortFlags = false
	flags.addFlags(cmd.Flags())
	cmd.Flags().BoolVar(&clear, "clear", false, "remove everything that is kept")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (p *program) runCache(flags cacheFlags, clear, asJSON bool) error {
	dir, err := flags.open()
	if err != nil {
		return err
	}
	if clear {
		if err := dir.Clear(); err != nil {
			return err
		}
	}
	stat, err := dir.Stat()
	if err != nil {
		return err
	}
	if asJSON {
		return p.printJSON(map[string]any{"folder": flags.Dir, "entries": stat.Entries, "bytes": stat.Bytes, "kinds": stat.Kinds})
	}
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(p.stdout, "%s\n", flags.Dir)
	for _, kind := range slices.Sorted(maps.Keys(stat.Kinds)) {
		fmt.Fprintf(w, "%s\t%d\t%s\t\n", kind, stat.Kinds[kind].Entries, mebibytes(stat.Kinds[kind].Bytes))
	}
	fmt.Fprintf(w, "all\t%d\t%s\t\n", stat.Entries, mebibytes(stat.Bytes))
	return w.Flush()
}

func mebibytes(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }
