package torchfile

import (
	"fmt"
	"slices"
	"strings"

	"codegraph/internal/checkpoint/tensor"
)

// wrappers are the keys under which training runs save the network, and
// nothing else.
var wrappers = []string{"state_dict", "model", "model_state_dict", "model_ema", "ema", "teacher", "student", "network", "net", "module", "backbone", "encoder", "target_encoder", "params", "weights"}

// maxNesting is how deep the dictionary of tensors may lie.
const maxNesting = 4

// found is a dictionary that holds tensors.
type found struct {
	path []string
	dict *dict
}

// tensors gives the tensors of the state dict in what was saved.
func tensors(object any, contents func(*storage) ([]byte, error)) (map[string]*tensor.Tensor, error) {
	d, err := stateDict(object)
	if err != nil {
		return nil, err
	}
	all := make(map[string]*tensor.Tensor)
	for i, k := range d.keys {
		name, ok := k.(string)
		t, isTensor := d.values[i].(*stored)
		if !ok || !isTensor {
			continue
		}
		data, err := contents(t.storage)
		if err != nil {
			return nil, fmt.Errorf("tensor %q: %w", name, err)
		}
		if all[name], err = tensor.View(name, t.storage.dtype, t.shape, t.strides, t.offset, data); err != nil {
			return nil, fmt.Errorf("tensor %q: %w", name, err)
		}
	}
	return all, nil
}

// stateDict finds the dictionary of the network's tensors.
func stateDict(saved any) (*dict, error) {
	if module, ok := saved.(*object); ok {
		return module.flatten()
	}
	root, ok := saved.(*dict)
	if !ok {
		return nil, fmt.Errorf("what was saved is not a dictionary of tensors; in Python, save the network's state_dict()")
	}
	all := search(nil, root, make(map[*dict]bool))
	// The authors of DINO evaluate the teacher.
	if under(all, "teacher") {
		all = slices.DeleteFunc(all, func(f found) bool { return slices.Contains(f.path, "student") })
	}
	switch len(all) {
	case 1:
		return all[0].dict, nil
	case 0:
		return nil, fmt.Errorf("no tensors in what was saved: looked at its keys %s", some(root))
	}
	var paths []string
	for _, f := range all {
		paths = append(paths, strings.Join(f.path, "."))
	}
	return nil, fmt.Errorf("it holds several networks, %s: in Python, save the one that is meant", strings.Join(paths, ", "))
}

func under(all []found, key string) bool {
	return slices.ContainsFunc(all, func(f found) bool { return slices.Contains(f.path, key) })
}

// search lists the dictionaries with tensors of their own: d, or else those
// under the usual keys in it. Each is looked at once.
func search(path []string, d *dict, seen map[*dict]bool) []found {
	if seen[d] {
		return nil
	}
	seen[d] = true
	for i, k := range d.keys {
		if _, name := k.(string); !name {
			continue
		}
		if _, ok := d.values[i].(*stored); ok {
			return []found{{path, d}}
		}
	}
	if len(path) == maxNesting {
		return nil
	}
	var all []found
	for i, k := range d.keys {
		key, _ := k.(string)
		if inner, ok := d.values[i].(*dict); ok && slices.Contains(wrappers, key) {
			all = append(all, search(append(slices.Clone(path), key), inner, seen)...)
		}
	}
	return all
}

// some lists the first keys of a dictionary.
func some(d *dict) string {
	var names []string
	for _, k := range d.keys {
		if name, ok := k.(string); ok && len(names) < 5 {
			names = append(names, name[:min(len(name), 40)])
		}
	}
	return fmt.Sprintf("%q", names)
}
