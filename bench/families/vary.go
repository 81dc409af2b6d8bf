package main

import (
	"context"
	"fmt"
	"strings"

	"codegraph/internal/family"
)

// outcome is what the families of a batch amount to.
func outcome(b *batch, f *family.Finding) string {
	var out []string
	total := 0
	for _, name := range b.Images {
		if isTruth(name) {
			total++
		}
	}
	for _, g := range f.Families {
		in := 0
		for _, i := range g.Images() {
			if isTruth(b.Images[i]) {
				in++
			}
		}
		word := "asked"
		if g.Defect {
			word = "defect"
		}
		n := len(g.Images())
		switch {
		case total > 0 && float64(in) >= .9*float64(total) && float64(n-in) <= 0.05*float64(n):
			word += " found"
		case 2*in > n:
			word += " part"
		default:
			word += " other"
		}
		out = append(out, word)
	}
	if len(out) == 0 {
		return "nothing"
	}
	return strings.Join(out, ", ")
}

// vary counts how many outcomes change with each constant.
func vary(ctx context.Context, args []string) error {
	type variant struct {
		name string
		set  func(p *family.Params)
	}
	vs := []variant{
		{"default", func(*family.Params) {}},
		{"level/2", func(p *family.Params) { p.Level /= 2 }}, {"level*2", func(p *family.Params) { p.Level *= 2 }},
		{"standout/2", func(p *family.Params) { p.StandOut /= 2 }}, {"standout*2", func(p *family.Params) { p.StandOut *= 2 }},
		{"local/2", func(p *family.Params) { p.Local /= 2 }}, {"local*2", func(p *family.Params) { p.Local *= 2 }},
		{"same/2", func(p *family.Params) { p.Same /= 2 }}, {"same*1.6", func(p *family.Params) { p.Same *= 1.6 }},
	}
	changed := make([]int, len(vs))
	defects := make([]int, len(vs))
	n := 0
	for _, file := range args {
		b, t, err := load(file)
		if err != nil {
			return err
		}
		n++
		base := ""
		for k, v := range vs {
			p := family.DefaultParams()
			p.H, p.W, p.Threads = b.H, b.W, 2
			v.set(&p)
			f, err := find(ctx, t, p)
			if err != nil {
				return err
			}
			o := outcome(b, f)
			if k == 0 {
				base = o
				fmt.Printf("%s alone=%v: %s\n", b.Name, b.Alone, o)
			} else if o != base {
				changed[k]++
				fmt.Printf("   %s: %s\n", v.name, o)
			}
			if strings.Contains(o, "defect") != strings.Contains(base, "defect") {
				defects[k]++
			}
		}
	}
	for k, v := range vs {
		fmt.Printf("| %s | %d | %d | of %d\n", v.name, changed[k], defects[k], n)
	}
	return nil
}
