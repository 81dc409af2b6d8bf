package main

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"

	"codegraph/internal/family"
	"codegraph/internal/mutual"
)

func class(name string) string {
	d, f, _ := strings.Cut(name, "/")
	if strings.HasPrefix(f, "variant") {
		d += "'"
	}
	return d
}

func composition(b *batch, images []int) string {
	n := map[string]int{}
	for _, i := range images {
		n[class(b.Images[i])]++
	}
	var out []string
	for _, k := range slices.Sorted(maps.Keys(n)) {
		out = append(out, fmt.Sprintf("%s %d", k, n[k]))
	}
	return strings.Join(out, ", ")
}

// try prints what the rule finds.
func try(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("try", flag.ExitOnError)
	top := flags.Int("top", 6, "groups listed of each table")
	flags.Parse(args)
	for _, file := range flags.Args() {
		b, t, err := load(file)
		if err != nil {
			return err
		}
		all := make([]int, b.N)
		for i := range all {
			all[i] = i
		}
		fmt.Printf("== %s N %d: %s\n", b.Name, b.N, composition(b, all))
		p := family.DefaultParams()
		p.H, p.W, p.Threads = b.H, b.W, 2
		f, err := find(ctx, t, p)
		if err != nil {
			return err
		}
		for _, g := range f.Families {
			fmt.Printf("  => %s%s: %s\n", map[bool]string{true: "DEFECT", false: "candidate"}[g.Defect], map[bool]string{true: " whole"}[g.Whole], composition(b, g.Images()))
		}
		fmt.Printf("## %s alone=%v: %s\n", b.Name, b.Alone, outcome(b, f))
		if err := truth(ctx, b, t, p); err != nil {
			return err
		}
		for k, groups := range f.Groups {
			for n, g := range groups {
				if n == *top {
					break
				}
				describe([]string{"plain", "flat "}[k], b, &g)
			}
		}
	}
	return nil
}

// truth prints what is to be said of the group that should be found.
func truth(ctx context.Context, b *batch, plain *mutual.Table, p family.Params) error {
	var images []int
	for i, name := range b.Images {
		if isTruth(name) {
			images = append(images, i)
		}
	}
	if len(images) == 0 {
		return nil
	}
	flat := mutual.NewTable(plain.N, plain.P)
	if err := family.Deflate(ctx, flat, plain, p.Local, p.Threads); err != nil {
		return err
	}
	for k, t := range []*mutual.Table{plain, flat} {
		ranked, scores, err := rank(ctx, t, p)
		if err != nil {
			return err
		}
		f, err := family.Examine(ctx, ranked, scores, images, p)
		if err != nil {
			return err
		}
		describe([]string{"* true, plain", "* true, flat "}[k], b, &f)
	}
	return nil
}

func describe(table string, b *batch, g *family.Family) {
	e := g.Evidence
	fmt.Printf("  %s T %6.1f/%.1f  z %5.1f -> %5.1f  area %.3f border %.2f  n %d: %s\n", table, e.Burnout, e.Limit, e.Z, e.Alone, e.Area, e.Border, len(g.Members), composition(b, g.Images()))
}

func isTruth(name string) bool {
	c := strings.TrimSuffix(class(name), "'")
	return c == "recurring" || c == "flip"
}
