package main

import (
	"context"
	"errors"

	"github.com/spf13/pflag"

	"codegraph"
	"codegraph/imageset"
	"codegraph/internal/option"
)

// snapshotFlags say what the images of a scan are compared with beside each
// other, and what is kept of it.
type snapshotFlags struct {
	References []string
	Save       string
	Add        bool
}

func (o *snapshotFlags) addFlags(f *pflag.FlagSet) {
	heading(f, string(option.Known), func(f *pflag.FlagSet) {
		f.BoolVar(&o.Add, "add", false, "make the images part of --snapshot, too")
		f.StringVar(&o.Save, "save-snapshot", "", "write what it takes to score later images to this `file`")
		f.StringArrayVar(&o.References, "reference", nil, "`folder` of images known to be good: compared with, not scored; repeatable")
	})
}

// validate finds what does not go with scoring against a snapshot, or takes
// one.
func (o *snapshotFlags) validate(snapshot string) error {
	switch {
	case o.Add && snapshot == "":
		return usagef("--add needs --snapshot, which the images are added to")
	case snapshot != "" && o.Save != "":
		return usagef("--save-snapshot cannot be given with --snapshot: --add makes the images part of it")
	case snapshot != "" && len(o.References) > 0:
		return usagef("--reference cannot be given with --snapshot: its references are those of the scan that left it")
	}
	return nil
}

// score scores the images of a scan.
func (p *program) score(ctx context.Context, o scanOptions, images imageset.Set, detect codegraph.Options) (*codegraph.Result, error) {
	switch {
	case o.Snapshot != "":
		return p.scoreAgainst(ctx, o, images, detect)
	case o.Save != "":
		res, state, err := codegraph.Scan(ctx, images, detect)
		if err != nil {
			return nil, err
		}
		return res, errors.Join(state.Save(o.Save), state.Close())
	}
	return p.engine.detect(ctx, images, detect)
}

func (p *program) scoreAgainst(ctx context.Context, o scanOptions, images imageset.Set, detect codegraph.Options) (*codegraph.Result, error) {
	state, err := codegraph.LoadSnapshot(o.Snapshot, detect.Backbone)
	if err != nil {
		return nil, withHint(err, "name the network of that scan with --backbone and its --precision, or make the snapshot again with --save-snapshot")
	}
	if !o.Add {
		return state.Score(ctx, images, detect)
	}
	res, grown, err := state.Add(ctx, images, detect)
	if err != nil {
		return nil, err
	}
	return res, grown.Save(o.Snapshot)
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
