package codegraph

import (
	"context"
	"errors"

	"codegraph/imageset"
)

// Detect scores a batch.
func Detect(ctx context.Context, images imageset.Set, opts Options) (*Result, error) {
	return nil, errors.New("not built yet")
}
