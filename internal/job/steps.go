package job

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"codegraph/backbone"
	"codegraph/internal/mutual"
	"codegraph/internal/option"
	"codegraph/internal/pipeline"
	"codegraph/internal/token"
)

// Stage names a kind of step.
type Stage string

// The stages, in order.
const (
	Embed    Stage = "embed"
	Strip    Stage = "strip"
	Families Stage = "families"
	Mask     Stage = "mask"
	Result   Stage = "finish"
)

// stages returns all stages, in order: each needs those before it.
func stages() []Stage { return []Stage{Embed, Strip, Families, Mask, Result} }

// Steps is how many steps a stage has. The strips of images that could not be
// read, or are copies, are done at once.
func (p *Plan) Steps(s Stage) int {
	switch s {
	case Embed, Strip, Mask:
		return (len(p.Images) + p.Block - 1) / p.Block
	}
	return 1
}

func hostName() string {
	name, err := os.Hostname()
	if err != nil {
		return ""
	}
	return name
}

// step names step k of a stage at its place.
func step(s Stage, k int) string {
	if s == Families || s == Result {
		return string(s)
	}
	return fmt.Sprintf("%s/%06d", s, k)
}

// Run does step k of a stage, unless it is done: then it returns false.
func (j *Job) Run(ctx context.Context, s Stage, k int) (did bool, err error) {
	if k < 0 || k >= j.Steps(s) {
		return false, fmt.Errorf("%w: there is no step %d of %s, but 0 to %d", option.Err, k, s, j.Steps(s)-1)
	}
	m, err := j.mark(ctx, step(s, k))
	if m != nil || err != nil {
		return false, err
	}
	start := time.Now()
	done := func(about any, write func(w io.Writer) error) error {
		return j.put(ctx, step(s, k), mark{Seconds: time.Since(start).Seconds(), Host: j.host}, about, write)
	}
	switch s {
	case Embed:
		err = j.embed(ctx, k, done)
	case Strip:
		err = j.strip(ctx, k, done)
	case Families:
		err = j.families(ctx, done)
	case Mask:
		err = j.masked(ctx, k, done)
	default:
		err = fmt.Errorf("%w: %s is not a step of workers", option.Err, s)
	}
	return err == nil, err
}

// finished writes what a step found.
type finished func(about any, write func(w io.Writer) error) error

// block is which of n images block k has.
func (p *Plan) block(k, n int) (first, count int) {
	first = min(n, k*p.Block)
	return first, min(p.Block, n-first)
}

// embedded is what the marker of an embedding says.
type embedded struct {
	Records []pipeline.Record
	H, W    int      // the grid
	Layers  [][3]int // H, W, C of each; nil where nothing could be read
}

