package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"codegraph"
	"codegraph/backbone"
	"codegraph/backbone/effnet"
	"codegraph/backbone/onnx"
	"codegraph/backbone/vit"
	"codegraph/internal/option"
)

func newModelCommand(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "model",
		Short: "Show, find and try networks",
		Long: `Model is about the networks that --backbone can name: the one in the program,
checkpoints in the models folder by name, any other by its path, and those of a
model hub as OWNER/NAME.

A checkpoint is a .safetensors, .pth, .pt or .bin file, the .index.json of a
sharded one, or a folder with one of these, as model hubs serve them. No code in
a .pth file is run. CLIP, DINO, DINOv2,
DINOv3 and SigLIP are recognised from names and shapes of tensors; config.json
is read where it lies beside. An .onnx file is a network for ONNX Runtime, whose
library is looked for where ` + onnx.LibraryEnv + ` says, beside the program, in
the models folder and among the system's. The models folder is
` + modelsEnv + ` or codegraph/models in the user's configuration folder.
` + exitCodes,
		Args: cobra.NoArgs,
	}
	cmd.AddCommand(newModelInspectCommand(p), newModelListCommand(p), newModelPullCommand(p), newModelCheckCommand(p), newModelDoctorCommand(p))
	return cmd
}

func newModelInspectCommand(p *program) *cobra.Command {
	var asJSON bool
	var provider string
	cmd := &cobra.Command{
		Use:     "inspect MODEL",
		Short:   "Say which network a checkpoint holds",
		Long:    "Inspect loads a checkpoint and prints what it was recognised as.\n" + exitCodes,
		Example: "  codegraph model inspect dinov2-large.safetensors",
		Args:    oneModel,
		RunE: func(_ *cobra.Command, args []string) error {
			p.json = p.json || asJSON
			if err := checkProvider(args[0], provider); err != nil {
				return err
			}
			return p.runModelInspect(args[0], provider, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	addProvider(cmd.Flags(), &provider)
	return cmd
}

func (p *program) runModelInspect(name, provider string, asJSON bool) error {
	if isBuiltin(name) {
		return usagef("%s is in the program: there is no checkpoint to look at", name)
	}
	b, err := openBackbone(name, provider, codegraph.PrecisionExact)
	if err != nil {
		return err
	}
	if n, ok := b.(*onnx.Network); ok {
		defer n.Close()
		if asJSON {
			return p.printJSON(map[string]any{"about": n.About(), "network": n.Info()})
		}
		return printONNX(p.stdout, n.About(), n.Info())
	}
	n, ok := b.(*vit.Network)
	if !ok {
		return fmt.Errorf("%s: nothing is known of this network", name)
	}
	if asJSON {
		return p.printJSON(map[string]any{"architecture": n.Arch(), "network": n.Info()})
	}
	return printModel(p.stdout, n.Arch(), n.Info())
}

// printONNX describes a network for ONNX Runtime.
func printONNX(out io.Writer, a onnx.About, info backbone.Info) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	line := func(what, format string, args ...any) { fmt.Fprintf(w, "%s\t%s\n", what, fmt.Sprintf(format, args...)) }
	line("network", "%s, for ONNX Runtime", info.Name)
	line("library", "%s, release %s, on %s", a.Library, a.Version, a.Provider)
	for _, o := range a.Outputs {
		line("output", "%s %v: %s", o.Name, o.Dimensions, o.Use)
	}
	line("tokens", "class %s; layers %s", yes(info.ClassToken), strings.Join(info.Layers, ", "))
	size := fmt.Sprintf("%d pixels by default, any multiple of %d that the network takes", info.Size, info.Multiple)
	if info.Fixed {
		size = fmt.Sprintf("%d pixels, no other", info.Size)
	}
	line("input", "%s", size)
	line("colours", "mean %v, std %v", info.Mean, info.Std)
	line("digest", "%s", info.Digest)
	return w.Flush()
}

func oneModel(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usagef("%s needs one checkpoint: a path, or a name that model list shows", cmd.CommandPath())
	}
	return nil
}

func (p *program) printJSON(v any) error {
	e := json.NewEncoder(p.stdout)
	e.SetIndent("", " ")
	return e.Encode(v)
}

func printModel(out io.Writer, a vit.Arch, info backbone.Info) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	line := func(what, format string, args ...any) { fmt.Fprintf(w, "%s\t%s\n", what, fmt.Sprintf(format, args...)) }
	line("network", "%s", info.Name)
	line("family", "%s, tensors named as in the %s layout", a.Family, a.Layout)
	line("size", "%d blocks of %d channels, %d heads, %.1f million parameters in %s", a.Depth, a.Width, a.Heads, float64(a.Parameters)/1e6, a.DType)
	gated := ""
	if a.Gated {
		gated = ", gated"
	}
	line("MLP", "%d channels, %s%s", a.Hidden, a.Activation, gated)
	line("patch", "%d pixels", a.Patch)
	if a.Grid > 0 {
		line("position", "learnt for %d × %d patches (%d pixels)", a.Grid, a.Grid, a.Grid*a.Patch)
	} else {
		line("position", "rotary")
	}
	line("tokens", "class %s, %d registers; patches' after %s", yes(a.ClassToken), a.Registers, strings.Join(info.Layers, ", "))
	line("input", "%d pixels by default, any multiple of %d", info.Size, info.Multiple)
	for _, assumed := range a.Assumed {
		line("assumed", "%s", assumed)
	}
	line("digest", "%s", info.Digest)
	return w.Flush()
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func newModelListCommand(p *program) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the networks that --backbone finds by name",
		Long: `List shows the network in the program, the checkpoints in the models folder, and
a few that model pull fetches, with what they would take on this machine. It
fetches nothing.
` + exitCodes,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			p.json = p.json || asJSON
			return p.runModelList(asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// listed is a line of model list.
type listed struct {
	Name    string `json:"name"`
	Network string `json:"network,omitempty"`
	Path    string `json:"path,omitempty"`
	Error   string `json:"error,omitempty"`
}

func (p *program) runModelList(asJSON bool) error {
	dir, err := modelsDir()
	if err != nil {
		return err
	}
	models, err := listModels(dir)
	if err != nil {
		return err
	}
	var lines []listed
	for _, name := range effnet.Names() {
		lines = append(lines, listed{Name: name, Network: "in the program"})
	}
	for _, m := range models {
		l := listed{Name: m.Name, Path: m.Path}
		if isONNX(m.Path) {
			l.Network = "for ONNX Runtime"
		} else if a, err := vit.Inspect(m.Path); err != nil {
			l.Error = oneLine(err.Error())
		} else {
			l.Network = a.Name()
		}
		lines = append(lines, l)
	}
	if asJSON {
		return p.printJSON(map[string]any{"folder": dir, "models": lines, "recommended": estimate()})
	}
	fmt.Fprintf(p.stdout, "models folder: %s\n", dir)
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	for _, l := range lines {
		fmt.Fprintf(w, "%s\t%s\t%s%s\n", l.Name, l.Network, l.Path, l.Error)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return printRecommended(p.stdout, estimate())
}

func newModelCheckCommand(p *program) *cobra.Command {
	var s option.Settings
	var provider string
	cmd := &cobra.Command{
		Use:   "check MODEL",
		Short: "Run a test image through a network",
		Long: `Check loads a network, runs a drawn image through it on one thread and prints
the time and, for each layer, the spread of the tokens' values, their length
and how alike neighbouring and distant tokens are (cosine).
` + exitCodes,
		Example: "  codegraph model check dinov2-large.safetensors --size 224",
		Args:    oneModel,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkProvider(args[0], provider); err != nil {
				return err
			}
			return p.runModelCheck(cmd.Context(), args[0], provider, s.Precision, s.Size)
		},
	}
	addNamed(cmd.Flags(), &s, "size", "precision")
	addProvider(cmd.Flags(), &provider)
	return cmd
}

func (p *program) runModelCheck(ctx context.Context, name, provider string, precision codegraph.Precision, size int) error {
	start := time.Now()
	n, err := openBackbone(name, provider, precision)
	if err != nil {
		return err
	}
	loaded, info := time.Since(start), n.Info()
	if size == 0 {
		size = info.Size
	}
	if info.Fixed && size != info.Size {
		return usagef("--size is %d: %s takes %d only", size, info.Name, info.Size)
	}
	if size < info.Multiple || size%info.Multiple != 0 {
		return usagef("--size is %d: %s takes positive multiples of %d", size, info.Name, info.Multiple)
	}
	start = time.Now()
	f, err := n.Forward(ctx, testImage(size, info), size, size)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "%s: loaded in %.2f s, %d × %d pixels in %.2f s on one thread\n",
		info.Name, loaded.Seconds(), size, size, time.Since(start).Seconds())
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "layer\ttokens\tchannels\tmean\tstd\tmin\tmax\tlength\tneighbours\tdistant\t")
	for i, m := range f.Layers {
		s := describeTokens(m)
		fmt.Fprintf(w, "%s\t%d\t%d\t%.3f\t%.3f\t%.2f\t%.2f\t%.2f\t%.3f\t%.3f\t\n",
			info.Layers[i], m.H*m.W, m.C, s.mean, s.std, s.min, s.max, s.length, s.near, s.far)
	}
	if f.Class != nil {
		fmt.Fprintf(w, "class\t1\t%d\t\t\t\t\t%.2f\t\t\t\n", len(f.Class), math.Sqrt(dot(f.Class, f.Class)))
	}
	return w.Flush()
}

