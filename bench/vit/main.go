// Command vit times the forward pass of a vision transformer: as many images
// at a time as there are threads, round after round. It prints a line of JSON
// per round. compare.py lays it beside PyTorch.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"

	"codegraph/backbone/vit"
	"codegraph/internal/perf"
)

// round is what one round took.
type round struct {
	Images  int     `json:"images"`
	Seconds float64 `json:"seconds"`
	CPU     float64 `json:"cpu"` // seconds of processor time
}

func main() {
	model := flag.String("model", "", "checkpoint")
	size := flag.Int("size", 518, "input side in pixels")
	threads := flag.Int("threads", runtime.GOMAXPROCS(0), "images in flight")
	fast := flag.Bool("fast", false, "linear layers among 16-bit integers")
	flag.Parse()
	if err := run(*model, *size, *threads, *fast); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run loads the model and does a round for every line of standard input.
func run(model string, size, threads int, fast bool) error {
	runtime.GOMAXPROCS(threads)
	n, err := vit.Open(model, vit.Options{Fast: fast})
	if err != nil {
		return err
	}
	x := make([]float32, 3*size*size)
	for i := range x {
		x[i] = float32(i%255)/128 - 1
	}
	out := json.NewEncoder(os.Stdout)
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		start, cpu := time.Now(), perf.ProcessTime().Seconds()
		var wg sync.WaitGroup
		errs := make([]error, threads)
		for t := range threads {
			wg.Go(func() { _, errs[t] = n.Forward(context.Background(), x, size, size) })
		}
		wg.Wait()
		for _, err := range errs {
			if err != nil {
				return err
			}
		}
		if err := out.Encode(round{threads, time.Since(start).Seconds(), perf.ProcessTime().Seconds() - cpu}); err != nil {
			return err
		}
	}
	return nil
}