func (j *Job) embed(ctx context.Context, k int, done finished) error {
	first, count := j.block(k, len(j.items))
	angles := make([]float64, count)
	if j.Angles != nil {
		copy(angles, j.Angles[first:])
	}
	progress := func(n int) { j.options.Progress.Report(option.PhaseEmbed, n, count) }
	records, s, err := pipeline.EmbedItems(ctx, j.items[first:first+count], angles, progress, j.options)
	if err != nil {
		return err
	}
	about := embedded{Records: records}
	if s != nil {
		about.H, about.W, about.Layers = s.H, s.W, shape(records, s)
	}
	return done(about, func(w io.Writer) error {
		for i, r := range records {
			if r.Problem != "" {
				continue
			}
			for l := range s.Layers() {
				if err := writeFloats(w, s.Block(l, i).Data); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// shape are the layers of the first image that could be read.
func shape(records []pipeline.Record, s *token.Store) (layers [][3]int) {
	for i, r := range records {
		if r.Problem != "" {
			continue
		}
		for l := range s.Layers() {
			m := s.Block(l, i)
			layers = append(layers, [3]int{m.H, m.W, m.C})
		}
		break
	}
	return layers
}

// batch is the images of a job with their tokens.
type batch struct {
	*pipeline.Batch
	whole bool // the tokens are there
}

// assemble reads what all embeddings say, and the tokens where they are needed.
func (j *Job) assemble(ctx context.Context, tokens bool) (*batch, error) {
	if j.batch != nil && (j.batch.whole || !tokens) {
		return j.batch, nil
	}
	parts := make([]embedded, j.Steps(Embed))
	var records []pipeline.Record
	var s *token.Store
	for k := range parts {
		if err := j.about(ctx, step(Embed, k), &parts[k]); err != nil {
			return nil, err
		}
		records = append(records, parts[k].Records...)
	}
	b, err := pipeline.Assemble(j.items, records, j.options)
	if err != nil {
		return nil, err
	}
	place := make([]int, len(j.items)) // of items in the batch, 1 less
	for i, im := range b.Images {
		place[im.Index] = i + 1
	}
	for k, part := range parts {
		if part.Layers == nil {
			continue
		}
		if s == nil {
			s = token.NewStore(len(b.Images), len(part.Layers), part.H, part.W, j.options.Radii)
			b.Tokens = s
		}
		if !tokens {
			break
		}
		if err := j.readTokens(ctx, k, &part, place, s); err != nil {
			s.Close()
			return nil, err
		}
	}
	j.batch = &batch{b, tokens}
	return j.batch, nil
}

// readTokens reads the tokens of embedding k to their places in s. The first
// image says how many bytes there will be, and whether these go to disk.
func (j *Job) readTokens(ctx context.Context, k int, part *embedded, place []int, s *token.Store) error {
	return j.get(ctx, step(Embed, k), nil, func(r io.Reader) error {
		first, _ := j.block(k, len(j.items))
		for i, record := range part.Records {
			if record.Problem != "" {
				continue
			}
			at := place[first+i] - 1
			fresh := at >= 0 && s.Bytes() == 0
			for l, shape := range part.Layers {
				m := backbone.Map{H: shape[0], W: shape[1], C: shape[2], Data: make([]float32, shape[0]*shape[1]*shape[2])}
				if err := readFloats(r, m.Data); err != nil {
					return err
				}
				if at >= 0 {
					s.SetBlock(l, at, m)
				}
			}
			if most := j.options.MaxMemory; fresh && most > 0 && s.Bytes() > most/2 {
				if err := s.Spill(j.options.SpillDir); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// rows is what the marker of a strip or a masked one says.
type rows struct{ First, Count, N, P int }

func (j *Job) strip(ctx context.Context, k int, done finished) error {
	b, err := j.assemble(ctx, true)
	if err != nil {
		return err
	}
	first, count := j.block(k, len(b.Images))
	about := rows{first, count, len(b.Images), b.Tokens.P()}
	if count == 0 {
		return done(about, func(io.Writer) error { return nil })
	}
	if err := j.fits(b, count); err != nil {
		return err
	}
	d, musc, err := pipeline.CompareStrip(ctx, b.Batch, first, count, j.Block, j.options)
	if err != nil {
		return err
	}
	return done(about, func(w io.Writer) error {
		if err := writeFloats(w, d.Values()); err != nil {
			return err
		}
		return writeAll(w, musc)
	})
}

// fits returns an error if a strip takes more memory than there may be.
func (j *Job) fits(b *batch, count int) error {
	need, most := pipeline.StripBytes(b.Tokens, count, j.Block, j.options), j.options.MaxMemory
	if most > 0 && need > most {
		return fmt.Errorf("a strip of %d images takes %d MiB, more than the limit of %d MiB; plan the job with a smaller --block", count, need>>20, most>>20)
	}
	return nil
}

func writeAll(w io.Writer, scores [][]float32) error {
	for _, s := range scores {
		if err := writeFloats(w, s); err != nil {
			return err
		}
	}
	return nil
}

func readAll(r io.Reader, count, p int) ([][]float32, error) {
	scores := make([][]float32, count)
	for i := range scores {
		scores[i] = make([]float32, p)
		if err := readFloats(r, scores[i]); err != nil {
			return nil, err
		}
	}
	return scores, nil
}

// masked scores strip k without the patches that are taken out, if any are.
func (j *Job) masked(ctx context.Context, k int, done finished) error {
	f, err := j.readFamilies(ctx)
	if err != nil {
		return err
	}
	b, err := j.assemble(ctx, !f.settled())
	if err != nil {
		return err
	}
	first, count := j.block(k, len(b.Images))
	about := rows{first, count, len(b.Images), b.Tokens.P()}
	if count == 0 || f.settled() {
		return done(about, func(io.Writer) error { return nil })
	}
	d := mutual.NewRows(about.N, about.P, first, count)
	err = j.get(ctx, step(Strip, k), nil, func(r io.Reader) error {
		if err := readFloats(r, d.Values()); err != nil {
			return err
		}
		_, err := readAll(r, count, about.P)
		return err
	})
	if err != nil {
		return err
	}
	after, err := pipeline.MaskStrip(ctx, b.Batch, d, f.families(), j.Block, j.options)
	if err != nil {
		return err
	}
	return done(about, func(w io.Writer) error { return writeAll(w, after) })
}
