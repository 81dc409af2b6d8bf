package vit

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path/filepath"
	"regexp"
	"strings"

	"codegraph/internal/regular"
)

// config is what the files beside a checkpoint tell of the network; fields that
// are nil or zero are not in them.
type config struct {
	path string // of the first file, for errors
	kind string // what the network is called there, for errors
	// family is what kind stands for; "" with a kind: it is not implemented.
	family Family

	width, depth, heads, patch, image int

	activation string // transformers' name for it
	// quickByDefault says that an activation that is not named is CLIP's own.
	quickByDefault bool
	epsilon        *float64
	theta          float64
	mean, std      []float32
}

// maxConfig bounds a configuration file.
const maxConfig = 1 << 20

// readers are the files that may lie beside a checkpoint, and what reads them;
// what an earlier one tells counts.
var readers = []struct {
	name  string
	parse func([]byte) (*config, error)
}{
	{"preprocessor_config.json", parsePreprocessor},
	{"config.json", parseConfig},
	{"open_clip_config.json", parseConfig},
}

// readConfig reads the configuration in a folder; nil if there is none.
func readConfig(dir string) (*config, error) {
	var all *config
	for _, r := range readers {
		path := filepath.Join(dir, r.name)
		data, err := readSmall(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		c, err := r.parse(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		c.path = path
		if all == nil {
			all = c
		} else {
			all.fill(c)
		}
	}
	return all, nil
}

// readSmall reads a file of at most maxConfig bytes.
func readSmall(path string) ([]byte, error) {
	data, err := regular.Read(path, maxConfig)
	if errors.Is(err, regular.ErrLong) {
		return nil, fmt.Errorf("%w: that is not a configuration of a network", err)
	}
	return data, err
}

// fill takes from o what c does not tell.
func (c *config) fill(o *config) {
	if c.kind == "" {
		c.path, c.kind, c.family, c.quickByDefault = o.path, o.kind, o.family, o.quickByDefault
	}
	for _, f := range []struct {
		own   *int
		other int
	}{{&c.width, o.width}, {&c.depth, o.depth}, {&c.heads, o.heads}, {&c.patch, o.patch}, {&c.image, o.image}} {
		if *f.own == 0 {
			*f.own = f.other
		}
	}
	if c.activation == "" {
		c.activation = o.activation
	}
	if c.epsilon == nil {
		c.epsilon = o.epsilon
	}
	if c.theta == 0 {
		c.theta = o.theta
	}
	if c.mean == nil && c.std == nil {
		c.mean, c.std = o.mean, o.std
	}
}

// parsePreprocessor reads transformers' preprocessor_config.json, of which the
// colours count: sizes and filters are those of mutual scoring.
func parsePreprocessor(data []byte) (*config, error) {
	var p struct {
		Mean      []float32 `json:"image_mean"`
		Std       []float32 `json:"image_std"`
		Normalise *bool     `json:"do_normalize"`
	}
	if err := json.Unmarshal(data, &p); err != nil {
		return nil, fmt.Errorf("not the configuration of a preprocessor: %w", err)
	}
	if p.Normalise != nil && !*p.Normalise {
		p.Mean, p.Std = []float32{0, 0, 0}, []float32{1, 1, 1}
	}
	c := &config{mean: p.Mean, std: p.Std}
	return c, c.checkColours()
}

// checkColours makes sure that a mean and a standard deviation are of use.
func (c *config) checkColours() error {
	if c.mean == nil && c.std == nil {
		return nil
	}
	if len(c.mean) != 3 || len(c.std) != 3 {
		return fmt.Errorf("the mean has %d values and the standard deviation %d: a network of photographs has three of each", len(c.mean), len(c.std))
	}
	for i, s := range c.std {
		if m := c.mean[i]; !(s > 0) || m-m != 0 || s-s != 0 {
			return fmt.Errorf("mean %v, standard deviation %v: they must be finite, and the deviation positive", c.mean, c.std)
		}
	}
	return nil
}

// document is a config.json of transformers or timm, or open_clip's file.
type document struct {
	ModelType     string   `json:"model_type"`
	Architectures []string `json:"architectures"`
	Width         int      `json:"hidden_size"`
	Depth         int      `json:"num_hidden_layers"`
	Heads         int      `json:"num_attention_heads"`
	Patch         int      `json:"patch_size"`
	Image         any      `json:"image_size"` // a number, or two
	Activation    string   `json:"hidden_act"`
	Epsilon       *float64 `json:"layer_norm_eps"`
	Theta         float64  `json:"rope_theta"`

	Vision *document `json:"vision_config"` // of a model of images and text

	Architecture string      `json:"architecture"` // timm's
	Pretrained   *pretrained `json:"pretrained_cfg"`

	Clip *struct {
		QuickGELU bool `json:"quick_gelu"`
		Vision    struct {
			Timm      string `json:"timm_model_name"`
			Width     int    `json:"width"`
			Patch     int    `json:"patch_size"`
			HeadWidth int    `json:"head_width"`
			Pool      bool   `json:"attentional_pool"`
		} `json:"vision_cfg"`
	} `json:"model_cfg"` // open_clip's
	Preprocess *pretrained `json:"preprocess_cfg"`
}

// pretrained is how timm and open_clip note the preparation of images.
type pretrained struct {
	Tag  string    `json:"tag"`
	Mean []float32 `json:"mean"`
	Std  []float32 `json:"std"`
}

func parseConfig(data []byte) (*config, error) {
	var d document
	if err := json.Unmarshal(data, &d); err != nil {
		return nil, fmt.Errorf("not the configuration of a network: %w", err)
	}
	var c *config
	switch {
	case d.Clip != nil:
		c = d.openCLIP()
	case d.Architecture != "":
		c = d.timm()
	default:
		c = d.transformers()
	}
	return c, c.checkColours()
}

// colours are those of p, if there are any.
func (c *config) colours(p *pretrained) {
	if p != nil {
		c.mean, c.std = p.Mean, p.Std
	}
}

// transformers reads a config.json of transformers.
func (d *document) transformers() *config {
	if v := d.Vision; v != nil {
		if v.ModelType == "" {
			v.ModelType = d.ModelType
		}
		d = v
	}
	c := &config{
		width: d.Width, depth: d.Depth, heads: d.Heads, patch: d.Patch,
		activation: d.Activation, epsilon: d.Epsilon, theta: d.Theta, quickByDefault: d.ModelType != "",
	}
	if side, ok := d.Image.(float64); ok && side == math.Trunc(side) && side < maxConfig {
		c.image = int(side)
	}
	if d.ModelType != "" {
		c.kind, c.family = "the model type "+d.ModelType, modelTypes[d.ModelType]
	}
	if c.family == DINO && strings.Contains(strings.Join(d.Architectures, " "), "Classification") {
		c.family = ViT
	}
	return c
}

// modelTypes are transformers' for the families. DINO has that of a plain
// network.
var modelTypes = map[string]Family{
	"clip": CLIP, "clip_vision_model": CLIP, "dinov2": DINOv2, "dinov2_with_registers": DINOv2, "vit": DINO, "vit_mae": ViT,
	"dinov3_vit": DINOv3, "siglip": SigLIP, "siglip_vision_model": SigLIP, "siglip2": SigLIP, "siglip2_vision_model": SigLIP,
}

// timm reads a config.json of timm.
func (d *document) timm() *config {
	name, tag, _ := strings.Cut(strings.ToLower(d.Architecture), ".")
	c := new(config)
	if d.Pretrained != nil {
		if tag == "" {
			tag = strings.ToLower(d.Pretrained.Tag)
		}
		c.colours(d.Pretrained)
	}
	c.kind, c.family = "the architecture "+d.Architecture, timmFamily(name, tag)
	if c.family == CLIP {
		c.activation = "gelu"
		if strings.Contains(name, "quickgelu") || strings.HasPrefix(tag, "openai") { // OpenAI's weights were trained with it
			c.activation = "quick_gelu"
		}
	}
	return c
}

// plain are timm's names of networks without any particulars.
var plain = regexp.MustCompile(`^(vit|deit)_[a-z]+_patch\d+(_\d+)?$`)

// timmFamily is the family of a network by its name and the tag of its
// weights; "" if it is not implemented.
func timmFamily(name, tag string) Family {
	vit := strings.HasPrefix(name, "vit_")
	switch {
	case strings.HasPrefix(name, "vit_pe_"), strings.Contains(name, "rope"): // rotary embeddings of their own
		return ""
	case vit && strings.Contains(name, "dinov3"):
		return DINOv3
	case vit && strings.Contains(name, "dinov2"):
		return DINOv2
	case vit && strings.Contains(name, "siglip"):
		return SigLIP
	case vit && strings.Contains(name, "_clip_"):
		return CLIP
	case vit && strings.HasSuffix(name, "_dino"), plain.MatchString(name) && tag == "dino":
		return DINO
	case plain.MatchString(name):
		return ViT
	}
	return ""
}

// openCLIP reads an open_clip_config.json.
func (d *document) openCLIP() *config {
	v := d.Clip.Vision
	c := &config{kind: "open_clip", family: CLIP, width: v.Width, patch: v.Patch, activation: "gelu"}
	if v.Timm != "" {
		c = (&document{Architecture: v.Timm}).timm()
	}
	if v.Pool {
		c.kind, c.family = "open_clip with attentional pooling", ""
	}
	if d.Clip.QuickGELU {
		c.activation = "quick_gelu"
	}
	if v.HeadWidth > 0 && v.Width > 0 {
		c.heads = v.Width / v.HeadWidth
	}
	c.colours(d.Preprocess)
	return c
}

// known refuses a network that its files call something not implemented.
func (c *config) known() error {
	if c.kind != "" && c.family == "" {
		return fmt.Errorf("%s says %s, which is not implemented here: CLIP, DINO, DINOv2, DINOv3, SigLIP and plain vision transformers are", c.path, c.kind)
	}
	return nil
}

// fits refuses a configuration that belongs to another network than a, and
// tells a plain vision transformer from DINO.
func (c *config) fits(a *Arch) error {
	image := 0
	if a.Grid > 0 {
		image = a.Grid * a.Patch
	}
	for _, f := range []struct {
		name        string
		given, true int
	}{{"width", c.width, a.Width}, {"depth", c.depth, a.Depth}, {"patch", c.patch, a.Patch}, {"image size", c.image, image}} {
		if f.given != 0 && f.true != 0 && f.given != f.true {
			return fmt.Errorf("%s is of another network: its %s is %d, the checkpoint's %d; keep each checkpoint in a folder of its own", c.path, f.name, f.given, f.true)
		}
	}
	otherColours := c.mean != nil && [3]float32(c.mean) != imageNetMean // DINO's are ImageNet's
	if a.Family == DINO && (c.family == ViT || otherColours) {
		a.Family = ViT
	}
	if c.family != "" && c.family != a.Family && !(c.family == DINO && a.Family == ViT) {
		return fmt.Errorf("%s says %s, which is %s, but the tensors are %s's: keep each checkpoint in a folder of its own", c.path, c.kind, c.family, a.Family)
	}
	return nil
}
