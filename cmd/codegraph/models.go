package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"codegraph"
	"codegraph/backbone"
	"codegraph/backbone/effnet"
	"codegraph/backbone/onnx"
	"codegraph/backbone/vit"
	"codegraph/internal/checkpoint"
)

// modelsEnv names the folder in which networks are looked for by name.
const modelsEnv = "CODEGRAPH_MODELS"

// modelsDir is the models folder, which need not exist.
func modelsDir() (string, error) {
	if dir := os.Getenv(modelsEnv); dir != "" {
		return dir, nil
	}
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("there is no folder of models: %w; set %s", err, modelsEnv)
	}
	return filepath.Join(dir, "codegraph", "models"), nil
}

// model is a checkpoint in the models folder.
type model struct {
	Name string // what --backbone takes
	Path string
}

// listModels lists the models folder: files NAME.safetensors and of other
// extensions of checkpoints, NAME.onnx, indexes NAME.safetensors.index.json and
// folders NAME that hold a checkpoint.
func listModels(dir string) ([]model, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("models folder: %w", err)
	}
	var found []model
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		name, isFile := checkpointName(e.Name())
		stat, err := os.Stat(path) // follows links
		switch {
		case err != nil:
		case isONNX(path) && !stat.IsDir():
			found = append(found, model{strings.TrimSuffix(e.Name(), filepath.Ext(path)), path})
		case isFile && !stat.IsDir() && !isShard(name):
			found = append(found, model{name, path})
		case stat.IsDir() && checkpoint.Holds(path):
			found = append(found, model{e.Name(), path})
		}
	}
	return found, nil
}

// checkpointName is the name of a checkpoint's file, or of its index, without
// the extension.
func checkpointName(file string) (name string, ok bool) {
	file = strings.TrimSuffix(file, ".index.json")
	ext := filepath.Ext(file)
	return strings.TrimSuffix(file, ext), slices.Contains(checkpoint.Extensions(), strings.ToLower(ext))
}

// isONNX recognises a network for ONNX Runtime by its name.
func isONNX(path string) bool { return strings.EqualFold(filepath.Ext(path), onnx.Ext) }

// isShard recognises the name of one file of several.
func isShard(name string) bool {
	_, total, ok := strings.Cut(name, "-of-")
	return ok && strings.Trim(total, "0123456789") == ""
}

// isBuiltin reports whether name is a network in the program.
func isBuiltin(name string) bool { return isDefault(name) || effnet.Has(name) }

// isDefault reports whether name stands for the library's own network.
func isDefault(name string) bool { return name == "" || name == "default" }

// findModel returns the checkpoint that --backbone names: a path, a name in the
// models folder, or one of the hub that is in its cache.
func findModel(name string) (string, error) {
	if name == "" {
		return "", usagef("--backbone is empty")
	}
	_, isCheckpoint := checkpointName(name)
	if strings.ContainsAny(name, `/\`) || filepath.Ext(name) != "" {
		if _, err := os.Stat(name); err == nil || isCheckpoint || isONNX(name) || filepath.Base(name) != name {
			if r := repository(name); err != nil && r != "" {
				return cachedModel(name, r)
			}
			if err != nil {
				return "", usagef("--backbone: cannot find %s: %w", name, errors.Unwrap(err))
			}
			return name, nil
		}
	}
	dir, err := modelsDir()
	if err != nil {
		return "", err
	}
	models, err := listModels(dir)
	if err != nil {
		return "", err
	}
	names := effnet.Names()
	for _, m := range models {
		if m.Name == name {
			return m.Path, nil
		}
		names = append(names, m.Name)
	}
	if r := repository(name); r != "" {
		return cachedModel(name, r)
	}
	slices.Sort(names)
	return "", withHint(usagef("--backbone %q: there are %s", name, strings.Join(slices.Compact(names), ", ")),
		"name a file that ends in "+strings.Join(append(checkpoint.Extensions(), onnx.Ext), ", ")+", or put one into "+dir)
}

// openBackbone loads the network that --backbone names, to run on a provider
// if that is ONNX Runtime's business, and in a precision if it is ours.
func openBackbone(name, provider string, precision codegraph.Precision) (backbone.Backbone, error) {
	if isDefault(name) {
		return effnet.Default()
	}
	if isBuiltin(name) {
		return effnet.Named(name)
	}
	path, err := findModel(name)
	if err != nil {
		return nil, err
	}
	if isONNX(path) {
		return openONNX(path, provider)
	}
	return vit.Open(path, vit.Options{Fast: precision.Effective() == codegraph.PrecisionFast})
}

// openONNX loads a network for ONNX Runtime.
func openONNX(path, provider string) (*onnx.Network, error) {
	dir, err := modelsDir()
	if err != nil {
		dir = "" // one place less to look for the library
	}
	return onnx.Open(path, provider, dir)
}

// checkProvider finds a provider that is unknown or of no use.
func checkProvider(name, provider string) error {
	if err := oneOf("provider", provider, onnx.Providers()...); err != nil {
		return err
	}
	if provider == onnx.Providers()[0] {
		return nil
	}
	path := ""
	if !isBuiltin(name) {
		var err error
		if path, err = findModel(name); err != nil {
			return err
		}
	}
	if !isONNX(path) {
		return usagef("--provider %s: %s runs on the CPU; only %s networks run elsewhere", provider, name, onnx.Ext)
	}
	return nil
}
