package vit

import (
	"fmt"
	"slices"
	"strings"

	"codegraph/internal/checkpoint"
)

// layout is one way of naming the tensors of a vision transformer. An empty
// name is a part that the layout does not have. Names of layers stand for
// their .weight and .bias.
type layout struct {
	name     string
	prefixes []string // what may stand before every name
	class    string
	register []string
	position []string
	patch    string
	pre      string // norm before the first block
	final    string
	project  []string // CLIP's, [out][in], or [in][out] in open_clip
	block    string   // with %d for its number
	norm1    string
	qkv      string // fused: weight and bias, or
	qkvW     string // their names where they are not a layer's
	qkvB     string
	q, k, v  string
	out      string
	scale1   []string
	norm2    string
	mlps     []mlpNames // the first that is there counts
	scale2   []string
	bare     []string // biases of queries and values that are not a layer's
}

// mlpNames are the layers of an MLP: expansion and contraction, and the gate
// where it is a layer of its own. An expansion of twice the channels that the
// contraction takes is gate and expansion in one.
type mlpNames struct{ gate, up, down string }

var layouts = []layout{
	{ // CLIP and SigLIP
		name:     "transformers",
		prefixes: []string{"vision_model.", "", "clip.vision_model."},
		class:    "embeddings.class_embedding",
		position: []string{"embeddings.position_embedding.weight"},
		patch:    "embeddings.patch_embedding",
		pre:      "pre_layrnorm", // sic
		final:    "post_layernorm",
		project:  []string{"../visual_projection.weight"},
		block:    "encoder.layers.%d.",
		norm1:    "layer_norm1",
		q:        "self_attn.q_proj", k: "self_attn.k_proj", v: "self_attn.v_proj", out: "self_attn.out_proj",
		norm2: "layer_norm2", mlps: []mlpNames{{"", "mlp.fc1", "mlp.fc2"}},
	},
	{
		name:     "open_clip",
		prefixes: []string{"visual.", ""},
		class:    "class_embedding",
		position: []string{"positional_embedding"},
		patch:    "conv1",
		pre:      "ln_pre",
		final:    "ln_post",
		project:  []string{"proj"},
		block:    "transformer.resblocks.%d.",
		norm1:    "ln_1",
		qkvW:     "attn.in_proj_weight", qkvB: "attn.in_proj_bias", out: "attn.out_proj",
		scale1: []string{"ls_1.gamma"},
		norm2:  "ln_2", mlps: []mlpNames{{"", "mlp.c_fc", "mlp.c_proj"}},
		scale2: []string{"ls_2.gamma"},
	},
	{ // DINOv2
		name:     "transformers",
		prefixes: []string{"", "dinov2.", "dinov2_with_registers."},
		class:    "embeddings.cls_token",
		register: []string{"embeddings.register_tokens"},
		position: []string{"embeddings.position_embeddings"},
		patch:    "embeddings.patch_embeddings.projection",
		final:    "layernorm",
		block:    "encoder.layer.%d.",
		norm1:    "norm1",
		q:        "attention.attention.query", k: "attention.attention.key", v: "attention.attention.value",
		out:    "attention.output.dense",
		scale1: []string{"layer_scale1.lambda1"},
		norm2:  "norm2", mlps: []mlpNames{{"", "mlp.fc1", "mlp.fc2"}, {"", "mlp.weights_in", "mlp.weights_out"}},
		scale2: []string{"layer_scale2.lambda1"},
	},
	{ // DINO
		name:     "transformers",
		prefixes: []string{"", "vit."},
		class:    "embeddings.cls_token",
		position: []string{"embeddings.position_embeddings"},
		patch:    "embeddings.patch_embeddings.projection",
		final:    "layernorm",
		block:    "encoder.layer.%d.",
		norm1:    "layernorm_before",
		q:        "attention.attention.query", k: "attention.attention.key", v: "attention.attention.value",
		out:   "attention.output.dense",
		norm2: "layernorm_after", mlps: []mlpNames{{"", "intermediate.dense", "output.dense"}},
	},
	dinov3Layout("layer.%d."),
	dinov3Layout("model.layer.%d."),
	{ // the authors' own for DINO, DINOv2 and DINOv3, and timm's for all
		name:     "original",
		prefixes: []string{"", "visual.trunk."},
		class:    "cls_token",
		register: []string{"register_tokens", "reg_token", "storage_tokens"},
		position: []string{"pos_embed"},
		patch:    "patch_embed.proj",
		pre:      "norm_pre",
		final:    "norm",
		project:  []string{"head.weight"},
		block:    "blocks.%d.",
		norm1:    "norm1",
		qkv:      "attn.qkv", out: "attn.proj",
		scale1: []string{"ls1.gamma", "gamma_1"},
		norm2:  "norm2",
		mlps: []mlpNames{
			{"", "mlp.fc1", "mlp.fc2"}, {"", "mlp.w12", "mlp.w3"},
			{"mlp.fc1_g", "mlp.fc1_x", "mlp.fc2"}, {"mlp.w1", "mlp.w2", "mlp.w3"},
		},
		scale2: []string{"ls2.gamma", "gamma_2"},
		bare:   []string{"attn.q_bias", "attn.v_bias"},
	},
}

