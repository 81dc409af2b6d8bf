package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"

	"codegraph/backbone"
	"codegraph/internal/cache"
	"codegraph/internal/cpu"
	"codegraph/internal/mutual"
	"codegraph/internal/option"
	"codegraph/internal/pose"
)

// Cache keeps features, distances and poses between runs. It never fails one:
// what cannot be written is noted once, and the run goes on without writing.
type Cache struct {
	dir  *cache.Dir // nil: none
	mu   sync.Mutex
	fail error // the first failure to write
}

// NewCache returns the cache of a run; an empty one for a network without a
// digest, whose features cannot be told from another's.
func NewCache(o option.Options) *Cache {
	if o.Backbone.Info().Digest == "" {
		return &Cache{}
	}
	return &Cache{dir: o.Cache}
}

// wrote records the outcome of a write.
func (c *Cache) wrote(err error) {
	if err == nil || errors.Is(err, cache.ErrTooLarge) || errors.Is(err, context.Canceled) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fail == nil {
		c.fail = err
	}
}

// writable reports whether it is worth trying to write.
func (c *Cache) writable() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.dir != nil && c.fail == nil
}

// note says what failed; "" if nothing did.
func (c *Cache) note() string {
	if c.fail == nil {
		return ""
	}
	return fmt.Sprintf("the cache could not be written, so the next run computes again: %v", c.fail)
}

// imageKey is the key of an image's features.
func imageKey(o option.Options, digest [32]byte, size int, turn float64) cache.Key {
	return cache.Image{Digest: digest, Backbone: o.Backbone.Info().Digest, Kernel: cpu.Name(), Size: size, Turn: turn}.Key()
}

func (c *Cache) features(key cache.Key) (*backbone.Features, bool) {
	if c.dir == nil {
		return nil, false
	}
	return c.dir.Features(key)
}

func (c *Cache) putFeatures(key cache.Key, f *backbone.Features) {
	if c.writable() {
		c.wrote(c.dir.PutFeatures(key, f))
	}
}

// distances returns the table and the MuSc scores of a batch: those that were
// kept, or else what compute gives.
func (c *Cache) distances(ctx context.Context, b cache.Batch, k int, newTable func() (*mutual.Table, error), compute func() (*mutual.Table, [][]float32, error)) (*mutual.Table, [][]float32, error) {
	if c.dir == nil {
		return compute()
	}
	key := b.Key()
	scoresKey := cache.KeyOf("scores", key.String(), strconv.Itoa(k))
	if scores, ok := c.dir.Scores(scoresKey); ok {
		if t, ok := c.dir.Table(ctx, key, newTable); ok {
			return t, scores, nil
		}
	}
	t, scores, err := compute()
	if err == nil && c.writable() {
		c.wrote(c.dir.PutTable(ctx, key, t))
		c.wrote(c.dir.PutScores(scoresKey, scores))
	}
	return t, scores, err
}

// poseVersion is part of the key of poses: raised when estimating changes.
const poseVersion = "7"

// poses returns the poses of the images whose features at the estimate's size
// have these keys, kept or computed.
func (c *Cache) poses(images []cache.Key, compute func() (*pose.Poses, error)) (*pose.Poses, error) {
	if c.dir == nil {
		return compute()
	}
	parts := []string{"poses", poseVersion}
	for _, k := range images {
		parts = append(parts, k.String())
	}
	key := cache.KeyOf(parts...)
	if b, ok := c.dir.Bytes(key); ok {
		var p pose.Poses
		if json.Unmarshal(b, &p) == nil && len(p.Angles) == len(images) {
			return &p, nil
		}
	}
	p, err := compute()
	if err == nil && c.writable() {
		b, err := json.Marshal(p) // numbers come back to the last bit
		if err != nil {
			return nil, err
		}
		c.wrote(c.dir.PutBytes(key, b))
	}
	return p, err
}