// testImage is a disc with a ring and a notch on a shaded ground, normalised.
func testImage(size int, info backbone.Info) []float32 {
	x := make([]float32, 3*size*size)
	for p := range size * size {
		u := 2*(float64(p%size)+0.5)/float64(size) - 1
		v := 2*(float64(p/size)+0.5)/float64(size) - 1
		r := math.Hypot(u, v)
		rgb := [3]float64{0.25 + 0.1*u, 0.3, 0.35 + 0.1*v}
		if r < 0.7 && r > 0.3 && !(math.Abs(v) < 0.06 && u > 0.55) {
			rgb = [3]float64{0.7 + 0.1*math.Cos(20*r), 0.65, 0.55 + 0.1*u}
		}
		for c := range 3 {
			x[c*size*size+p] = (float32(rgb[c]) - info.Mean[c]) / info.Std[c]
		}
	}
	return x
}

// tokenStatistics describe the tokens of a layer.
type tokenStatistics struct{ mean, std, min, max, length, near, far float64 }

func describeTokens(m backbone.Map) tokenStatistics {
	s := tokenStatistics{min: math.Inf(1), max: math.Inf(-1)}
	var squares float64
	for _, v := range m.Data {
		x := float64(v)
		s.mean, squares = s.mean+x, squares+x*x
		s.min, s.max = min(s.min, x), max(s.max, x)
	}
	n := float64(len(m.Data))
	s.mean /= n
	s.std = math.Sqrt(max(0, squares/n-s.mean*s.mean))
	tokens := m.H * m.W
	for p := range tokens {
		t := func(q int) []float32 { return m.Data[q%tokens*m.C:][:m.C] }
		s.length += math.Sqrt(dot(t(p), t(p))) / float64(tokens)
		s.near += cosine(t(p), t(p+1)) / float64(tokens)
		s.far += cosine(t(p), t(p+tokens/2)) / float64(tokens)
	}
	return s
}

func dot(a, b []float32) float64 {
	var sum float64
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}

func cosine(a, b []float32) float64 { return dot(a, b) / math.Sqrt(dot(a, a)*dot(b, b)) }