// dinov3Layout is transformers' for DINOv3, whose blocks have two names.
func dinov3Layout(block string) layout {
	return layout{
		name:     "transformers",
		prefixes: []string{"", "dinov3_vit."},
		class:    "embeddings.cls_token",
		register: []string{"embeddings.register_tokens"},
		patch:    "embeddings.patch_embeddings",
		final:    "norm",
		block:    block,
		norm1:    "norm1",
		q:        "attention.q_proj", k: "attention.k_proj", v: "attention.v_proj", out: "attention.o_proj",
		scale1: []string{"layer_scale1.lambda1"},
		norm2:  "norm2", mlps: []mlpNames{{"mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"}, {"", "mlp.up_proj", "mlp.down_proj"}},
		scale2: []string{"layer_scale2.lambda1"},
	}
}

// source gives the tensors of a checkpoint by the names of its layout.
type source struct {
	file   *checkpoint.File
	layout *layout
	prefix string
}

// wrappers are what training code puts before the names of a network.
var wrappers = []string{"model.", "module.", "backbone.", "_orig_mod.", "teacher.", "student.", "encoder.", "network.", "net."}

// wraps reports whether prefix is one of the layout's after any wrappers.
func (l *layout) wraps(prefix string) bool {
	if slices.Contains(l.prefixes, prefix) {
		return true
	}
	return slices.ContainsFunc(wrappers, func(w string) bool {
		rest, ok := strings.CutPrefix(prefix, w)
		return ok && l.wraps(rest)
	})
}

// identify finds the layout that the checkpoint's names follow.
func identify(f *checkpoint.File) (*source, error) {
	names := f.Names()
	for i := range layouts {
		l := &layouts[i]
		var found []*source
		for _, name := range names {
			prefix, ok := strings.CutSuffix(name, l.patch+".weight")
			s := &source{f, l, prefix}
			if ok && l.wraps(prefix) && s.has(s.block(0)+l.norm1+".weight") {
				found = append(found, s)
			}
		}
		if len(found) > 0 {
			return one(found)
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("the checkpoint holds no tensors")
	}
	return nil, fmt.Errorf("not a vision transformer that is known here: CLIP, DINO, DINOv2, DINOv3 and SigLIP are; its tensors are called %s and so on",
		strings.Join(names[:min(3, len(names))], ", "))
}

// one decides between networks of a checkpoint: of a teacher and a student,
// the authors of DINO evaluate the teacher.
func one(found []*source) (*source, error) {
	if len(found) > 1 && slices.ContainsFunc(found, func(s *source) bool { return strings.Contains(s.prefix, "teacher.") }) {
		found = slices.DeleteFunc(found, func(s *source) bool { return strings.Contains(s.prefix, "student.") })
	}
	if len(found) == 1 {
		return found[0], nil
	}
	var prefixes []string
	for _, s := range found {
		prefixes = append(prefixes, fmt.Sprintf("%q", s.prefix))
	}
	return nil, fmt.Errorf("the checkpoint holds several networks, with names that begin with %s: save the one that is meant", strings.Join(prefixes, " and "))
}

// block is what the names in block i start with.
func (s *source) block(i int) string { return fmt.Sprintf(s.layout.block, i) }

func (s *source) full(name string) string {
	if rest, ok := strings.CutPrefix(name, "../"); ok {
		outer := strings.TrimSuffix(s.prefix, "vision_model.")
		return outer + rest
	}
	return s.prefix + name
}

func (s *source) has(name string) bool { return name != "" && s.file.Tensor(s.full(name)) != nil }

// first is the first of names that the checkpoint has, "" if none.
func (s *source) first(names []string) string {
	if i := slices.IndexFunc(names, s.has); i >= 0 {
		return names[i]
	}
	return ""
}

// mlp finds the names of the MLP of block i.
func (s *source) mlp(i int) (mlpNames, error) {
	at := s.block(i)
	for _, m := range s.layout.mlps {
		if s.has(at+m.up+".weight") && (m.gate == "" || s.has(at+m.gate+".weight")) {
			if m.gate != "" {
				m.gate = at + m.gate
			}
			return mlpNames{m.gate, at + m.up, at + m.down}, nil
		}
	}
	return mlpNames{}, fmt.Errorf("tensor %q is missing", s.full(at+s.layout.mlps[0].up+".weight"))
}

// shape returns the shape of a tensor that must be there.
func (s *source) shape(name string) ([]int, error) {
	t := s.file.Tensor(s.full(name))
	if t == nil {
		return nil, fmt.Errorf("tensor %q is missing", s.full(name))
	}
	return t.Shape, nil
}
