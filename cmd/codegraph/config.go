package main

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/spf13/pflag"
)

// noConfig are the flags a configuration file cannot set.
var noConfig = map[string]bool{"config": true, "help": true}

// applyConfig sets the flags that the TOML file names and the command line
// does not. Keys are flag names; a key that is no flag is an error.
func applyConfig(file string, flags *pflag.FlagSet) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return usagef("configuration: %w", err)
	}
	names, values, err := decodeConfig(data, flags)
	if err != nil {
		return usagef("configuration %s: %w", file, err)
	}
	for i, name := range names {
		v := values.Field(i).Interface()
		if v == nil || flags.Changed(name) {
			continue
		}
		if err := setFlag(flags, name, v); err != nil {
			return usagef("configuration %s: key %q: %w", file, name, err)
		}
	}
	return nil
}

// decodeConfig reads the file into a struct made up of one field per flag,
// which lets the decoder report unknown keys with their lines.
func decodeConfig(data []byte, flags *pflag.FlagSet) (names []string, values reflect.Value, err error) {
	var fields []reflect.StructField
	flags.VisitAll(func(f *pflag.Flag) {
		if noConfig[f.Name] {
			return
		}
		names = append(names, f.Name)
		fields = append(fields, reflect.StructField{
			Name: fmt.Sprintf("F%d", len(fields)),
			Type: reflect.TypeFor[any](),
			Tag:  reflect.StructTag(fmt.Sprintf("toml:%q", f.Name)),
		})
	})
	target := reflect.New(reflect.StructOf(fields))
	dec := toml.NewDecoder(strings.NewReader(string(data)))
	dec.DisallowUnknownFields()
	err = dec.Decode(target.Interface())
	var missing *toml.StrictMissingError
	var bad *toml.DecodeError
	switch {
	case errors.As(err, &missing):
		e := missing.Errors[0]
		line, _ := e.Position()
		return nil, values, fmt.Errorf("line %d: unknown key %q", line, strings.Join(e.Key(), "."))
	case errors.As(err, &bad):
		line, _ := bad.Position()
		return nil, values, fmt.Errorf("line %d: %w", line, err)
	case err != nil:
		return nil, values, err
	}
	return names, target.Elem(), nil
}

func setFlag(flags *pflag.FlagSet, name string, v any) error {
	items, isList := v.([]any)
	slice, takesList := flags.Lookup(name).Value.(pflag.SliceValue)
	if isList != takesList {
		if takesList {
			return errors.New("must be a list, such as [1, 3]")
		}
		return errors.New("must be one value, not a list")
	}
	if !isList {
		if _, ok := v.(map[string]any); ok {
			return errors.New("must be a value, not a table")
		}
		return flags.Lookup(name).Value.Set(fmt.Sprint(v))
	}
	text := make([]string, len(items))
	for i, x := range items {
		text[i] = fmt.Sprint(x)
	}
	return slice.Replace(text)
}
