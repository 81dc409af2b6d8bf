package vit

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"codegraph/internal/checkpoint"
)

// tensors is a checkpoint in the making: name → shape.
type tensors map[string][]int

// encode writes a checkpoint of F32 tensors; value gives each element, nil
// small random ones.
func (ts tensors) encode(t testing.TB, value func(name string, i int) float32) []byte {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	if value == nil {
		value = func(string, int) float32 { return float32(rng.NormFloat64() * 0.1) }
	}
	header := make(map[string]any)
	var body []byte
	for name, shape := range ts {
		n := 1
		for _, d := range shape {
			n *= d
		}
		begin := len(body)
		for i := range n {
			body = binary.LittleEndian.AppendUint32(body, math.Float32bits(value(name, i)))
		}
		header[name] = map[string]any{"dtype": "F32", "shape": shape, "data_offsets": []int{begin, len(body)}}
	}
	text, err := json.Marshal(header)
	if err != nil {
		t.Fatal(err)
	}
	out := binary.LittleEndian.AppendUint64(nil, uint64(len(text)))
	return append(append(out, text...), body...)
}

func (ts tensors) file(t testing.TB, value func(string, int) float32) *checkpoint.File {
	t.Helper()
	f, err := checkpoint.Parse(ts.encode(t, value))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// with adds the tensors of each block of a network.
func (ts tensors) with(blocks string, depth int, each tensors) tensors {
	for i := range depth {
		for name, shape := range each {
			ts[fmt.Sprintf("%s.%d.%s", blocks, i, name)] = shape
		}
	}
	return ts
}

// vitTensors are those of a plain network in the original layout.
func vitTensors(width, depth, hidden, patch, positions int) tensors {
	ts := tensors{
		"cls_token": {1, 1, width}, "pos_embed": {1, positions, width},
		"patch_embed.proj.weight": {width, 3, patch, patch}, "patch_embed.proj.bias": {width},
		"norm.weight": {width}, "norm.bias": {width},
	}
	return ts.with("blocks", depth, tensors{
		"norm1.weight": {width}, "norm1.bias": {width}, "norm2.weight": {width}, "norm2.bias": {width},
		"attn.qkv.weight": {3 * width, width}, "attn.qkv.bias": {3 * width},
		"attn.proj.weight": {width, width}, "attn.proj.bias": {width},
		"mlp.fc1.weight": {hidden, width}, "mlp.fc1.bias": {hidden},
		"mlp.fc2.weight": {width, hidden}, "mlp.fc2.bias": {width},
	})
}

func TestRecogniseRefuses(t *testing.T) {
	change := func(name string, shape ...int) tensors {
		ts := vitTensors(64, 2, 64, 4, 5)
		if shape == nil {
			delete(ts, name)
		} else {
			ts[name] = shape
		}
		return ts
	}
	relative := change("pos_embed")
	relative["rel_pos_bias.relative_position_bias_table"] = []int{9, 1}
	for _, tc := range []struct {
		name string
		ts   tensors
		want string
	}{
		{"nothing", tensors{}, "no tensors"},
		{"a convolutional network", tensors{"conv.weight": {8, 3, 3, 3}}, "known here"},
		{"flat patches", change("patch_embed.proj.weight", 64, 48), "3 × side × side"},
		{"long patches", change("patch_embed.proj.weight", 64, 3, 4, 2), "3 × side × side"},
		{"grey patches", change("patch_embed.proj.weight", 64, 1, 4, 4), "3 × side × side"},
		{"no width", change("patch_embed.proj.weight", 0, 3, 4, 4), "not believable"},
		{"no positions", change("pos_embed"), "is missing"},
		{"positions of no square", change("pos_embed", 1, 4, 63), "shape"},
		{"odd positions", change("pos_embed", 1, 8, 64), "square"},
		{"no block between", change("blocks.0.norm1.weight"), "known here"},
		{"lost norm of a later block", change("blocks.1.norm1.weight"), "later one"},
		{"no expansion", change("blocks.0.mlp.fc1.weight"), "missing"},
		{"no contraction", change("blocks.0.mlp.fc2.weight"), "missing"},
		{"no attention", change("blocks.1.attn.qkv.weight"), "missing"},
		{"lost bias", change("blocks.1.norm2.bias"), "missing"},
		{"no final norm", change("norm.weight"), "missing"},
		{"narrow attention", change("blocks.1.attn.qkv.weight", 128, 64), "expected [192 64]"},
		{"narrow norm", change("blocks.1.norm1.weight", 32), "expected [64]"},
		{"long registers", change("register_tokens", 1, 65, 64), "registers"},
		{"narrow registers", change("register_tokens", 1, 2, 32), "expected [2 64]"},
		{"norms inside of attention", change("blocks.1.attn.q_norm.weight", 64), "norms inside of attention"},
		{"a norm of patches", change("patch_embed.norm.weight", 64), "another kind"},
		{"relative positions", change("blocks.1.attn.relative_position_bias_table", 9, 1), "relative positions"},
		{"attention pooling", change("attn_pool.latent", 1, 1, 64), "attention pooling"},
		{"relative positions alone", relative, "relative positions of BEiT"},
		{"lost bias of a layer", change("blocks.1.attn.qkv.bias"), `"blocks.1.attn.qkv.bias" is missing, of which another block has the like`},
		{"unknown heads", vitTensors(72, 1, 64, 4, 5), "number of heads"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := load(tc.ts.file(t, nil), nil, false)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Fatalf("error %v, want one with %q", err, tc.want)
			}
		})
	}
}

