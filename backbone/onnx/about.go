package onnx

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"

	"codegraph/internal/checkpoint"
	"codegraph/internal/regular"
)

// Ext is the extension of a network's file.
const Ext = ".onnx"

// About is what is known of a network beside its Info.
type About struct {
	Library  string // file, or the name that the system found
	Version  string // of the library
	Provider string
	Outputs  []Output
	Settings Settings
}

// Output is an output as it came from an image of the default size.
type Output struct {
	Name       string
	Dimensions []int64
	Use        string // what it was recognised as
}

// outputs lists the outputs for errors.
func (a *About) outputs() string {
	var all []string
	for _, o := range a.Outputs {
		all = append(all, fmt.Sprintf("%s %v", o.Name, o.Dimensions))
	}
	return strings.Join(all, ", ")
}

// checkFile finds what is often in a network's place: see
// [checkpoint.Mistaken].
func checkFile(path string) error {
	f, err := regular.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	start := make([]byte, 512)
	n, err := io.ReadFull(f, start)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: %w", path, err)
	}
	if what := checkpoint.Mistaken(start[:n]); what != "" {
		return fmt.Errorf("%s: %s", path, what)
	}
	return nil
}

// sideFile is where the settings of a network may stand.
func sideFile(path string) string { return strings.TrimSuffix(path, filepath.Ext(path)) + ".json" }

// digest covers the files of a network, weights beside it under their usual
// names, and what else features depend on.
func digest(path string, a About, layers []string) (string, error) {
	h := sha256.New()
	for _, name := range []string{path, path + ".data", path + "_data"} {
		f, err := regular.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		size, err := io.Copy(h, f)
		f.Close()
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "\x00%d\x00", size)
	}
	settings, err := json.Marshal(a.Settings)
	if err != nil {
		return "", err
	}
	fmt.Fprintf(h, "%s\x00%s\x00%s\x00%q", a.Version, a.Provider, settings, layers)
	return hex.EncodeToString(h.Sum(nil)), nil
}
