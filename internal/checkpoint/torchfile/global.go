package torchfile

import (
	"errors"
	"fmt"

	"codegraph/internal/checkpoint/tensor"
)

// global is a name that a pickle may refer to: what constructing it gives.
type global struct {
	name string
	make func(m *machine, name string, args tuple) (any, error) // nil: it cannot be constructed
	// dtype is of the storage type that it is; "" for others.
	dtype tensor.DType
}

// globals are all names that a pickle may use.
var globals = index(
	global{name: "collections OrderedDict", make: makeDict},
	global{name: "torch._utils _rebuild_tensor", make: makeTensor},
	global{name: "torch._utils _rebuild_tensor_v2", make: makeTensor},
	global{name: "torch._utils _rebuild_parameter", make: makeParameter},
	global{name: "torch.nn.parameter Parameter", make: makeParameter},
	global{name: "torch Size", make: makeInert},
	global{name: "torch device", make: makeInert},
	global{name: "argparse Namespace", make: makeInert},
	global{name: "torch.jit._pickle build_intlist", make: makeInert},
	global{name: "torch.jit._pickle build_doublelist", make: makeInert},
	global{name: "torch.jit._pickle build_boollist", make: makeInert},
	global{name: "torch.jit._pickle build_tensorlist", make: makeInert},
	global{name: "torch.jit._pickle restore_type_tag", make: makeInert},
	global{name: "torch DoubleStorage", dtype: tensor.F64},
	global{name: "torch FloatStorage", dtype: tensor.F32},
	global{name: "torch HalfStorage", dtype: tensor.F16},
	global{name: "torch BFloat16Storage", dtype: tensor.BF16},
	global{name: "torch LongStorage", dtype: "I64"},
	global{name: "torch IntStorage", dtype: "I32"},
	global{name: "torch ShortStorage", dtype: "I16"},
	global{name: "torch CharStorage", dtype: "I8"},
	global{name: "torch ByteStorage", dtype: "U8"},
	global{name: "torch BoolStorage", dtype: "BOOL"},
	global{name: "torch float32"}, global{name: "torch float16"},
	global{name: "torch bfloat16"}, global{name: "torch float64"},
)

func index(all ...global) map[string]*global {
	byName := make(map[string]*global, len(all))
	for _, g := range all {
		byName[g.name] = &g
	}
	return byName
}

// global pushes the global that the next two lines name.
func (m *machine) global() error {
	var name [2]string
	for i := range name {
		var err error
		if name[i], err = m.line(); err != nil {
			return err
		}
	}
	g := globals[name[0]+" "+name[1]]
	if g == nil && m.script && isScript(name[0]) {
		g = scriptType
	}
	if g == nil {
		return refused(name[0], name[1])
	}
	m.push(g)
	return nil
}

// refused is the error about a name that is not on the list.
func refused(module, name string) error {
	what := fmt.Sprintf("it refers to %s.%s, which is refused: only tensors and dictionaries are read, and nothing is run", module, name)
	return fmt.Errorf("%s; in Python, save the network's state_dict() alone, or take the model.safetensors of the same network", what)
}

// maxLine bounds a name.
const maxLine = 256

func (m *machine) line() (string, error) {
	var b []byte
	for {
		c, err := m.in.ReadByte()
		switch {
		case err != nil:
			return "", errShort
		case c == '\n':
			return string(b), nil
		case len(b) == maxLine:
			return "", fmt.Errorf("a name of more than %d bytes is refused", maxLine)
		}
		b = append(b, c)
	}
}

// construct makes an object of a global and a tuple of arguments.
func (m *machine) construct() error {
	v, err := m.pop()
	if err != nil {
		return err
	}
	args, ok := v.(tuple)
	if !ok {
		return errors.New("the pickle constructs an object without a tuple of arguments")
	}
	if v, err = m.pop(); err != nil {
		return err
	}
	g, ok := v.(*global)
	if !ok || g.make == nil {
		return errors.New("the pickle constructs something that cannot be constructed")
	}
	made, err := g.make(m, g.name, args)
	if err == nil {
		m.push(made)
	}
	return err
}

