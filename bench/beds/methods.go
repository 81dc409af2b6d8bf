package main

import (
	"context"

	"codegraph"
	"codegraph/internal/eval/beds"
)

// methods are the columns of the table: the program, its scores by the maximum of
// the filtered map, and the pipeline as published. o are the options of a scan.
func methods(o codegraph.Options) []beds.Method {
	return []beds.Method{beds.Program(), {Name: "codegraph, maximum of the map", Answer: maximum}, {Name: "published", Answer: published(o)}}
}

// maximum scores images by the highest patch, as MuSc does.
func maximum(_ context.Context, _ *beds.Batch, res *codegraph.Result) (*beds.Answer, error) {
	a := beds.AnswerOf(res)
	for i, im := range res.Images {
		a.Scores[i] = im.MapMax
	}
	a.Verdicts = nil
	return a, nil
}

// published is the pipeline of the paper, on the same distances.
func published(o codegraph.Options) func(context.Context, *beds.Batch, *codegraph.Result) (*beds.Answer, error) {
	return func(ctx context.Context, b *beds.Batch, _ *codegraph.Result) (*beds.Answer, error) {
		o := o
		o.Method, o.KeepIntermediates = codegraph.MethodPublished, false
		res, err := codegraph.Detect(ctx, b.Items(), o)
		if err != nil {
			return nil, err
		}
		a := beds.AnswerOf(res)
		a.Verdicts = nil // the paper has none
		return a, nil
	}
}
