package torchfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
)

// Objects that a pickle builds, beside nil, bool, int64, float64 and string.
type (
	tuple []any
	list  struct{ items []any }
	dict  struct {
		keys   []any
		values []any
	}
	mark struct{}
	// inert stands for an object whose contents do not matter here.
	inert struct{ name string }
)

// set sets the value of a key; of equal strings the last counts when the
// dictionary is read.
func (d *dict) set(key, value any) {
	d.keys, d.values = append(d.keys, key), append(d.values, value)
}

// Bounds on a pickle: bytes, and instructions with the pairs that they copy.
// The state of a training run with a network of a thousand tensors takes a
// hundredth of either.
const (
	maxBytes = 1 << 26
	maxSteps = 1 << 22
)

// machine runs a pickle.
type machine struct {
	in     *bytes.Reader
	steps  int
	stack  []any
	memo   map[uint32]any
	script bool // types of TorchScript may be referred to
	// persistent makes an object of a persistent identifier.
	persistent func(id tuple) (any, error)
}

// errShort is the error for a pickle that ends too early.
var errShort = errors.New("the pickle ends in the middle; is the file truncated?")

// unpickle reads the pickle that in begins with.
func unpickle(in *bytes.Reader, persistent func(tuple) (any, error)) (any, error) {
	return newMachine(in, persistent).run()
}

func newMachine(in *bytes.Reader, persistent func(tuple) (any, error)) *machine {
	return &machine{in: in, memo: make(map[uint32]any), persistent: persistent}
}

func (m *machine) run() (any, error) {
	start := m.in.Len()
	for {
		at := m.in.Size() - int64(m.in.Len())
		if m.steps++; m.steps > maxSteps || start-m.in.Len() > maxBytes {
			return nil, errors.New("the pickle is longer than one of a state dict can be")
		}
		op, err := m.in.ReadByte()
		if err != nil {
			return nil, errShort
		}
		if op == '.' {
			return m.pop()
		}
		if err := m.step(op); err != nil {
			return nil, fmt.Errorf("pickle, byte %d: %w", at, err)
		}
	}
}

// step runs one instruction. The letters are those of Python's pickletools.
func (m *machine) step(op byte) error {
	switch op {
	case 0x80: // PROTO
		v, err := m.uint(1)
		if err == nil && v != 2 {
			err = fmt.Errorf("protocol %d: torch.save writes 2 by default, which is what can be read here; save it again without pickle_protocol", v)
		}
		return err
	case '(':
		m.push(mark{})
	case 'N':
		m.push(nil)
	case 0x88, 0x89:
		m.push(op == 0x88)
	case 'K':
		return m.pushInt(1)
	case 'M':
		return m.pushInt(2)
	case 'J':
		return m.pushInt(4)
	case 'G':
		v, err := m.bytes(8)
		if err == nil {
			m.push(math.Float64frombits(binary.BigEndian.Uint64(v)))
		}
		return err
	case 0x8a: // LONG1
		return m.pushLong()
	case 'X', 'T': // BINUNICODE, BINSTRING
		return m.pushString(4)
	case 'U': // SHORT_BINSTRING
		return m.pushString(1)
	case 'q', 'r', 'h', 'j':
		return m.memoise(op)
	case ']':
		m.push(new(list))
	case '}':
		m.push(new(dict))
	case ')':
		m.push(tuple(nil))
	case 0x85, 0x86, 0x87: // TUPLE1 to TUPLE3
		return m.tuple(int(op - 0x84))
	case 't':
		items, err := m.popMark()
		if err == nil {
			m.push(tuple(items))
		}
		return err
	case 'a', 'e', 's', 'u':
		return m.fill(op)
	case 'c':
		return m.global()
	case 'R', 0x81: // REDUCE, NEWOBJ
		return m.construct()
	case 'b':
		return m.build()
	case 'Q':
		return m.persist()
	default:
		return fmt.Errorf("instruction %#02x is refused: state dicts have none such", op)
	}
	return nil
}

func (m *machine) push(v any) { m.stack = append(m.stack, v) }

func (m *machine) pop() (any, error) {
	if len(m.stack) == 0 {
		return nil, errors.New("the pickle takes from an empty stack")
	}
	v := m.stack[len(m.stack)-1]
	m.stack = m.stack[:len(m.stack)-1]
	if _, ok := v.(mark); ok {
		return nil, errors.New("the pickle takes a mark for an object")
	}
	return v, nil
}