// TestPrefixes: names may have what training code puts before them.
func TestPrefixes(t *testing.T) {
	prefixed := func(prefixes ...string) tensors {
		ts := make(tensors)
		for _, p := range prefixes {
			for name, shape := range vitTensors(64, 2, 64, 4, 5) {
				ts[p+name] = shape
			}
		}
		return ts
	}
	for _, tc := range []struct {
		prefixes []string
		want     string // of the error, "" for none
	}{
		{[]string{"module."}, ""},
		{[]string{"_orig_mod."}, ""},
		{[]string{"model."}, ""},
		{[]string{"teacher.backbone."}, ""},
		{[]string{"model._orig_mod.module.encoder."}, ""},
		{[]string{"student.backbone.", "teacher.backbone."}, ""},
		{[]string{"model.", "encoder."}, "several networks"},
		{[]string{"image_encoder."}, "known here"},
	} {
		_, err := load(prefixed(tc.prefixes...).file(t, nil), nil, false)
		if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
			t.Errorf("%q: %v, want %q", tc.prefixes, err, tc.want)
		}
	}
}

func TestNotFinite(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(-1)} {
		f := vitTensors(64, 2, 64, 4, 5).file(t, func(name string, i int) float32 {
			if name == "blocks.1.mlp.fc2.weight" && i == 77 {
				return float32(bad)
			}
			return 0.1
		})
		if _, err := load(f, nil, false); err == nil || !strings.Contains(err.Error(), "position 77") {
			t.Errorf("%v: error %v", bad, err)
		}
	}
}

// clipTensors are those of CLIP in the layout of open_clip.
func clipTensors(width, depth, patch, grid int) tensors {
	ts := tensors{
		"visual.class_embedding": {width}, "visual.positional_embedding": {1 + grid*grid, width},
		"visual.conv1.weight":  {width, 3, patch, patch},
		"visual.ln_pre.weight": {width}, "visual.ln_pre.bias": {width},
		"visual.ln_post.weight": {width}, "visual.ln_post.bias": {width},
	}
	return ts.with("visual.transformer.resblocks", depth, tensors{
		"ln_1.weight": {width}, "ln_1.bias": {width}, "ln_2.weight": {width}, "ln_2.bias": {width},
		"attn.in_proj_weight": {3 * width, width}, "attn.in_proj_bias": {3 * width},
		"attn.out_proj.weight": {width, width}, "attn.out_proj.bias": {width},
		"mlp.c_fc.weight": {width, width}, "mlp.c_fc.bias": {width},
		"mlp.c_proj.weight": {width, width}, "mlp.c_proj.bias": {width},
	})
}

