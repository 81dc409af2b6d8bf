package pipeline

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"sort"

	"codegraph/internal/family"
	"codegraph/internal/mutual"
	"codegraph/internal/option"
	"codegraph/internal/token"
)

// tables is how many distance tables a run holds at once: the mean over
// variants and the variant at hand, then the mean and its deflated copy, at last
// the mean and that without the anomalous patches.
const tables = 2

// plan works out the memory of a run. Where that exceeds opts.MaxMemory the
// images are compared in strips, as many images at a time as there is room for,
// and their table goes to disk; then the tokens do, too. If all that is not
// enough, or nothing may go to disk, it is an error.
func plan(s *token.Store, q Request, opts option.Options) (MemoryPlan, error) {
	fast := opts.Precision == option.PrecisionFast
	working := func(block int) int64 {
		w := mutual.WorkingBytes(s, opts.Threads, fast, block) + family.WorkingBytes(s.N(), s.P(), opts.Threads, block > 0)
		if q.Queries > 0 {
			w = max(w, lateBytes(s, opts, q.Queries, block))
		}
		if opts.Align != option.AlignOff {
			w = max(w, viewsBytes(s.N(), opts))
		}
		return max(w, q.inputs) // these are gone before comparing starts
	}
	p := MemoryPlan{
		Tokens:  s.Bytes(),
		Table:   tables * mutual.TableBytes(s.N(), s.P()),
		Working: working(0),
		Other:   max(0, InUse()-q.inputs),
		// The rest is not there yet while images are decoded.
		Decoding: q.decoding,
	}
	most, inMemory := opts.MaxMemory, p.Tokens+p.Other
	if most <= 0 || inMemory+max(p.Table+p.Working, p.Decoding) <= most {
		return p, nil
	}
	if q.Keep {
		return p, fmt.Errorf("%d images need %d MiB where intermediates are kept in memory, more than the limit of %d MiB; use fewer images, a smaller grid or no limit",
			s.N(), (inMemory+max(p.Table+p.Working, p.Decoding))>>20, most>>20)
	}
	if inMemory+p.Table+p.Working <= most {
		p.TokensSpilled = true // room to decode
		return p, nil
	}
	p.Spilled, p.Table = true, mutual.TableBytes(s.N(), s.P())
	if inMemory+max(p.Decoding, working(max(1, min(enough, s.N()-1)))) > most {
		p.TokensSpilled, inMemory = true, p.Other
	}
	p.Block = max(1, sort.Search(s.N()-1, func(b int) bool { return inMemory+working(b+1) > most }))
	p.Working = working(p.Block)
	if inMemory+p.Working > most {
		return p, fmt.Errorf("%d images need %d MiB even with tables and tokens on disk, more than the limit of %d MiB; use fewer images, a smaller grid or fewer threads",
			s.N(), (inMemory+p.Working)>>20, most>>20)
	}
	return p, nil
}

// enough is how many images of a strip make laying out the tokens of all others
// a small part of comparing them: a few percent.
const enough = 32

// lateBytes is the memory for comparing n images with those of s.
func lateBytes(s *token.Store, opts option.Options, n, block int) int64 {
	fast := opts.Precision == option.PrecisionFast
	bytes := mutual.AgainstBytes(s, n, opts.Threads, fast, block) + s.Bytes()/int64(s.N())*int64(n)
	if packed := mutual.PackedBytes(s, fast); opts.MaxMemory <= 0 && packed <= MaxPacked {
		bytes += packed
	}
	return bytes
}

// MaxPacked bounds the memory in which the images of a gallery are kept laid
// out for searching, in bytes.
const MaxPacked = 512 << 20

// InUse is the memory in use now, without what choosing and rotating the images
// left behind. Tests put a constant in.
var InUse = func() int64 {
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Sys - m.HeapReleased)
}
