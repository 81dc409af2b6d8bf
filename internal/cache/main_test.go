package cache

import (
	"os"
	"testing"

	"codegraph/internal/tempdir"
)

func TestMain(m *testing.M) {
	tempdir.InMemory()
	os.Exit(m.Run())
}
