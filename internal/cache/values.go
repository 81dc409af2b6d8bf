package cache

import (
	"context"
	"errors"
	"fmt"
	"io"

	"codegraph/backbone"
	"codegraph/internal/mutual"
)

// The kinds of values. Codes are for good.
var (
	featuresKind = &kind{1, "features", featuresShape, 4} // class, then H, W, C of each layer
	tableKind    = &kind{2, "table", tableShape, 4}       // N, P
	scoresKind   = &kind{3, "scores", scoresShape, 4}     // N, P
	bytesKind    = &kind{4, "bytes", bytesShape, 1}       // length

	kinds = []*kind{featuresKind, tableKind, scoresKind, bytesKind}
)

func featuresShape(s []uint64) (n uint64, ok bool) {
	if len(s)%3 != 1 {
		return 0, false
	}
	n, s = s[0], s[1:]
	for ; len(s) > 0; s = s[3:] {
		v, ok := volume(s[:3]...)
		if n += v; !ok || n < v {
			return 0, false
		}
	}
	return n, true
}

// An empty table or list of scores is none: its size would not bound N.
func tableShape(s []uint64) (n uint64, ok bool) {
	if len(s) != 2 || s[0] == 0 || s[1] == 0 {
		return 0, false
	}
	return volume(s[0], s[1], s[0])
}

func scoresShape(s []uint64) (n uint64, ok bool) {
	if len(s) != 2 || s[0] == 0 || s[1] == 0 {
		return 0, false
	}
	return volume(s...)
}

func bytesShape(s []uint64) (n uint64, ok bool) {
	if len(s) != 1 {
		return 0, false
	}
	return s[0], true
}

// Features returns the features stored under key; an empty class token comes
// back as nil.
func (d *Dir) Features(key Key) (f *backbone.Features, ok bool) {
	ok = d.get(featuresKind, key, func(r *reader) (err error) {
		f, err = decodeFeatures(r)
		return err
	})
	if !ok {
		return nil, false
	}
	return f, true
}

func decodeFeatures(r *reader) (*backbone.Features, error) {
	f := &backbone.Features{Layers: make([]backbone.Map, len(r.shape)/3)}
	for i := range f.Layers {
		s := r.shape[1+3*i:]
		m := backbone.Map{H: int(s[0]), W: int(s[1]), C: int(s[2])}
		m.Data = make([]float32, m.H*m.W*m.C)
		if err := r.floats(m.Data); err != nil {
			return nil, err
		}
		f.Layers[i] = m
	}
	if n := r.shape[0]; n > 0 {
		f.Class = make([]float32, n)
	}
	return f, r.floats(f.Class)
}

// PutFeatures stores the features of an image.
func (d *Dir) PutFeatures(key Key, f *backbone.Features) error {
	shape := []uint64{uint64(len(f.Class))}
	for i, m := range f.Layers {
		if m.H < 0 || m.W < 0 || m.C < 0 || len(m.Data) != m.H*m.W*m.C {
			return fmt.Errorf("layer %d holds %d numbers, not %d × %d × %d", i, len(m.Data), m.H, m.W, m.C)
		}
		shape = append(shape, uint64(m.H), uint64(m.W), uint64(m.C))
	}
	return d.put(featuresKind, key, shape, func(w *writer) error {
		for _, m := range f.Layers {
			if err := w.floats(m.Data); err != nil {
				return err
			}
		}
		return w.floats(f.Class)
	})
}

// Table reads the table stored under key into one that newTable makes; nil
// makes one in memory. It is read row by row, so that nothing else grows with
// its size. A table of another shape than the stored one, or one that cannot
// be made, is a miss, as is the end of ctx.
func (d *Dir) Table(ctx context.Context, key Key, newTable func() (*mutual.Table, error)) (t *mutual.Table, ok bool) {
	ok = d.get(tableKind, key, func(r *reader) (err error) {
		n, p := int(r.shape[0]), int(r.shape[1])
		if newTable == nil {
			t = mutual.NewTable(n, p)
		} else if t, err = newTable(); err != nil {
			t = nil
			return err
		}
		if t.N != n || t.P != p {
			return fmt.Errorf("%d images of %d patches in the cache, %d of %d expected", n, p, t.N, t.P)
		}
		return eachRow(ctx, t, r.floats)
	})
	if !ok && t != nil {
		t.Close()
	}
	if !ok {
		return nil, false
	}
	return t, true
}

// PutTable stores a table. Nothing else may write to it meanwhile.
func (d *Dir) PutTable(ctx context.Context, key Key, t *mutual.Table) error {
	shape, err := matrixShape(t.N, t.P)
	if err != nil {
		return err
	}
	return d.put(tableKind, key, shape, func(w *writer) error {
		return eachRow(ctx, t, w.floats)
	})
}

// eachRow calls do for the rows of t, in order.
func eachRow(ctx context.Context, t *mutual.Table, do func(row []float32) error) error {
	for i := range t.N {
		if err := ctx.Err(); err != nil {
			return err
		}
		for p := range t.P {
			if err := do(t.Row(i, p)); err != nil {
				return err
			}
		}
	}
	return nil
}

// Scores returns the patch scores [N][P] stored under key.
func (d *Dir) Scores(key Key) (scores [][]float32, ok bool) {
	ok = d.get(scoresKind, key, func(r *reader) (err error) {
		scores, err = decodeScores(r)
		return err
	})
	if !ok {
		return nil, false
	}
	return scores, true
}

func decodeScores(r *reader) ([][]float32, error) {
	scores := make([][]float32, r.shape[0])
	for i := range scores {
		scores[i] = make([]float32, r.shape[1])
		if err := r.floats(scores[i]); err != nil {
			return nil, err
		}
	}
	return scores, nil
}

// PutScores stores patch scores [N][P]. MuSc's belong to a table but do not
// follow from it: they are averaged over variants after the neighbours were
// chosen, the table before.
func (d *Dir) PutScores(key Key, scores [][]float32) error {
	p := 0
	for i, s := range scores {
		if p = len(scores[0]); len(s) != p {
			return fmt.Errorf("%d scores of image %d, %d of the first", len(s), i, p)
		}
	}
	shape, err := matrixShape(len(scores), p)
	if err != nil {
		return err
	}
	return d.put(scoresKind, key, shape, func(w *writer) error {
		for _, s := range scores {
			if err := w.floats(s); err != nil {
				return err
			}
		}
		return nil
	})
}

func matrixShape(n, p int) ([]uint64, error) {
	if n < 1 || p < 1 {
		return nil, errors.New("there are no patches to store anything about")
	}
	return []uint64{uint64(n), uint64(p)}, nil
}

// Bytes returns the bytes stored under key.
func (d *Dir) Bytes(key Key) (b []byte, ok bool) {
	ok = d.get(bytesKind, key, func(r *reader) error {
		b = make([]byte, r.shape[0])
		_, err := io.ReadFull(r, b)
		return cutOff(err)
	})
	if !ok {
		return nil, false
	}
	return b, true
}

// PutBytes stores a small result, such as the JSON of a finished piece of
// work, so that a run that was stopped goes on where it was.
func (d *Dir) PutBytes(key Key, b []byte) error {
	return d.put(bytesKind, key, []uint64{uint64(len(b))}, func(w *writer) error {
		_, err := w.Write(b)
		return err
	})
}
