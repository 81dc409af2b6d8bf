package main

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/spf13/pflag"

	"codegraph/internal/option"
	"codegraph/internal/regular"
)

// maxConfig bounds a configuration file, in bytes.
const maxConfig = 1 << 20

// applyConfig sets the flags and named options that the TOML file names and the
// command line does not. A key that is neither is an error.
func applyConfig(file string, sets ...*pflag.FlagSet) error {
	data, err := regular.Read(file, maxConfig)
	if err != nil {
		return usagef("configuration: %w", err)
	}
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	for _, set := range sets {
		flags.AddFlagSet(set)
	}
	names, values, err := decodeConfig(data, flags)
	if err != nil {
		return usagef("configuration %s: %w", file, err)
	}
	for i, name := range names {
		v := values.Field(i).Interface()
		if v == nil || flags.Lookup(name).Changed {
			continue
		}
		if wrong := setFlag(flags.Lookup(name), v); err == nil && wrong != nil {
			err = usagef("configuration %s: %w", file, wrong) // --json still counts
		}
	}
	return err
}

// decodeConfig reads the file into a struct made up of one field per flag,
// which lets the decoder report unknown keys with their lines.
func decodeConfig(data []byte, flags *pflag.FlagSet) (names []string, values reflect.Value, err error) {
	var fields []reflect.StructField
	flags.VisitAll(func(f *pflag.Flag) {
		if notByName[f.Name] {
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
		key := strings.Join(e.Key(), ".")
		return nil, values, fmt.Errorf("line %d: there is no option %q%s", line, key, option.DidYouMean(key, names))
	case errors.As(err, &bad):
		line, _ := bad.Position()
		return nil, values, fmt.Errorf("line %d: %w", line, err)
	case err != nil:
		return nil, values, err
	}
	return names, target.Elem(), nil
}

func setFlag(f *pflag.Flag, v any) error {
	items, isList := v.([]any)
	slice, takesList := f.Value.(pflag.SliceValue)
	_, isTable := v.(map[string]any)
	switch {
	case isTable:
		return fmt.Errorf("%s must be a value, not a table", f.Name)
	case takesList && !isList:
		return fmt.Errorf("%s must be a list, such as [1, 3]", f.Name)
	case isList && !takesList:
		return fmt.Errorf("%s must be one value, not a list", f.Name)
	case !isList:
		return valueError(f, fmt.Sprint(v), f.Value.Set(fmt.Sprint(v)))
	}
	text := make([]string, len(items))
	for i, x := range items {
		text[i] = fmt.Sprint(x)
	}
	return valueError(f, strings.Join(text, ","), slice.Replace(text))
}
