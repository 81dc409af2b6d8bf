package onnx

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"codegraph/internal/regular"
)

// Settings are what a file beside the network may tell: NAME.json beside
// NAME.onnx, or else preprocessor_config.json as model hubs have it, of which
// image_mean and image_std count. Fields that are zero are not in it.
type Settings struct {
	Mean    []float32 `json:"mean"` // of RGB in 0…1; ImageNet's without
	Std     []float32 `json:"std"`
	Size    int       `json:"size"`    // default input side, in pixels
	Outputs []string  `json:"outputs"` // the layers, in order; all that fit without
	Class   string    `json:"class"`   // an output [1][C]: the class token; none: "none"
	Radii   []int     `json:"radii"`
	Grid    int       `json:"grid"`

	ImageMean []float32 `json:"image_mean"`
	ImageStd  []float32 `json:"image_std"`
}

// maxSettings bounds a side file.
const maxSettings = 1 << 20

// noClass is Settings.Class for a network whose first token is not a class token.
const noClass = "none"

// readSettings reads the file beside a network.
func readSettings(path string) (Settings, error) {
	for _, side := range []string{sideFile(path), filepath.Join(filepath.Dir(path), "preprocessor_config.json")} {
		data, err := regular.Read(side, maxSettings)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return Settings{}, fmt.Errorf("onnx: %s: %w", side, err)
		}
		s, err := parseSettings(data)
		if err != nil {
			return Settings{}, fmt.Errorf("onnx: %s: %w", side, err)
		}
		if filepath.Base(side) == "preprocessor_config.json" {
			s = Settings{Mean: s.Mean, Std: s.Std} // its size is an object of another meaning
		}
		return s, nil
	}
	return parseSettings([]byte("{}"))
}

// imageNet is the mean and standard deviation of most networks.
var imageNet = [2][]float32{{0.485, 0.456, 0.406}, {0.229, 0.224, 0.225}}

func parseSettings(data []byte) (Settings, error) {
	var s Settings
	err := json.Unmarshal(data, &s)
	var other *json.UnmarshalTypeError
	if errors.As(err, &other) && other.Field == "size" { // a hub's {"height": …}
		err = nil
	}
	if err != nil {
		return s, fmt.Errorf("not the settings of a network: %w", err)
	}
	if s.Mean == nil {
		s.Mean = s.ImageMean
	}
	if s.Std == nil {
		s.Std = s.ImageStd
	}
	if s.Mean == nil && s.Std == nil {
		s.Mean, s.Std = imageNet[0], imageNet[1]
	}
	return s, s.check()
}

func (s *Settings) check() error {
	if len(s.Mean) != 3 || len(s.Std) != 3 {
		return fmt.Errorf("mean has %d values and std %d: give three of each", len(s.Mean), len(s.Std))
	}
	for c, v := range s.Std {
		if !(v > 0) || s.Mean[c]-s.Mean[c] != 0 || v-v != 0 {
			return fmt.Errorf("mean %v, std %v: they must be finite, and std positive", s.Mean, s.Std)
		}
	}
	for _, r := range s.Radii {
		if r < 1 || r%2 == 0 {
			return fmt.Errorf("radii %v: they must be odd and positive", s.Radii)
		}
	}
	if s.Size < 0 || s.Grid < 0 {
		return fmt.Errorf("size %d, grid %d: they must not be negative", s.Size, s.Grid)
	}
	return nil
}
