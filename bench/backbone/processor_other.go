//go:build !unix

package main

import "time"

var start = time.Now()

// processor stands in for processor time with the time since the start.
func processor() time.Duration { return time.Since(start) }
