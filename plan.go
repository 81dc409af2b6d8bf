package codegraph

import (
	"fmt"

	"codegraph/mutual"
	"codegraph/token"
)

// tables is how many distance tables a run holds at once: the mean over
// variants and the variant at hand, later the mean and its deflated copy.
const tables = 2

// plan works out the memory of a run. Where it exceeds opts.MaxMemory the
// tables are spilled; if that is not enough, it is an error.
func plan(s *token.Store, opts Options) (MemoryPlan, error) {
	p := MemoryPlan{
		Tokens:  s.Bytes(),
		Table:   tables * mutual.TableBytes(s.N(), s.P()),
		Working: mutual.WorkingBytes(s, opts.Threads, opts.Precision == PrecisionFast),
	}
	if opts.Align != AlignOff { // the small tensors are gone before comparing starts
		p.Working = max(p.Working, int64(s.N())*4*3*alignSize*alignSize)
	}
	if opts.MaxMemory <= 0 || p.Tokens+p.Table+p.Working <= opts.MaxMemory {
		return p, nil
	}
	p.Spilled = true
	if p.Tokens+p.Working > opts.MaxMemory {
		return p, fmt.Errorf("codegraph: %d images need %d MiB even with the distance table on disk, more than the limit of %d MiB; use fewer images, a smaller grid or fewer threads",
			s.N(), (p.Tokens+p.Working)>>20, opts.MaxMemory>>20)
	}
	return p, nil
}
