package main

import (
	"strings"
	"testing"
)

func TestSummarise(t *testing.T) {
	table := strings.Join([]string{
		"set\timages\tI-AUROC",
		"washer-1\t56\t90\t91\t0\t0\t20\t30\t10\t40\t[defect density 3.0 gain 0.3 area 0.04: 11 recurring]\t[candidate density 1.0 gain 0.5 area 0.4: 9 good]",
		"washer-2\t56\t90\t93\t0\t0\t20\t50\t20\t30\t[defect density 3.0 gain 0.3 area 0.04: 10 recurring]",
		"washer-3\t56\t90\t92\t0\t0\t20\t20\t30\t30\t[defect density 3.0 gain 0.3 area 0.04: 1 good, 12 recurring]",
	}, "\n")
	var out strings.Builder
	if err := summarise(&out, strings.NewReader(table), "recurring", 12); err != nil {
		t.Fatal(err)
	}
	// Found with 11 of 12; neither with 10 nor with 1 other of 13.
	want := "| washer | 3 | 1 | 2 | +2.0 | +10.0 | 20.0 | 30.0 | +10.0 |"
	if !strings.Contains(out.String(), want) {
		t.Errorf("%s\nwant the line\n%s", out.String(), want)
	}
}
