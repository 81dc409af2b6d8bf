package main

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/pflag"

	"codegraph"
	"codegraph/backbone"
	"codegraph/backbone/onnx"
	"codegraph/internal/option"
)

// detectFlags are the options of every command that scores images: those of
// the table, and what they need of this machine.
type detectFlags struct {
	option.Settings
	Provider string // of ONNX Runtime

	// named are the options that a command line sets by name only.
	named *pflag.FlagSet
	// load opens the network, once for all copies of the flags.
	load func() (backbone.Backbone, error)
}

// scoring are the groups of options that every command that scores has.
var scoring = []option.Group{option.Network, option.Comparison, option.Limits}

// addFlags adds the options of these groups, under their headings, and --set
// for these and the constants.
func (o *detectFlags) addFlags(f *pflag.FlagSet, groups ...option.Group) {
	o.Settings = option.Defaults()
	o.load = sync.OnceValues(func() (backbone.Backbone, error) {
		return openBackbone(o.Network, o.Provider, o.Precision)
	})
	o.named = pflag.NewFlagSet("", pflag.ContinueOnError)
	o.named.SortFlags = false
	for _, opt := range option.All() {
		switch {
		case opt.Group == option.Algorithm:
			addOption(o.named, opt, &o.Settings)
		case slices.Contains(groups, opt.Group):
			addOption(f, opt, &o.Settings)
		}
		if opt.Name == "backbone" {
			heading(f, string(opt.Group), func(f *pflag.FlagSet) { addProvider(f, &o.Provider) })
		}
	}
}

// addSet adds --set.
func (o *detectFlags) addSet(f *pflag.FlagSet) {
	f.Var(&setter{sets: []*pflag.FlagSet{f, o.named}}, "set", "set an option by its name, a constant of the algorithm, too: see --help-all; repeatable")
}

// addOption adds the flag of one option, under the heading of its group.
func addOption(f *pflag.FlagSet, opt option.Option, s *option.Settings) {
	heading(f, string(opt.Group), func(f *pflag.FlagSet) {
		usage := opt.Usage
		if opt.Default != "" {
			usage += " (default: " + opt.Default + ")"
		}
		v := opt.Value(s)
		flag := f.VarPF(v, opt.Name, "", usage)
		if v.Type() == "bool" {
			flag.NoOptDefVal = "true"
		}
	})
}

// setter is the Value of --set.
type setter struct {
	sets []*pflag.FlagSet
	text []string
}

func (s *setter) String() string { return strings.Join(s.text, " ") }
func (s *setter) Type() string   { return "name=value" }

func (s *setter) Set(text string) error {
	name, value, ok := strings.Cut(text, "=")
	if !ok {
		return fmt.Errorf("%q is not NAME=VALUE", text)
	}
	for _, set := range s.sets {
		if f := set.Lookup(name); f != nil && !notByName[name] {
			s.text = append(s.text, text)
			f.Changed = true
			return valueError(f, value, f.Value.Set(value))
		}
	}
	return fmt.Errorf("there is no option %s%s", name, option.DidYouMean(name, flagNames(s.sets...)))
}

// addNamed adds the flags of the options that are named.
func addNamed(f *pflag.FlagSet, s *option.Settings, names ...string) {
	for _, opt := range option.All() {
		if slices.Contains(names, opt.Name) {
			addOption(f, opt, s)
		}
	}
}

// addProvider adds the flag of what ONNX networks run on.
func addProvider(f *pflag.FlagSet, provider *string) {
	f.StringVar(provider, "provider", onnx.Providers()[0], "what an .onnx network runs on: `one` of "+strings.Join(onnx.Providers(), ", "))
}

// validate finds what is wrong whatever the input.
func (o *detectFlags) validate() error {
	if !isBuiltin(o.Network) {
		if _, err := findModel(o.Network); err != nil {
			return err
		}
	}
	if err := o.Misplaced(); err != nil {
		return err
	}
	return checkProvider(o.Network, o.Provider)
}

func oneOf(flag, value string, allowed ...string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	return usagef("--%s is %q: there is %s", flag, value, strings.Join(allowed, ", "))
}

// options are those of the library.
func (o *detectFlags) options() (codegraph.Options, error) {
	out := o.Settings.Options
	if !isDefault(o.Network) { // else the library's own
		var err error
		if out.Backbone, err = o.load(); err != nil {
			return out, err
		}
	}
	return out, nil
}

// network describes the network of the flags.
func (o *detectFlags) network() (backbone.Info, error) {
	b, err := o.load()
	if err != nil {
		return backbone.Info{}, err
	}
	return b.Info(), nil
}

// recorded are the options in effect, for documents.
func (o *detectFlags) recorded() map[string]any {
	s := o.Settings
	s.Precision = s.Precision.Effective()
	return s.Object(option.Recorded)
}
