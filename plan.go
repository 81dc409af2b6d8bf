package codegraph

import (
	"fmt"
	"runtime"
	"sort"

	"codegraph/family"
	"codegraph/mutual"
	"codegraph/token"
)

// tables is how many distance tables a run holds at once: the mean over
// variants and the variant at hand, later the mean and its deflated copy.
const tables = 2

// plan works out the memory of a run. Where that exceeds opts.MaxMemory the
// tables go to disk; then the tokens, unless keep says that they must stay;
// then fewer images are laid out at a time. If all that is not enough, it is an
// error.
func plan(s *token.Store, opts Options, keep bool) (MemoryPlan, error) {
	fast := opts.Precision == PrecisionFast
	working := func(block int) int64 {
		w := mutual.WorkingBytes(s, opts.Threads, fast, block) + family.WorkingBytes(s.N(), s.P())
		if opts.Align != AlignOff { // the small tensors are gone before comparing starts
			w = max(w, int64(s.N())*4*3*alignSize*alignSize)
		}
		return w
	}
	p := MemoryPlan{
		Tokens:  s.Bytes(),
		Table:   tables * mutual.TableBytes(s.N(), s.P()),
		Working: working(0),
		Other:   inUse(),
	}
	most, inMemory := opts.MaxMemory, p.Tokens+p.Other
	if most <= 0 || inMemory+p.Table+p.Working <= most {
		return p, nil
	}
	p.Spilled = true
	if inMemory+p.Working > most && !keep {
		p.TokensSpilled, inMemory = true, p.Other
	}
	if inMemory+p.Working > most {
		p.Block = sort.Search(s.N(), func(b int) bool { return inMemory+working(b+1) > most })
		p.Working = working(max(1, p.Block))
	}
	if inMemory+p.Working > most {
		return p, fmt.Errorf("codegraph: %d images need %d MiB even with tables and tokens on disk, more than the limit of %d MiB; use fewer images, a smaller grid or fewer threads",
			s.N(), (inMemory+p.Working)>>20, most>>20)
	}
	return p, nil
}

// inUse is the memory in use now. Tests put a constant in.
var inUse = func() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Sys - m.HeapReleased)
}
