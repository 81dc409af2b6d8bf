package pipeline

import (
	"context"
	"errors"

	"codegraph/internal/family"
	"codegraph/internal/mutual"
	"codegraph/internal/option"
	"codegraph/internal/token"
)

// The stages of a run, for processes that share the work: each takes what the
// stages before it left. Start is all of them in one process, and the result is
// the same to the bit.

// Record is what is known of an item once it was embedded.
type Record struct {
	Width, Height int
	Angle         float64 // radians, by which it was rotated
	Warnings      []string
	Valid         []bool    // patches, as rotated, that are compared, [P]; nil: all
	Digest        [32]byte  // of what of the file is seen
	Kind          string    // of its file
	Levels        int       // grey levels that it has
	Class         []float32 // class token, if images are ranked by them
	Problem       string    // why it could not be read; "" if it was
}

// AlignItems returns the angles by which items are rotated, and what that does.
func AlignItems(ctx context.Context, items []Item, o option.Options) ([]float64, *Alignment, error) {
	p, err := align(ctx, items, false, NewCache(o), o)
	if err != nil {
		return nil, nil, err
	}
	return p.angles, p.alignment, nil
}

// EmbedItems embeds some items of a batch, rotated by angles. The store has a
// place for each, without blocks for those that have a problem; it is nil where
// all have.
func EmbedItems(ctx context.Context, items []Item, angles []float64, progress func(done int), o option.Options) ([]Record, *token.Store, error) {
	e := newEmbedder(items, o)
	e.Embedding = Embedding{Angles: angles, Cache: NewCache(o), Plan: func(*token.Store, int64) error { return nil }, Progress: progress}
	if err := e.all(ctx); err != nil {
		return nil, nil, err
	}
	records := make([]Record, len(items))
	for i, im := range e.images {
		records[i] = Record{Width: im.Width, Height: im.Height, Angle: im.Angle, Warnings: im.Warnings, Valid: im.Valid, Digest: im.digest, Kind: im.kind, Levels: im.levels, Class: im.class}
		if e.errs[i] != nil {
			records[i] = Record{Problem: e.errs[i].Error()}
		}
	}
	return records, e.Store, nil
}

// Assemble makes the batch of items with these records, without tokens: those of
// Batch.Images, in their order, are to follow.
func Assemble(items []Item, records []Record, o option.Options) (*Batch, error) {
	e := newEmbedder(items, o)
	for i, r := range records {
		if r.Problem != "" {
			e.errs[i] = errors.New(r.Problem)
			continue
		}
		e.images[i] = Embedded{Item: items[i], Width: r.Width, Height: r.Height, Angle: r.Angle, Warnings: r.Warnings, Valid: r.Valid, digest: r.Digest, kind: r.Kind, levels: r.Levels, class: r.Class}
	}
	b := e.batch()
	return b, b.check(items)
}

// CompareStrip measures the distances of count images of a batch, from image
// first on, to all others, and their MuSc scores, [count][P]. The tokens of block
// images are laid out at a time.
func CompareStrip(ctx context.Context, b *Batch, first, count, block int, o option.Options) (*mutual.Rows, [][]float32, error) {
	search := searchOptions(b, nil, block, o)
	search.Progress = func(done, total int) { o.Progress.Report(option.PhaseCompare, done, total) }
	rows, musc, err := mutual.CompareStrip(ctx, b.Tokens, search, first, count)
	if err == nil {
		maskInvalid(rows, musc, b.valid())
	}
	return rows, musc, err
}

// StripBytes is the memory of CompareStrip and MaskStrip beside the tokens; count
// is no more than block.
func StripBytes(s *token.Store, count, block int, o option.Options) int64 {
	return mutual.WorkingBytes(s, o.Threads, o.Precision == option.PrecisionFast, block) + 2*mutual.RowsBytes(s.N(), s.P(), count)
}

// NewDistances puts the distances of a batch together from its MuSc scores and
// its table, which may be nil where only the scores are needed.
func NewDistances(b *Batch, t *mutual.Table, musc [][]float32, o option.Options) *Distances {
	return &Distances{Table: t, MuSc: musc, K: neighbours(len(b.Images), groups(b), o.Constants.Neighbours)}
}

// FindFamilies looks for families; nil where the method or the batch has none.
// It keeps to one table beside what family.WorkingBytes says.
func FindFamilies(ctx context.Context, b *Batch, d *Distances, o option.Options) (*Families, error) {
	if o.Method == option.MethodMuSc || noFamilies(d) != "" {
		return nil, nil
	}
	return findFamilies(ctx, b, d, nil, MemoryPlan{Spilled: true}, DecisionsOf(o), o)
}

// Removed are, by place in the batch, the patches that filtering takes out.
func (f *Families) Removed() map[int][]int { return removed(f) }

// Unfiltered are the scores a′ where nothing is taken out, [N][P].
func (f *Families) Unfiltered(d *Distances, o option.Options) [][]float32 {
	return family.Within(&d.Table.Rows, f.Scores, harmless(f), o.Constants.Neighbours)
}

// MaskStrip returns the scores a′ of the images of rows, which are distances of
// all patches.
func MaskStrip(ctx context.Context, b *Batch, rows *mutual.Rows, f *Families, block int, o option.Options) ([][]float32, error) {
	search := searchOptions(b, nil, block, o)
	search.Progress = func(done, total int) { o.Progress.Report(option.PhaseFilter, done, total) }
	masked, err := mutual.MaskStrip(ctx, b.Tokens, rows, f.Removed(), search)
	if err != nil {
		return nil, err
	}
	return f.after(masked, search.Neighbours, o), nil
}

// Finish makes the run of a batch of which all is measured: f are its families,
// nil for none, and after the scores a′. It takes over tokens and table.
func Finish(ctx context.Context, items []Item, b *Batch, a *Alignment, d *Distances, f *Families, after [][]float32, o option.Options) (*Run, error) {
	r := &Run{Options: o, Items: items, Alignment: a, Batch: b, Distances: d}
	if f != nil {
		r.Families = f
		r.Filtered = &Filtered{Removed: f.Removed(), Scores: after, Final: finalScores(d.MuSc, f.Scores, after)}
	} else if o.Method != option.MethodMuSc {
		r.Notes = append(r.Notes, noFamilies(d))
	}
	r.note(copiesNote(b), f.near())
	return r, r.score(ctx)
}
