package vit

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// config is what a configuration beside the checkpoint may tell; nil or zero
// fields are not in it.
type config struct {
	ModelType  string   `json:"model_type"`
	Width      int      `json:"hidden_size"`
	Depth      int      `json:"num_hidden_layers"`
	Heads      int      `json:"num_attention_heads"`
	Patch      int      `json:"patch_size"`
	Activation string   `json:"hidden_act"`
	Epsilon    *float64 `json:"layer_norm_eps"`
	Theta      float64  `json:"rope_theta"`

	Vision *config `json:"vision_config"` // of a model of images and text
	Clip   *struct {
		QuickGELU bool `json:"quick_gelu"`
		Vision    struct {
			Width     int `json:"width"`
			Layers    any `json:"layers"`
			HeadWidth int `json:"head_width"`
		} `json:"vision_cfg"`
	} `json:"model_cfg"` // open_clip's

	path string
}

// maxConfig bounds a configuration file.
const maxConfig = 1 << 20

// readConfig reads the configuration in a folder; nil if there is none.
func readConfig(dir string) (*config, error) {
	for _, name := range []string{"config.json", "open_clip_config.json"} {
		path := filepath.Join(dir, name)
		stat, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if stat.Size() > maxConfig {
			return nil, fmt.Errorf("%s has %d bytes: that is no configuration of a network", path, stat.Size())
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		c, err := parseConfig(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		c.path = path
		return c, nil
	}
	return nil, nil
}

func parseConfig(data []byte) (*config, error) {
	var c config
	if err := json.Unmarshal(data, &c); err != nil {
		return nil, fmt.Errorf("not the configuration of a network: %w", err)
	}
	if c.Vision != nil {
		outer := c.ModelType
		c = *c.Vision
		if c.ModelType == "" {
			c.ModelType = outer
		}
	}
	if c.Clip != nil {
		v := c.Clip.Vision
		c.ModelType, c.Width = "open_clip", v.Width
		c.Activation = "gelu"
		if c.Clip.QuickGELU {
			c.Activation = "quick_gelu"
		}
		if v.HeadWidth > 0 && v.Width > 0 {
			c.Heads = v.Width / v.HeadWidth
		}
	}
	return &c, nil
}

// fits reports a configuration that belongs to another network.
func (c *config) fits(a *Arch) error {
	for _, f := range []struct {
		name        string
		given, true int
	}{{"width", c.Width, a.Width}, {"depth", c.Depth, a.Depth}, {"patch", c.Patch, a.Patch}} {
		if f.given != 0 && f.given != f.true {
			return fmt.Errorf("%s is of another network: its %s is %d, the checkpoint's %d; keep each checkpoint in a folder of its own", c.path, f.name, f.given, f.true)
		}
	}
	return nil
}
