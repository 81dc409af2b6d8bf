package main

import (
	"context"
	"errors"
	"slices"

	"github.com/spf13/pflag"

	"codegraph"
	"codegraph/imageset"
)

// stateFlags say what the images of a scan are compared with beside each
// other.
type stateFlags struct {
	References []string
	State      string
	SaveState  string
	Add        bool
}

func (o *stateFlags) addFlags(f *pflag.FlagSet) {
	f.StringArrayVar(&o.References, "reference", nil, "`folder` of images known to be good: compared with, not scored; repeatable")
	f.StringVar(&o.SaveState, "save-state", "", "write what it takes to score later images to this `file`")
	f.StringVar(&o.State, "state", "", "score the images against the scan whose state is in this `file`")
	f.BoolVar(&o.Add, "add", false, "make the images part of --state, too")
}

// withState are the flags that go with --state; all others about how images
// are scored come from the scan that left it.
var withState = []string{
	"state", "add", "backbone", "provider", "out", "json", "quiet", "timing", "scale", "masks", "no-report", "config",
	"threads", "strict", "max-pixels", "precision", "fdr", "exit-code", "min-area", "help",
}

func (o *stateFlags) validate(f *pflag.FlagSet) (err error) {
	switch {
	case o.Add && o.State == "":
		return usagef("--add needs --state, which the images are added to")
	case o.State == "":
		return nil
	}
	f.Visit(func(flag *pflag.Flag) {
		if err == nil && !slices.Contains(withState, flag.Name) {
			err = usagef("--%s cannot be given with --state: it is as in the scan that left the state", flag.Name)
		}
	})
	return err
}

// score scores the images of a scan.
func (p *program) score(ctx context.Context, o scanOptions, images imageset.Set, detect codegraph.Options) (*codegraph.Result, error) {
	switch {
	case o.State != "":
		return p.scoreAgainst(ctx, o.stateFlags, images, detect)
	case o.SaveState != "":
		res, state, err := codegraph.Scan(ctx, images, detect)
		if err != nil {
			return nil, err
		}
		return res, errors.Join(state.Save(o.SaveState), state.Close())
	}
	return p.engine.detect(ctx, images, detect)
}

func (p *program) scoreAgainst(ctx context.Context, o stateFlags, images imageset.Set, detect codegraph.Options) (*codegraph.Result, error) {
	state, err := codegraph.LoadState(o.State, detect.Backbone)
	if err != nil {
		return nil, withHint(err, "name the network of that scan with --backbone and its --precision, or make the state again with --save-state")
	}
	if !o.Add {
		return state.Score(ctx, images, detect)
	}
	res, grown, err := state.Add(ctx, images, detect)
	if err != nil {
		return nil, err
	}
	return res, grown.Save(o.State)
}

// references finds the images that --reference names.
func (p *program) references(ctx context.Context, o scanOptions) (imageset.Set, []imageset.Problem, error) {
	if len(o.References) == 0 {
		return nil, nil, nil
	}
	images, problems, err := p.engine.walk(ctx, o.References)
	if err == nil && o.Strict && len(problems) > 0 {
		return nil, nil, problems[0]
	}
	if err == nil && len(images) == 0 {
		return nil, nil, withHint(usagef("there are no images in what --reference names"), "name a folder with photographs of good parts")
	}
	return images, problems, err
}
