package option

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
)

// constantsKey is where JSON has the constants, by their names.
const constantsKey = "constants"

// Object returns the options with all these traits by their JSON keys, the
// constants by name under "constants".
func (s Settings) Object(t Traits) map[string]any {
	return s.object(func(o *Option) bool { return o.Has(t) })
}

// Chosen returns the options that are not the default and may be chosen by a
// client, as Object does.
func (s Settings) Chosen() map[string]any {
	s.reset()
	standard := Defaults()
	return s.object(func(o *Option) bool { return o.Has(Served) && o.changed(&s, &standard) })
}

func (s Settings) object(keep func(*Option) bool) map[string]any {
	out, constants := map[string]any{}, map[string]any{}
	for _, o := range table {
		switch {
		case !keep(&o):
		case o.Group == Algorithm:
			constants[o.Name] = o.Value(&s).Get()
		default:
			out[o.Key()] = o.Value(&s).Get()
		}
	}
	if len(constants) > 0 {
		out[constantsKey] = constants
	}
	return out
}

// Misplaced returns an error (Err) if s has a snapshot, and options beside it
// that the snapshot fixes.
func (s Settings) Misplaced() error {
	s.reset()
	standard := Defaults()
	for _, o := range table {
		if s.Snapshot != "" && o.Has(Fixed) && o.changed(&s, &standard) {
			return fmt.Errorf("%w: %s cannot be chosen with snapshot: it is as in the scan that left the snapshot", Err, o.Name)
		}
	}
	return nil
}

// changed says whether the option differs.
func (o *Option) changed(s, standard *Settings) bool {
	return !reflect.DeepEqual(o.Value(s).Get(), o.Value(standard).Get())
}

// Read sets the options with all these traits that a JSON object has; with
// strict it is an error (Err) if the object has anything else.
func (s *Settings) Read(data []byte, t Traits, strict bool) error {
	var object, constants map[string]json.RawMessage
	if err := decodeOne(data, &object); err != nil {
		return err
	}
	if c, ok := object[constantsKey]; ok {
		if err := decodeOne(c, &constants); err != nil {
			return fmt.Errorf("%s: %w", constantsKey, err)
		}
		delete(object, constantsKey)
	}
	for _, o := range table {
		from, key := object, o.Key()
		if o.Group == Algorithm {
			from, key = constants, o.Name
		}
		v, ok := from[key]
		if !ok || !o.Has(t) {
			continue
		}
		delete(from, key)
		if err := o.Value(s).Put(v); err != nil {
			return fmt.Errorf("%w: %w", Err, err)
		}
	}
	for _, rest := range []map[string]json.RawMessage{object, constants} {
		for key := range rest {
			if strict {
				return fmt.Errorf("%w: there is no option %q%s", Err, key, DidYouMean(key, nil))
			}
		}
	}
	return nil
}

// decodeOne decodes data, which must be one JSON object.
func decodeOne(data []byte, into *map[string]json.RawMessage) error {
	dec := json.NewDecoder(strings.NewReader(string(data)))
	if err := dec.Decode(into); err != nil {
		return fmt.Errorf("%w: not a JSON object: %w", Err, err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return fmt.Errorf("%w: more than one JSON value", Err)
	}
	if *into == nil {
		return fmt.Errorf("%w: %w", Err, errors.New("null is not a JSON object"))
	}
	return nil
}

// Kept are the options of a scan that a snapshot of it fixes. In JSON it has
// these and no others.
type Kept struct{ Settings }

// Keep takes them from the options of a scan.
func Keep(o Options) Kept { return Kept{Settings{Options: o}} }

// Fix returns o with the options that are fixed as they are in k.
func (k Kept) Fix(o Options) Options {
	s := Settings{Options: o}
	for _, opt := range table {
		if opt.Has(Fixed) {
			opt.field.copy(&k.Settings, &s)
		}
	}
	return s.Options
}

func (k Kept) MarshalJSON() ([]byte, error)  { return json.Marshal(k.Object(Fixed)) }
func (k *Kept) UnmarshalJSON(b []byte) error { return k.Read(b, Fixed, false) }

// MarshalJSON writes the options that can change a result.
func (s Settings) MarshalJSON() ([]byte, error) { return json.Marshal(s.Object(Recorded)) }

// UnmarshalJSON reads what MarshalJSON wrote, of this program or a later one.
func (s *Settings) UnmarshalJSON(data []byte) error { return s.Read(data, Recorded, false) }