// TestActivation: QuickGELU is told from GELU by the configuration, or by the
// precision of the weights.
func TestActivation(t *testing.T) {
	half := func(_ string, i int) float32 { return float32(i%37-18) / 256 }
	full := func(_ string, i int) float32 { return float32(i%37-18) / 255 }
	for _, tc := range []struct {
		name    string
		value   func(string, int) float32
		config  string
		want    string
		assumed bool
	}{
		{"OpenAI's weights", half, "", "quick_gelu", true},
		{"LAION's weights", full, "", "gelu", true},
		{"transformers, said", half, `{"model_type":"clip","vision_config":{"hidden_act":"gelu"}}`, "gelu", false},
		{"transformers, by default", full, `{"model_type":"clip","vision_config":{"hidden_size":64}}`, "quick_gelu", false},
		{"open_clip", full, `{"model_cfg":{"quick_gelu":true,"vision_cfg":{"width":64,"layers":1}}}`, "quick_gelu", false},
		{"open_clip, by default", half, `{"model_cfg":{"vision_cfg":{"width":64,"layers":1}}}`, "gelu", false},
	} {
		var c *config
		if tc.config != "" {
			var err error
			if c, err = parseConfig([]byte(tc.config)); err != nil {
				t.Fatal(err)
			}
		}
		_, a, err := recognise(clipTensors(64, 1, 4, 2).file(t, tc.value), c)
		if err != nil {
			t.Fatalf("%s: %v", tc.name, err)
		}
		if a.Activation != tc.want || len(a.Assumed) > 0 != tc.assumed || a.Family != CLIP {
			t.Errorf("%s: %s %s, assumed %q; want %s", tc.name, a.Family, a.Activation, a.Assumed, tc.want)
		}
	}
}

func TestAllHalf(t *testing.T) {
	for _, tc := range []struct {
		v    float32
		want bool
	}{{0, true}, {1, true}, {-0.333251953125, true}, {0x1p-24, true}, {0x1.8p-24, false}, {0x1p-25, false}, {1.0 / 3, false}, {0x1.004p-14, true}, {0x1.004p-15, false}} {
		if got := allHalf([]float32{tc.v}); got != tc.want {
			t.Errorf("%v: %v", tc.v, got)
		}
	}
}

// TestShapes: names, heads, sizes and taps of published networks.
func TestShapes(t *testing.T) {
	for _, tc := range []struct {
		a     Arch
		name  string
		heads int
		size  int
		taps  []int
	}{
		{Arch{Family: CLIP, Width: 768, Depth: 12, Patch: 32, Grid: 7}, "clip-vit-base-patch32", 12, 512, []int{2, 5, 8, 11}},
		{Arch{Family: CLIP, Width: 768, Depth: 12, Patch: 16, Grid: 14}, "clip-vit-base-patch16", 12, 512, []int{2, 5, 8, 11}},
		{Arch{Family: CLIP, Width: 1024, Depth: 24, Patch: 14, Grid: 16}, "clip-vit-large-patch14", 16, 518, []int{5, 11, 17, 23}},
		{Arch{Family: CLIP, Width: 1024, Depth: 24, Patch: 14, Grid: 24}, "clip-vit-large-patch14-336", 16, 518, []int{5, 11, 17, 23}},
		{Arch{Family: CLIP, Width: 1280, Depth: 32, Patch: 14, Grid: 16}, "clip-vit-huge-patch14", 16, 518, []int{7, 15, 23, 31}},
		{Arch{Family: DINOv2, Width: 384, Depth: 12, Patch: 14, Grid: 37}, "dinov2-small", 6, 518, []int{2, 5, 8, 11}},
		{Arch{Family: DINOv2, Width: 1536, Depth: 40, Patch: 14, Grid: 37, Registers: 4}, "dinov2-with-registers-giant", 24, 518, []int{9, 19, 29, 39}},
		{Arch{Family: DINO, Width: 384, Depth: 12, Patch: 8, Grid: 28}, "dino-vit-small-patch8", 6, 296, []int{2, 5, 8, 11}},
		{Arch{Family: DINOv3, Width: 1280, Depth: 32, Patch: 16}, "dinov3-vit-huge-patch16", 20, 512, []int{7, 15, 23, 31}},
		{Arch{Family: SigLIP, Width: 1152, Depth: 27, Patch: 14, Grid: 27}, "siglip-so400m-patch14-378", 16, 518, []int{5, 12, 19, 26}},
	} {
		if got := tc.a.Name(); got != tc.name {
			t.Errorf("%s is called %s", tc.name, got)
		}
		if got := tc.a.heads(); got != tc.heads {
			t.Errorf("%s has %d heads", tc.name, got)
		}
		if got := tc.a.size(); got != tc.size {
			t.Errorf("%s works at %d", tc.name, got)
		}
		if got := taps(tc.a.Depth); !slices.Equal(got, tc.taps) {
			t.Errorf("%s is tapped at %v", tc.name, got)
		}
	}
}

