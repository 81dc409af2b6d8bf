package main

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// group gathers the lines of one kind of batch, its seeds.
type group struct {
	name                    string
	sets, found, defects    int
	imageGain, allGain      []float64 // CoDeGraph − MuSc, points
	recurring, recurringNow []float64 // pixel AP on the recurring defect
}

var (
	seedSuffix = regexp.MustCompile(`-\d+$`)
	typeCount  = regexp.MustCompile(`(\d+) ([a-z_]+)`)
)

// summarise reads the table that this command prints and writes one line per
// kind of batch. A recurring defect is found if one defect family holds at
// least 90 % of its images and at most 5 % others; planted is their number.
func summarise(w io.Writer, r io.Reader, recurring string, planted int) error {
	var groups []*group
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		cells := strings.Split(lines.Text(), "\t")
		if len(cells) < 10 || cells[0] == "set" {
			continue
		}
		name := seedSuffix.ReplaceAllString(cells[0], "")
		k := slices.IndexFunc(groups, func(g *group) bool { return g.name == name })
		if k < 0 {
			k = len(groups)
			groups = append(groups, &group{name: name})
		}
		if err := groups[k].add(cells, recurring, planted); err != nil {
			return fmt.Errorf("%s: %w", cells[0], err)
		}
	}
	fmt.Fprintln(w, "| batches | seeds | recurring defect found | batches with another defect family | image AUROC, median change | pixel AP, median change | pixel AP of the recurring defect, medians: MuSc | CoDeGraph | change |")
	fmt.Fprintln(w, "| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
	for _, g := range groups {
		change := make([]float64, len(g.recurring))
		for i := range change {
			change[i] = g.recurringNow[i] - g.recurring[i]
		}
		fmt.Fprintf(w, "| %s | %d | %d | %d | %+.1f | %+.1f | %.1f | %.1f | %+.1f |\n", g.name, g.sets, g.found, g.defects,
			median(g.imageGain), median(g.allGain), median(g.recurring), median(g.recurringNow), median(change))
	}
	return lines.Err()
}

func (g *group) add(cells []string, recurring string, planted int) error {
	var v [8]float64
	for k := range v {
		f, err := strconv.ParseFloat(cells[2+k], 64)
		if err != nil {
			return err
		}
		v[k] = f
	}
	g.sets++
	g.imageGain, g.allGain = append(g.imageGain, v[1]-v[0]), append(g.allGain, v[5]-v[4])
	g.recurring, g.recurringNow = append(g.recurring, v[6]), append(g.recurringNow, v[7])
	found, wrong := false, false
	for _, family := range cells[10:] {
		if !strings.HasPrefix(family, "[defect") {
			continue
		}
		_, members, _ := strings.Cut(family, ": ")
		in, others := 0, 0
		for _, m := range typeCount.FindAllStringSubmatch(members, -1) {
			n, _ := strconv.Atoi(m[1])
			if m[2] == recurring {
				in += n
			} else {
				others += n
			}
		}
		if 10*in >= 9*planted && 20*others <= in+others && planted > 0 {
			found = true
		} else {
			wrong = true
		}
	}
	if found {
		g.found++
	}
	if wrong {
		g.defects++
	}
	return nil
}

func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(v))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}