// popMark takes what lies above the last mark, and the mark.
func (m *machine) popMark() ([]any, error) {
	for i := len(m.stack) - 1; i >= 0; i-- {
		if _, ok := m.stack[i].(mark); ok {
			items := append([]any(nil), m.stack[i+1:]...)
			m.stack = m.stack[:i]
			return items, nil
		}
	}
	return nil, errors.New("the pickle has no mark where it needs one")
}

// top is the object that others are put into.
func top[T any](m *machine) (T, error) {
	var none T
	if len(m.stack) == 0 {
		return none, errors.New("the pickle takes from an empty stack")
	}
	v, ok := m.stack[len(m.stack)-1].(T)
	if !ok {
		return none, fmt.Errorf("the pickle fills a %T", m.stack[len(m.stack)-1])
	}
	return v, nil
}

func (m *machine) bytes(n int) ([]byte, error) {
	if n < 0 || n > min(m.in.Len(), maxBytes) {
		return nil, errShort
	}
	b := make([]byte, n)
	_, err := io.ReadFull(m.in, b)
	return b, err
}

// uint reads a little-endian number of n bytes.
func (m *machine) uint(n int) (uint32, error) {
	b, err := m.bytes(n)
	if err != nil {
		return 0, err
	}
	return binary.LittleEndian.Uint32(append(b, 0, 0, 0, 0)), nil
}

func (m *machine) pushInt(n int) error {
	v, err := m.uint(n)
	if n == 4 {
		m.push(int64(int32(v)))
	} else {
		m.push(int64(v))
	}
	return err
}

// pushLong pushes a number of up to 255 bytes in two's complement; one that 64
// bits do not hold becomes a *big.Int.
func (m *machine) pushLong() error {
	n, err := m.uint(1)
	if err != nil {
		return err
	}
	b, err := m.bytes(int(n))
	if err != nil {
		return err
	}
	v, negative := new(big.Int), len(b) > 0 && b[len(b)-1] >= 0x80
	for i := len(b) - 1; i >= 0; i-- {
		v.Or(v.Lsh(v, 8), big.NewInt(int64(b[i])))
	}
	if negative {
		v.Sub(v, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	if v.IsInt64() {
		m.push(v.Int64())
	} else {
		m.push(v)
	}
	return nil
}

func (m *machine) pushString(length int) error {
	n, err := m.uint(length)
	if err != nil {
		return err
	}
	b, err := m.bytes(int(min(n, math.MaxInt32)))
	m.push(string(b))
	return err
}

// memoise stores the top of the stack in the memo, or pushes what is there.
func (m *machine) memoise(op byte) error {
	size := 1
	if op == 'r' || op == 'j' {
		size = 4
	}
	key, err := m.uint(size)
	if err != nil {
		return err
	}
	if op == 'h' || op == 'j' {
		v, ok := m.memo[key]
		if !ok {
			return fmt.Errorf("the pickle recalls object %d, which it has not stored", key)
		}
		m.push(v)
		return nil
	}
	v, err := m.pop()
	if err != nil {
		return err
	}
	m.push(v)
	m.memo[key] = v
	return nil
}

func (m *machine) tuple(n int) error {
	t := make(tuple, n)
	for i := n - 1; i >= 0; i-- {
		var err error
		if t[i], err = m.pop(); err != nil {
			return err
		}
	}
	m.push(t)
	return nil
}

// fill puts one object (a, s) or those above a mark (e, u) into a list (a, e)
// or, as keys and values, a dictionary (s, u).
func (m *machine) fill(op byte) error {
	var items []any
	var err error
	switch op {
	case 'e', 'u':
		items, err = m.popMark()
	default:
		n := 1
		if op == 's' {
			n = 2
		}
		if err = m.tuple(n); err == nil {
			var t any
			t, err = m.pop()
			items, _ = t.(tuple)
		}
	}
	if err != nil {
		return err
	}
	if op == 'a' || op == 'e' {
		l, err := top[*list](m)
		if err == nil {
			l.items = append(l.items, items...)
		}
		return err
	}
	if len(items)%2 != 0 {
		return errors.New("the pickle has a key without a value")
	}
	d, err := top[*dict](m)
	for i := 0; err == nil && i < len(items); i += 2 {
		d.set(items[i], items[i+1])
	}
	return err
}

func (m *machine) persist() error {
	v, err := m.pop()
	if err != nil {
		return err
	}
	id, ok := v.(tuple)
	if !ok || m.persistent == nil {
		return errors.New("the pickle refers to an object outside of it that is not a storage")
	}
	if v, err = m.persistent(id); err == nil {
		m.push(v)
	}
	return err
}
