package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"codegraph/internal/option"
)

// width of help texts, in columns.
const width = 80

// headingKey marks a flag with the heading it is under.
const headingKey = "heading"

// heading puts the flags that add adds under a heading of the help.
func heading(f *pflag.FlagSet, title string, add func(*pflag.FlagSet)) {
	under := pflag.NewFlagSet("", pflag.ContinueOnError)
	under.SortFlags = false
	add(under)
	under.VisitAll(func(flag *pflag.Flag) {
		if flag.Annotations == nil {
			flag.Annotations = map[string][]string{}
		}
		flag.Annotations[headingKey] = []string{title}
		f.AddFlag(flag)
	})
}

const helpAll = "help-all"

// addHelpAll adds --help-all, which is --help with the constants of the
// algorithm.
func (o *detectFlags) addHelpAll(f *pflag.FlagSet) {
	v := &helper{flags: f, named: o.named}
	f.VarPF(v, helpAll, "", "help with the constants of the algorithm, too").NoOptDefVal = "true"
}

// helper is the Value of --help-all.
type helper struct {
	flags, named *pflag.FlagSet
	asked        bool
}

func (h *helper) String() string { return fmt.Sprint(h.asked) }
func (h *helper) Type() string   { return "bool" }
func (h *helper) Set(string) error {
	h.asked = true
	return h.flags.Set("help", "true")
}

// printUsage prints how a command is used: its flags by heading.
func printUsage(cmd *cobra.Command) error {
	w := cmd.OutOrStderr()
	fmt.Fprintf(w, "Usage:\n  %s\n", cmd.UseLine())
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(w, "  %s COMMAND\n", cmd.CommandPath())
	}
	if cmd.HasExample() {
		fmt.Fprintf(w, "\nExamples:\n%s\n", cmd.Example)
	}
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(w, "\nCommands:\n")
		for _, c := range cmd.Commands() {
			if c.IsAvailableCommand() || c.Name() == "help" {
				fmt.Fprintf(w, "  %-*s  %s\n", cmd.NamePadding(), c.Name(), c.Short)
			}
		}
	}
	printFlags(w, cmd.Flags())
	return nil
}

// printFlags prints flags under their headings, in the order of both.
func printFlags(w io.Writer, f *pflag.FlagSet) {
	var titles []string
	under := map[string]*pflag.FlagSet{}
	collect := func(flag *pflag.Flag) {
		title := "Flags"
		if a := flag.Annotations[headingKey]; a != nil {
			title = a[0]
		}
		if under[title] == nil {
			titles = append(titles, title)
			under[title] = pflag.NewFlagSet("", pflag.ContinueOnError)
			under[title].SortFlags = false
		}
		under[title].AddFlag(flag)
	}
	f.VisitAll(collect)
	var h *helper
	if flag := f.Lookup(helpAll); flag != nil {
		h = flag.Value.(*helper)
	}
	if len(titles) == 1 {
		fmt.Fprintf(w, "\nFlags:\n%s", under[titles[0]].FlagUsagesWrapped(width))
		return
	}
	for _, title := range titles {
		fmt.Fprintf(w, "\n%s:\n%s", title, under[title].FlagUsagesWrapped(width))
	}
	if h != nil && h.asked {
		named := pflag.NewFlagSet("", pflag.ContinueOnError)
		named.SortFlags = false
		h.named.VisitAll(func(f *pflag.Flag) { named.Bool(f.Name+"="+f.DefValue, false, f.Usage) })
		usages := strings.ReplaceAll(named.FlagUsagesWrapped(width), "      --", "      ")
		fmt.Fprintf(w, "\n%s, for --set NAME=VALUE, with their defaults:\n%s", option.Algorithm, usages)
	}
}

// notByName are the flags that neither --set nor a configuration file sets.
var notByName = map[string]bool{"config": true, "help": true, helpAll: true, "set": true, "version": true}

// flagNames are the names of all flags.
func flagNames(sets ...*pflag.FlagSet) []string {
	var names []string
	for _, set := range sets {
		set.VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	}
	return names
}

// flagError says what is wrong with a flag.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() == "":
		name := unknown.GetSpecifiedName()
		if opt, ok := option.Lookup(name); ok && opt.Group == option.Algorithm && cmd.Flags().Lookup("set") != nil {
			return usagef("there is no flag --%s: set the constant with --set %[1]s=VALUE", name)
		}
		return usagef("there is no flag --%s%s", name, strings.Replace(option.DidYouMean(name, flagNames(cmd.Flags())), "mean ", "mean --", 1))
	case errors.As(err, &invalid):
		return usagef("--%w", valueError(invalid.GetFlag(), invalid.GetValue(), invalid.Unwrap()))
	}
	return asUsage(err)
}

// valueError says what the value of a flag must be that could not be set.
func valueError(f *pflag.Flag, text string, err error) error {
	var value *option.ValueError
	must, ok := wanted[f.Value.Type()]
	switch {
	case err == nil || errors.As(err, &value):
		return err
	case ok:
		return fmt.Errorf("%s is %q: it must be %s", f.Name, text, must)
	}
	return fmt.Errorf("%s: %w", f.Name, err)
}

// wanted is what values of a type must be.
var wanted = map[string]string{
	"int": "a whole number", "int64": "a whole number", "uint64": "a whole number from 0",
	"float64": "a number", "bool": "true or false", "duration": "a time such as 10s",
	"intSlice": "whole numbers, such as 1,3",
}

// atLeast wants n arguments or more.
func atLeast(n int, message string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) < n {
			return usagef("%s", message)
		}
		return nil
	}
}
