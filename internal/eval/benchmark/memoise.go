package benchmark

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"

	"codegraph/internal/cache"
	"codegraph/internal/cpu"
	"codegraph/internal/option"
	"codegraph/internal/regular"
)

// memoise returns what a finished run of the same program on the same batch
// and options gave, or else what compute gives. Nothing is remembered of a
// program that cannot be read.
func memoise(ctx context.Context, b *Batch, o Options, compute func() (*Evaluation, error)) (*Evaluation, error) {
	program, err := programDigest()
	if o.Finished == nil || err != nil {
		return compute()
	}
	key, err := evaluationKey(ctx, program, b, o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", b.Name, err)
	}
	// Without computing there would be no result to tell Scored of.
	if data, ok := o.Finished.Bytes(key); ok && o.Scored == nil {
		var e Evaluation
		if gob.NewDecoder(bytes.NewReader(data)).Decode(&e) == nil {
			return &e, nil
		}
	}
	e, err := compute()
	if err != nil {
		return nil, err
	}
	var data bytes.Buffer
	if err := gob.NewEncoder(&data).Encode(e); err != nil {
		return nil, fmt.Errorf("%s: %w", b.Name, err)
	}
	if err := o.Finished.PutBytes(key, data.Bytes()); err != nil {
		e.Notes = append(e.Notes, fmt.Sprintf("%s: not kept for the next run: %v", b.Name, err))
	}
	return e, nil
}

// programDigest is that of the program's file: another build may compute
// otherwise.
var programDigest = sync.OnceValues(func() (string, error) {
	file, err := os.Executable()
	if err != nil {
		return "", err
	}
	return fileDigest(file)
})

func fileDigest(name string) (string, error) {
	f, err := regular.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// evaluationKey covers all that an evaluation depends on.
func evaluationKey(ctx context.Context, program string, b *Batch, o Options) (cache.Key, error) {
	d := o.Detect
	d.Precision = d.Precision.Effective()
	options, err := json.Marshal([]any{
		option.Settings{Options: d}.Object(option.Recorded),
		o.References, o.HeldOut, o.Subset, o.Stratified, o.Side, o.Original,
	})
	if err != nil {
		return cache.Key{}, err
	}
	network := ""
	if d.Backbone != nil {
		network = d.Backbone.Info().Digest
	}
	parts := []string{"evaluation", program, cpu.Name(), network, string(options), b.Name}
	for i, it := range b.Items {
		region, err := json.Marshal(it.ROI)
		if err != nil {
			return cache.Key{}, err
		}
		parts = append(parts, it.Name, b.Types[i], fmt.Sprint(b.HasMask[i]), string(region))
		if err := ctx.Err(); err != nil {
			return cache.Key{}, err
		}
		parts = append(parts, b.source(i).digests()...)
	}
	return cache.KeyOf(append(parts, b.Warnings...)...), nil
}

// digests returns one for each part of s. A file that cannot be read is told
// from any that can.
func (s source) digests() (out []string) {
	for _, name := range s.files {
		d, err := fileDigest(name)
		if err != nil {
			d = "unreadable: " + err.Error()
		}
		out = append(out, d)
	}
	for _, p := range s.pixels {
		sum := sha256.Sum256(p)
		out = append(out, hex.EncodeToString(sum[:]))
	}
	return out
}