// build takes the state of an object: a module of TorchScript has its attributes,
// nothing else here has any, so that it is dropped. A state dict's are the
// versions of its modules.
func (m *machine) build() error {
	state, err := m.pop()
	if err != nil {
		return err
	}
	if len(m.stack) == 0 {
		return errors.New("the pickle takes from an empty stack")
	}
	switch v := m.stack[len(m.stack)-1].(type) {
	case *object:
		d, ok := state.(*dict)
		if !ok {
			return errors.New("the pickle gives a module a state that is not a dictionary")
		}
		v.attributes = *d
		return nil
	case *dict, inert, *stored:
		return nil
	default:
		return fmt.Errorf("the pickle gives a %T a state", v)
	}
}

func makeDict(m *machine, _ string, args tuple) (any, error) {
	d := new(dict)
	if len(args) == 0 {
		return d, nil
	}
	pairs, ok := args[0].(*list) // Python 2 pickled them so
	if ok {
		m.steps += len(pairs.items)
	}
	for i := 0; ok && i < len(pairs.items); i++ {
		switch p := pairs.items[i].(type) {
		case tuple:
			if ok = len(p) == 2; ok {
				d.set(p[0], p[1])
			}
		case *list:
			if ok = len(p.items) == 2; ok {
				d.set(p.items[0], p.items[1])
			}
		default:
			ok = false
		}
	}
	if !ok || len(args) > 1 {
		return nil, errors.New("an ordered dictionary of something else than pairs")
	}
	return d, nil
}

func makeInert(_ *machine, name string, _ tuple) (any, error) { return inert{name}, nil }

// makeParameter unwraps a tensor.
func makeParameter(_ *machine, name string, args tuple) (any, error) {
	if len(args) > 0 {
		if t, ok := args[0].(*stored); ok {
			return t, nil
		}
	}
	return nil, fmt.Errorf("%s of something that is not a tensor", name)
}

// storage is where the numbers of tensors lie.
type storage struct {
	key    string
	dtype  tensor.DType
	count  int
	offset int // in a storage of the same key, in elements: an old kind of view
}

// stored is a tensor in a storage.
type stored struct {
	storage        *storage
	offset         int
	shape, strides []int
}

// makeTensor takes storage, offset, shape and strides; what may follow does
// not matter to the values.
func makeTensor(_ *machine, name string, args tuple) (any, error) {
	if len(args) < 4 {
		return nil, fmt.Errorf("%s of %d arguments", name, len(args))
	}
	s, ok := args[0].(*storage)
	offset, ok1 := args[1].(int64)
	shape, ok2 := integers(args[2])
	strides, ok3 := integers(args[3])
	if !ok || !ok1 || !ok2 || !ok3 || offset < 0 || len(shape) != len(strides) {
		return nil, fmt.Errorf("%s of something else than a storage, an offset, a shape and strides", name)
	}
	return &stored{s, int(offset), shape, strides}, nil
}

// maxDimensions bounds the dimensions of a tensor.
const maxDimensions = 16

func integers(v any) ([]int, bool) {
	t, ok := v.(tuple)
	if !ok || len(t) > maxDimensions {
		return nil, false
	}
	out := make([]int, len(t))
	for i, x := range t {
		n, ok := x.(int64)
		if !ok || n < 0 {
			return nil, false
		}
		out[i] = int(n)
	}
	return out, true
}

// storageOf reads a persistent identifier: ("storage", type, key, device,
// elements), and in the old container a view of another storage, or nil.
func storageOf(id tuple) (*storage, error) {
	if len(id) < 5 || id[0] != "storage" {
		return nil, errors.New("the pickle refers to an object outside of it that is not a storage")
	}
	g, ok := id[1].(*global)
	key, ok1 := id[2].(string)
	count, ok2 := id[4].(int64)
	if !ok || g.dtype == "" || !ok1 || !ok2 || count < 0 {
		return nil, errors.New("the pickle describes a storage in a way that is not known here")
	}
	s := &storage{key: key, dtype: g.dtype, count: int(count)}
	if len(id) > 5 && id[5] != nil {
		view, ok := id[5].(tuple)
		if ok && len(view) == 3 {
			at, ok1 := view[1].(int64)
			n, ok2 := view[2].(int64)
			if ok1 && ok2 && at >= 0 && n >= 0 {
				s.offset, s.count = int(at), int(n)
				return s, nil
			}
		}
		return nil, errors.New("the pickle describes a view of a storage in a way that is not known here")
	}
	return s, nil
}
