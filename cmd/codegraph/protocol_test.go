package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"codegraph/internal/eval/table"
)

// mvtecNames are the categories of MVTec AD, so that a folder is taken for it.
var mvtecNames = strings.Fields(`bottle cable capsule carpet grid hazelnut leather metal_nut pill screw tile
	toothbrush transistor wood zipper`)

// mvtec makes a folder in the layout of MVTec AD: fifteen categories of three good
// images and two with a square that their masks show.
func mvtec(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	write := func(img image.Image, path ...string) {
		var b bytes.Buffer
		if err := png.Encode(&b, img); err != nil {
			t.Fatal(err)
		}
		put(t, filepath.Join(append([]string{dir}, path...)...), b.String())
	}
	const side = 32
	for c, name := range mvtecNames {
		for i := range 5 {
			img, mask := image.NewRGBA(image.Rect(0, 0, side, side)), image.NewGray(image.Rect(0, 0, side, side))
			for y := range side {
				for x := range side {
					img.SetRGBA(x, y, color.RGBA{byte(x*(c+3) + i), byte(y * (c + 5)), byte(x*y + 3*i), 255})
				}
			}
			if i < 3 {
				write(img, name, "test", "good", fmt.Sprintf("%03d.png", i))
				continue
			}
			for p := range 64 {
				x, y := 4*i+p%8, 6+p/8
				img.SetRGBA(x, y, color.RGBA{255, byte(40 * p), 0, 255})
				mask.SetGray(x, y, color.Gray{255})
			}
			write(img, name, "test", "broken", fmt.Sprintf("%03d.png", i-3))
			write(mask, name, "ground_truth", "broken", fmt.Sprintf("%03d_mask.png", i-3))
		}
	}
	return dir
}

// TestProtocol rehearses the published tables end to end: a dataset of fifteen
// categories, a checkpoint, and our figures beside the paper's with differences.
func TestProtocol(t *testing.T) {
	t.Parallel()
	data := mvtec(t)
	measure := func(args ...string) (*table.Document, string) {
		t.Helper()
		args = append([]string{"bench", "-q", "--data", data, "--backbone", vitTestdata + "/clip", "--size", "20", "--cache", t.TempDir()}, args...)
		doc := exec(context.Background(), &fakeDetect{}, append(args, "--format", "json")...)
		doc.want(t, exitDone)
		markdown := exec(context.Background(), &fakeDetect{}, append(args, "--format", "markdown")...)
		markdown.want(t, exitDone)
		var d table.Document
		if err := json.Unmarshal([]byte(doc.stdout), &d); err != nil {
			t.Fatal(err)
		}
		return &d, markdown.stdout
	}
	d, tables := measure("--protocol", "musc")
	if len(d.Results) != 15 || d.Results[0].Method != table.MuSc || d.Protocol.Size != "20 × 20" || d.Dataset != "MVTec AD" {
		t.Fatalf("%d rows, %+v", len(d.Results), d.Protocol)
	}
	for _, want := range []string{"r = 1, 3, 5", "maximum of the map and RsCIN over 1, 2, 3", "precision exact", "block4", "other backbone", "authors' code repository"} {
		if !strings.Contains(tables, want) {
			t.Errorf("the tables lack %q:\n%s", want, tables)
		}
	}
	ours := float64(d.Results[0].ImageAUROC)
	difference := strings.Replace(fmt.Sprintf("%+.2f", ours-99.92), "-", "−", 1)
	if row := rowOf(tables, "bottle", "99.92"); !strings.Contains(row, fmt.Sprintf("%.2f", ours)) || !strings.Contains(row, difference) {
		t.Errorf("bottle, ours %v, published 99.92: %s", ours, row)
	}
	d, tables = measure("--protocol", "codegraph")
	if len(d.Results) != 15 || d.Results[0].Method != table.CoDeGraph || !strings.Contains(tables, "arXiv 2510.10456") {
		t.Errorf("%d rows of %s:\n%s", len(d.Results), d.Results[0].Method, tables)
	}
	ours = float64(d.Mean[0].PixelF1)
	difference = strings.Replace(fmt.Sprintf("%+.2f", ours-66.8), "-", "−", 1)
	if row := rowOf(tables, "mean of 15", "66.8"); !strings.Contains(row, difference) {
		t.Errorf("mean of pixel F1, ours %v, published 66.8: %s", ours, row)
	}
}

// rowOf returns the first line of tables that begins with a name and holds a cell.
func rowOf(tables, name, cell string) string {
	for line := range strings.Lines(tables) {
		if strings.HasPrefix(line, "| "+name+" |") && strings.Contains(line, cell) {
			return line
		}
	}
	return ""
}

// TestProtocolFixes: what a protocol fixes cannot be chosen beside it, and a network
// without class tokens cannot follow MuSc's.
func TestProtocolFixes(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "set")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ args, want string }{
		{"--protocol winclip", "there is musc, codegraph"},
		{"--protocol musc --align on", "fixes align"},
		{"--protocol musc --rerank none", "fixes rerank"},
		{"--protocol codegraph --set omega=0.3", "fixes omega"},
		{"--protocol codegraph --resolution 100", "--resolution cannot"},
	} {
		args := append([]string{"bench", "--data", dir}, strings.Fields(tc.args)...)
		exec(context.Background(), &fakeDetect{}, args...).want(t, exitUsage, tc.want)
	}
	out := exec(context.Background(), &fakeDetect{}, "bench", "-q", "--data", mvtec(t), "--category", "bottle", "--size", "32", "--backbone", "lite0", "--protocol", "musc")
	if out.code == exitDone || !strings.Contains(out.stderr, "class tokens") {
		t.Errorf("without class tokens: %+v", out)
	}
}
