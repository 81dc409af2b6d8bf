package main

import (
	"fmt"
	"io"
	"runtime"
	"text/tabwriter"
	"time"

	"codegraph/backbone/vit"
	"codegraph/internal/gemm"
	"codegraph/internal/hub"
)

// recommendation is a network of the hub that is worth trying.
type recommendation struct {
	Name       string  `json:"name"` // short, for model pull and --backbone
	Repository string  `json:"repository"`
	Note       string  `json:"note"`
	Licence    string  `json:"licence"`
	Download   int64   `json:"download_bytes"` // about
	Seconds    float64 `json:"seconds_per_image"`
	Memory     int64   `json:"memory_bytes"`
	Here       bool    `json:"here"`

	arch vit.Arch
}

// transformer is the shape of a plain network with one class token.
func transformer(family vit.Family, width, depth, heads, patch int) vit.Arch {
	return vit.Arch{Family: family, Width: width, Depth: depth, Heads: heads, Hidden: 4 * width, Patch: patch, ClassToken: true}
}

// recommended are the networks of the papers' tables and smaller ones of their
// kind. Sizes are four bytes for each parameter, CLIP's text tower included;
// licences as the networks' pages state them (facebook/dino-vitb16, DINOv2's model
// card), and for CLIP, whose page on the hub names none, that of OpenAI's code.
var recommended = []recommendation{
	{Name: "clip-vit-large-patch14-336", Repository: "openai/clip-vit-large-patch14-336", Note: "the papers' first network", Licence: "not stated (OpenAI's code: MIT)", Download: 1_710_000_000, arch: transformer(vit.CLIP, 1024, 24, 16, 14)},
	{Name: "dinov2-large", Repository: "facebook/dinov2-large", Note: "the papers' best figures per pixel", Licence: "Apache-2.0", Download: 1_220_000_000, arch: transformer(vit.DINOv2, 1024, 24, 16, 14)},
	{Name: "dinov2-base", Repository: "facebook/dinov2-base", Note: "a third of the time", Licence: "Apache-2.0", Download: 346_000_000, arch: transformer(vit.DINOv2, 768, 12, 12, 14)},
	{Name: "dinov2-small", Repository: "facebook/dinov2-small", Note: "to begin with", Licence: "Apache-2.0", Download: 88_000_000, arch: transformer(vit.DINOv2, 384, 12, 6, 14)},
	{Name: "dino-vitb16", Repository: "facebook/dino-vitb16", Note: "MuSc's third family", Licence: "Apache-2.0", Download: 343_000_000, arch: transformer(vit.DINO, 768, 12, 12, 16)},
}

func recommendedNames() (names []string) {
	for _, r := range recommended {
		names = append(names, r.Name)
	}
	return names
}

// share of the speed of a matrix product that a whole forward pass reaches, by
// the times of docs/models.md.
const share = 0.65

// estimate says what the networks take on this machine, embedding at the default
// size on all cores, in single precision: operations over a share of the speed of a
// matrix product, which is measured.
func estimate() []recommendation {
	speed, cores := productSpeed(), runtime.GOMAXPROCS(0)
	all := append([]recommendation(nil), recommended...)
	c, err := hub.FromEnvironment()
	for i := range all {
		r := &all[i]
		r.Seconds = r.arch.Operations() / (share * speed) / float64(cores)
		r.Memory = r.arch.Memory(cores)
		if err == nil {
			_, absent := c.Cached(r.Repository)
			r.Here = absent == nil
		}
	}
	return all
}

// productSpeed is operations per second of one core in a product of matrices
// like those of a transformer, the best of a few.
func productSpeed() float64 {
	const m, k, n = 96, 1024, 1024
	a, b := make([]float32, m*k), make([]float32, k*n)
	for i := range a {
		a[i] = float32(i % 7)
	}
	for i := range b {
		b[i] = float32(i % 5)
	}
	p, dst := new(gemm.Packed), make([]float32, m*gemm.Stride(n))
	p.Columns(b, k, n, k)
	best := time.Duration(1 << 62)
	for range 20 {
		start := time.Now()
		gemm.Mul(dst, gemm.Stride(n), a, k, m, p)
		best = min(best, max(time.Since(start), 1))
	}
	return 2 * m * k * n / best.Seconds()
}

func printRecommended(out io.Writer, all []recommendation) error {
	fmt.Fprintf(out, "\nnetworks to fetch with model pull (time for an image on all cores and memory are\nestimates for this machine, sizes those of single precision):\n")
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, r := range all {
		here := ""
		if r.Here {
			here = "here"
		}
		fmt.Fprintf(w, "%s\t%s\t%.1f s\t%s\t%s\t%s\t\n", r.Name, short(r.Download), r.Seconds, short(r.Memory), r.Licence, here)
	}
	return w.Flush()
}

// short writes a number of bytes in GB or MB.
func short(n int64) string {
	if n >= 1e9 {
		return fmt.Sprintf("%.1f GB", float64(n)/1e9)
	}
	return fmt.Sprintf("%.0f MB", float64(n)/1e6)
}