// TestConfig: what the files beside a checkpoint say counts, and what does not
// fit the tensors is refused.
func TestConfig(t *testing.T) {
	vitData := vitTensors(64, 2, 64, 4, 5).encode(t, nil)
	clipData := clipTensors(64, 1, 4, 2).encode(t, nil)
	half := [3]float32{0.5, 0.5, 0.5}
	const preprocessor = "preprocessor_config.json"
	for _, tc := range []struct {
		name   string
		data   []byte
		files  map[string]string
		want   string // of the error, "" for none
		family Family
		mean   [3]float32
	}{
		{"nothing beside", vitData, nil, "", DINO, imageNetMean},
		{"another width", vitData, map[string]string{"config.json": `{"hidden_size":128}`}, "another network: its width", "", half},
		{"another size", vitData, map[string]string{"config.json": `{"image_size":224}`}, "another network: its image size", "", half},
		{"its own size", vitData, map[string]string{"config.json": `{"image_size":8}`}, "", DINO, imageNetMean},
		{"two sizes", vitData, map[string]string{"config.json": `{"image_size":[8,8]}`}, "", DINO, imageNetMean},
		{"seven heads", vitData, map[string]string{"config.json": `{"num_attention_heads":7}`}, "do not divide", "", half},
		{"negative heads", vitData, map[string]string{"config.json": `{"num_attention_heads":-1}`}, "do not divide", "", half},
		{"an activation", vitData, map[string]string{"config.json": `{"hidden_act":"step"}`}, "not known", "", half},
		{"an epsilon", vitData, map[string]string{"config.json": `{"layer_norm_eps":-1}`}, "makes no sense", "", half},
		{"a list", vitData, map[string]string{"config.json": `[]`}, "not the configuration", "", half},
		{"DINO", vitData, map[string]string{"config.json": `{"model_type":"vit","architectures":["ViTModel"]}`, preprocessor: `{"image_mean":[0.485,0.456,0.406],"image_std":[0.229,0.224,0.225]}`}, "", DINO, imageNetMean},
		{"ViT", vitData, map[string]string{"config.json": `{"model_type":"vit","architectures":["ViTModel"]}`, preprocessor: `{"image_mean":[0.5,0.5,0.5],"image_std":[0.5,0.5,0.5]}`}, "", ViT, half},
		{"a classifier", vitData, map[string]string{"config.json": `{"model_type":"vit","architectures":["ViTForImageClassification"]}`, preprocessor: `{"image_mean":[0.5,0.5,0.5],"image_std":[0.5,0.5,0.5],"size":224}`}, "", ViT, half},
		{"MAE", vitData, map[string]string{"config.json": `{"model_type":"vit_mae"}`}, "", ViT, imageNetMean},
		{"no colours", vitData, map[string]string{preprocessor: `{"do_normalize":false}`}, "", ViT, [3]float32{}},
		{"two colours", vitData, map[string]string{preprocessor: `{"image_mean":[0.5,0.5],"image_std":[0.5,0.5]}`}, "three of each", "", half},
		{"a deviation of zero", vitData, map[string]string{preprocessor: `{"image_mean":[0.5,0.5,0.5],"image_std":[0.5,0,0.5]}`}, "positive", "", half},
		{"BEiT", vitData, map[string]string{"config.json": `{"model_type":"beit"}`}, "model type beit, which is not implemented", "", half},
		{"DeiT", vitData, map[string]string{"config.json": `{"model_type":"deit"}`}, "model type deit, which is not implemented", "", half},
		{"another family", vitData, map[string]string{"config.json": `{"model_type":"dinov2"}`}, "is dinov2, but the tensors are dino's", "", half},
		{"timm's ViT", vitData, map[string]string{"config.json": `{"architecture":"vit_base_patch16_224","pretrained_cfg":{"tag":"augreg_in21k","mean":[0.5,0.5,0.5],"std":[0.5,0.5,0.5]}}`}, "", ViT, half},
		{"timm's DINO", vitData, map[string]string{"config.json": `{"architecture":"vit_small_patch16_224","pretrained_cfg":{"tag":"dino","mean":[0.485,0.456,0.406],"std":[0.229,0.224,0.225]}}`}, "", DINO, imageNetMean},
		{"timm's perception encoder", clipData, map[string]string{"config.json": `{"architecture":"vit_pe_core_base_patch16_224"}`}, "vit_pe_core_base_patch16_224, which is not implemented", "", half},
		{"timm's EVA", vitData, map[string]string{"config.json": `{"architecture":"eva02_base_patch14_224"}`}, "eva02_base_patch14_224, which is not implemented", "", half},
		{"open_clip's colours", clipData, map[string]string{"open_clip_config.json": `{"model_cfg":{"vision_cfg":{"width":64,"layers":1,"patch_size":4}},"preprocess_cfg":{"mean":[0.5,0.5,0.5],"std":[0.5,0.5,0.5]}}`}, "", CLIP, half},
		{"open_clip's pooling", clipData, map[string]string{"open_clip_config.json": `{"model_cfg":{"vision_cfg":{"attentional_pool":true}}}`}, "attentional pooling, which is not implemented", "", half},
		{"open_clip's SigLIP", clipData, map[string]string{"open_clip_config.json": `{"model_cfg":{"vision_cfg":{"timm_model_name":"vit_base_patch16_siglip_224"}}}`}, "is siglip, but the tensors are clip's", "", half},
	} {
		dir := t.TempDir()
		write := func(name string, data []byte) {
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		write("model.safetensors", tc.data)
		for name, text := range tc.files {
			write(name, []byte(text))
		}
		_, inspected := Inspect(dir)
		n, err := Open(dir, Options{})
		if (err == nil) != (inspected == nil) {
			t.Errorf("%s: opened with %v, inspected with %v", tc.name, err, inspected)
		}
		if tc.want != "" {
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%s: %v, want %q", tc.name, err, tc.want)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
		} else if n.arch.Family != tc.family || n.Info().Mean != tc.mean {
			t.Errorf("%s: %s with mean %v, want %s and %v", tc.name, n.arch.Family, n.Info().Mean, tc.family, tc.mean)
		}
	}
}

// TestTimmFamily: names as they are published.
func TestTimmFamily(t *testing.T) {
	for _, tc := range []struct {
		name, tag  string
		want       Family
		activation string
	}{
		{"vit_base_patch14_dinov2", "lvd142m", DINOv2, ""}, {"vit_large_patch14_reg4_dinov2", "lvd142m", DINOv2, ""},
		{"vit_small_plus_patch16_dinov3_qkvb", "lvd1689m", DINOv3, ""}, {"vit_small_patch16_224", "dino", DINO, ""},
		{"vit_base_patch16_224", "mae", ViT, ""}, {"deit_small_patch16_224", "fb_in1k", ViT, ""}, {"deit3_small_patch16_224", "fb_in1k", "", ""},
		{"vit_large_patch14_clip_336", "openai", CLIP, "quick_gelu"}, {"vit_large_patch14_clip_quickgelu_336", "openai", CLIP, "quick_gelu"},
		{"vit_large_patch14_clip_224", "laion2b", CLIP, "gelu"}, {"vit_so400m_patch14_siglip_378", "webli", SigLIP, ""},
		{"vit_pe_core_large_patch14_336", "fb", "", ""}, {"vit_base_patch16_rope_224", "naver_in1k", "", ""}, {"vit_relpos_base_patch16_224", "sw_in1k", "", ""},
		{"beitv2_base_patch16_224", "", "", ""}, {"eva_giant_patch14_clip_224", "", "", ""}, {"samvit_base_patch16", "sa1b", "", ""}, {"convnext_base", "", "", ""},
	} {
		c := (&document{Architecture: tc.name + "." + tc.tag}).timm()
		if c.family != tc.want || c.activation != tc.activation {
			t.Errorf("%s.%s: %q %q, want %q %q", tc.name, tc.tag, c.family, c.activation, tc.want, tc.activation)
		}
	}
}

// TestNoRegisters: DINOv3's configuration has none by default.
func TestNoRegisters(t *testing.T) {
	ts := vitTensors(64, 2, 64, 4, 5)
	delete(ts, "pos_embed")
	ts["storage_tokens"] = []int{1, 0, 64}
	for _, i := range []string{"0", "1"} {
		ts["blocks."+i+".ls1.gamma"], ts["blocks."+i+".ls2.gamma"] = []int{64}, []int{64}
	}
	n, err := load(ts.file(t, nil), nil, false)
	if err != nil || n.arch.Family != DINOv3 || n.arch.Registers != 0 {
		t.Fatalf("%+v, %v", n, err)
	}
	n.info = n.arch.info("")
	if _, err := n.Forward(context.Background(), make([]float32, 3*8*8), 8, 8); err != nil {
		t.Error(err)
	}
}

func TestForwardErrors(t *testing.T) {
	n, err := Open(filepath.Join("testdata", "dinov2"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	if _, err := n.Forward(ctx, make([]float32, 3*8*6), 8, 6); err == nil {
		t.Error("a size that is not a multiple of the patch was accepted")
	}
	if _, err := n.Forward(ctx, make([]float32, 5), 8, 8); err == nil {
		t.Error("a short input was accepted")
	}
	if _, err := n.Forward(ctx, make([]float32, 0), 0, 0); err == nil {
		t.Error("an empty input was accepted")
	}
	x := make([]float32, 3*8*8)
	x[7] = float32(math.NaN())
	if _, err := n.Forward(ctx, x, 8, 8); err == nil || !strings.Contains(err.Error(), "not finite") {
		t.Errorf("NaN: %v", err)
	}
	cancel()
	if _, err := n.Forward(ctx, make([]float32, 3*8*8), 8, 8); err == nil {
		t.Error("an ended context was ignored")
	}
}

// FuzzRecognise: whatever a checkpoint holds, it is loaded or refused. Headers
// are long: with -fuzzminimizetime 5x it does not spend its time on shortening
// them.
func FuzzRecognise(f *testing.F) {
	for _, folder := range []string{"clip", "clip-open_clip", "dinov2-registers", "dino", "dinov3-gated", "siglip"} {
		data, err := os.ReadFile(filepath.Join("testdata", folder, "model.safetensors"))
		if err != nil {
			f.Fatal(err)
		}
		c, err := os.ReadFile(filepath.Join("testdata", folder, "config.json"))
		if err != nil {
			f.Fatal(err)
		}
		n := binary.LittleEndian.Uint64(data)
		f.Add(string(data[8:8+n]), c)
	}
	beit := vitTensors(8, 1, 8, 2, 5)
	delete(beit, "pos_embed")
	beit["blocks.0.attn.relative_position_bias_table"] = []int{9, 1}
	data := beit.encode(f, nil)
	f.Add(string(data[8:8+binary.LittleEndian.Uint64(data)]), []byte(`{"num_attention_heads":2}`))
	f.Fuzz(func(t *testing.T, header string, settings []byte) {
		data := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
		data = append(append(data, header...), make([]byte, 110_000)...)
		var entries map[string]struct {
			End []int `json:"data_offsets"`
		}
		end := 0
		if json.Unmarshal([]byte(header), &entries) == nil {
			for _, e := range entries {
				if len(e.End) == 2 {
					end = max(end, e.End[1])
				}
			}
		}
		file, err := checkpoint.Parse(data[:min(len(data), max(0, 8+len(header)+min(end, 1<<20)))])
		if err != nil {
			return
		}
		c, err := parseConfig(settings)
		if err != nil {
			c = nil
		} else if p, err := parsePreprocessor(settings); err == nil {
			p.fill(c)
			c = p
		}
		n, err := load(file, c, false)
		if err != nil || n.arch.Patch > 64 {
			return
		}
		n.info = n.arch.info("")
		side := 3 * n.arch.Patch
		n.Forward(context.Background(), make([]float32, 3*side*side), side, side)
	})
}
