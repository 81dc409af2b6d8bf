//go:build !linux

package perf

import "time"

// now is wall-clock time.
func now() time.Duration { return time.Since(start) }

var start = time.Now()
