// Command growth measures how time and memory grow with the number of images,
// with and without a base, and whether a run keeps to its memory plan.
//
//	go run ./bench/growth -plot docs/scaling.png
//	go run ./bench/growth -n 300 -side 37 -channels 1024 -base 0 -memory 2048
//
// The images are synthetic: a network that makes tokens from the number of the
// image, so that the whole of codegraph.Detect runs but for the network. Every
// run is a process of its own. Times are processor times.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// setting is what one process measures.
type setting struct {
	N, Side, Channels, Base int
	Memory                  int64
	Threads, Evidence       int
	Dir                     string // for what does not fit
}

// outcome is what it finds.
type outcome struct {
	Seconds float64 `json:"seconds"` // processor time
	Wall    float64 `json:"wall"`
	// Private is the most memory in use beside mapped files, Resident with
	// them, both in bytes; Planned what the plan said.
	Private  int64  `json:"private"`
	Resident int64  `json:"resident"`
	Planned  int64  `json:"planned"`
	Block    int    `json:"block"`
	Scores   string `json:"scores"` // a digest
	// Phases are wall-clock seconds.
	Phases map[string]float64 `json:"phases"`
}

func main() {
	log.SetFlags(0)
	numbers := flag.String("n", "25,50,100,200,400,800", "`numbers` of images")
	bases := flag.String("base", "0,100", "`sizes` of the base; 0 is all")
	side := flag.Int("side", 16, "side of the grid in `patches`")
	channels := flag.Int("channels", 128, "`channels` of a token")
	memory := flag.Int64("memory", 0, "run within so many `MiB`, too")
	only := flag.Bool("bounded", false, "run within -memory only")
	dir := flag.String("dir", "", "`folder` for what does not fit into -memory")
	evidence := flag.Int("evidence", 0, "gather evidence for so many `patches`, as a report does")
	threads := flag.Int("threads", 1, "`number` of threads")
	plot := flag.String("plot", "", "draw time and memory against N to this `file`")
	child := flag.String("child", "", "measure one setting, in JSON")
	flag.Parse()
	if *child != "" {
		if err := runChild(*child); err != nil {
			log.Fatal(err)
		}
		return
	}
	bounds := []int64{0}
	if *memory > 0 {
		bounds = append(bounds, *memory<<20)
	}
	if *only {
		bounds = bounds[1:]
	}
	var curves []curve
	fmt.Println("| images | base | bound | cpu s | wall s | private MiB | resident MiB | planned MiB | strip | compare s | families s | filter s | scores |")
	fmt.Println("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |")
	for _, base := range ints(*bases) {
		for _, bound := range bounds {
			c := curve{base: base, bound: bound}
			for _, n := range ints(*numbers) {
				o, err := measure(setting{n, *side, *channels, base, bound, *threads, *evidence, *dir})
				if err != nil {
					log.Fatal(err)
				}
				fmt.Printf("| %d | %s | %s | %.1f | %.1f | %d | %d | %d | %d | %.1f | %.1f | %.1f | %s |\n", n, orAll(base), orNone(bound),
					o.Seconds, o.Wall, o.Private>>20, o.Resident>>20, o.Planned>>20, o.Block,
					o.Phases["compare"], o.Phases["graph"], o.Phases["filter"], o.Scores)
				c.n, c.outcomes = append(c.n, n), append(c.outcomes, o)
			}
			curves = append(curves, c)
		}
	}
	if *plot != "" {
		if err := drawPlots(*plot, curves); err != nil {
			log.Fatal(err)
		}
	}
}

// measure runs a setting in a process of its own.
func measure(s setting) (o outcome, err error) {
	spec, err := json.Marshal(s)
	if err != nil {
		return o, err
	}
	self, err := os.Executable()
	if err != nil {
		return o, err
	}
	cmd := exec.CommandContext(context.Background(), self, "-child", string(spec))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return o, fmt.Errorf("%d images: %w", s.N, err)
	}
	return o, json.Unmarshal(out, &o)
}

func ints(list string) (out []int) {
	for _, f := range strings.Split(list, ",") {
		v, err := strconv.Atoi(strings.TrimSpace(f))
		if err != nil {
			log.Fatalf("%q is not a number", f)
		}
		out = append(out, v)
	}
	return out
}

func orAll(base int) string {
	if base == 0 {
		return "all"
	}
	return strconv.Itoa(base)
}

func orNone(bound int64) string {
	if bound == 0 {
		return "none"
	}
	return fmt.Sprintf("%d MiB", bound>>20)
}
