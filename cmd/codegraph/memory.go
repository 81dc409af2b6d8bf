package main

import (
	"os"
	"runtime/debug"

	"codegraph"
)

// smallHeap is the heap, in bytes, up to which collecting garbage early is not
// worth the time it takes.
const smallHeap = 1 << 30

// limitMemory makes the process collect garbage before its heap outgrows the
// plan of a scan, or --max-memory. It leaves alone what the user has set.
func limitMemory(o *codegraph.Options) {
	if os.Getenv("GOMEMLIMIT") != "" || os.Getenv("GOGC") != "" {
		return
	}
	if o.MaxMemory > 0 {
		debug.SetMemoryLimit(o.MaxMemory)
		return
	}
	o.Planned = func(heap int64) { debug.SetMemoryLimit(max(heap, smallHeap)) }
}
