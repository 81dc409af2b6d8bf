package torchfile

import (
	"fmt"
	"strings"
)

// object is a module of a TorchScript archive: its attributes, which are tensors,
// numbers and other modules. The code that goes with it is not looked at.
type object struct{ attributes dict }

// isScript recognises the name of a type that the code of a TorchScript archive
// defines.
func isScript(module string) bool {
	return module == scriptModule || strings.HasPrefix(module, scriptModule+".")
}

const scriptModule = "__torch__"

// scriptType stands for any such type.
var scriptType = &global{name: scriptModule, make: func(_ *machine, name string, args tuple) (any, error) {
	if len(args) != 0 {
		return nil, fmt.Errorf("%s of %d arguments", name, len(args))
	}
	return new(object), nil
}}

// maxModules is how deep modules may lie in each other.
const maxModules = 32

// flatten gives the tensors of a module and of those in it under their dotted
// names, as its state_dict() does. A module that is reached twice counts once.
func (o *object) flatten() (*dict, error) {
	all := new(dict)
	seen := make(map[*object]bool)
	var walk func(prefix string, o *object, depth int) error
	walk = func(prefix string, o *object, depth int) error {
		if depth > maxModules {
			return fmt.Errorf("modules lie more than %d deep in each other", maxModules)
		}
		if seen[o] {
			return nil
		}
		seen[o] = true
		for i, k := range o.attributes.keys {
			name, ok := k.(string)
			if !ok || len(name) > maxLine {
				return fmt.Errorf("a module of %.40q has an attribute whose name is not one", prefix)
			}
			switch v := o.attributes.values[i].(type) {
			case *stored:
				all.set(prefix+name, v)
			case *object:
				if err := walk(prefix+name+".", v, depth+1); err != nil {
					return err
				}
			}
		}
		return nil
	}
	return all, walk("", o, 0)
}
