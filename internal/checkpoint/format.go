package checkpoint

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"codegraph/internal/checkpoint/safetensors"
	"codegraph/internal/checkpoint/tensor"
	"codegraph/internal/checkpoint/torchfile"
)

// parse reads a file of any format.
func parse(data []byte) (map[string]*tensor.Tensor, error) {
	if what := Mistaken(data); what != "" {
		return nil, errors.New(what)
	}
	if torchfile.Is(data) {
		return torchfile.Parse(data)
	}
	return safetensors.Parse(data)
}

// lfsPointer begins the file that a Git repository holds for a large one.
const lfsPointer = "version https://git-lfs.github.com/spec/"

// Mistaken names what is often found in the place of a network's file, and
// says what to do: data is its contents or the first of them. It returns "" for
// anything else.
func Mistaken(data []byte) string {
	start := bytes.TrimLeft(data[:min(len(data), 512)], " \t\r\n\ufeff")
	lower := strings.ToLower(string(start))
	switch {
	case len(data) == 0:
		return "the file is empty: download it again"
	case strings.HasPrefix(lower, lfsPointer):
		return fmt.Sprintf("this is the pointer that Git LFS leaves in a file's place%s, not the file: run git lfs pull in the repository, or download the file by itself", pointedAt(lower))
	case strings.HasPrefix(lower, "<!doctype"), strings.HasPrefix(lower, "<html"), strings.HasPrefix(lower, "<?xml"):
		return "this is a web page, not a checkpoint: the download went wrong (a wrong address, or one that wants you to log in); take the file's own address"
	case strings.HasPrefix(lower, "{") && bytes.IndexByte(data[:min(len(data), 8)], 0) < 0: // a safetensors file begins with a length, which may look like a brace
		return "this is JSON text, not a checkpoint: an error message saved in its place, or a configuration; look into the file"
	}
	return ""
}

// pointedAt is the size of the file that a pointer stands for, in brackets.
func pointedAt(pointer string) string {
	for line := range strings.Lines(pointer) {
		if size, ok := strings.CutPrefix(line, "size "); ok {
			return " (of " + strings.TrimSpace(size) + " bytes)"
		}
	}
	return ""
}
