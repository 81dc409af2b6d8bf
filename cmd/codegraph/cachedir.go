package main

import (
	"github.com/spf13/pflag"

	"codegraph/internal/cache"
)

// cacheFlags say where features, tables and finished work are kept.
type cacheFlags struct {
	Dir   string
	Limit byteSize
}

// noCache as the folder turns the cache off.
const noCache = "off"

func (c *cacheFlags) addFlags(f *pflag.FlagSet) {
	c.Limit = cache.DefaultLimit
	f.StringVar(&c.Dir, "cache", "", "`folder` of the cache (default: the user's cache folder), or off")
	f.Var(&c.Limit, "cache-size", "bound on the cache, such as 20GiB; 0 is none")
}

// open returns the cache, nil if it is off.
func (c *cacheFlags) open() (*cache.Dir, error) {
	if c.Dir == noCache {
		return nil, nil
	}
	limit := int64(c.Limit)
	if limit == 0 {
		limit = -1
	}
	d, err := cache.Open(c.Dir, limit)
	if err != nil {
		return nil, withHint(err, "choose another folder with --cache, or --cache off")
	}
	return d, nil
}
