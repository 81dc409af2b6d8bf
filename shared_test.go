package codegraph_test

import (
	"flag"
	"os"
	"testing"

	"codegraph"
	"codegraph/internal/cache"
)

// shared keeps the features of images that several tests render alike.
var shared *cache.Dir

func TestMain(m *testing.M) {
	flag.Parse()
	if f := flag.Lookup("rapid.checks"); f.Value.String() == f.DefValue {
		f.Value.Set("25") // scans take a while; -rapid.checks asks for more
	}
	dir, err := os.MkdirTemp("", "codegraph-test-*")
	if err != nil {
		panic(err)
	}
	if shared, err = cache.Open(dir, 0); err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// remembered are the options of small with the features, distances and poses
// of earlier tests: for what comes after those.
func remembered() codegraph.Options {
	o := small()
	o.Cache = shared
	return o
}
