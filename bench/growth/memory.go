package main

import (
	"os"
	"sync"
	"time"

	"codegraph/internal/perf"
)

// watch looks at the memory in use again and again, where the system tells (Linux).
type watch struct {
	quit chan struct{}
	done sync.WaitGroup
	most int64 // bytes beside mapped files
}

func startWatch() *watch {
	w := &watch{quit: make(chan struct{})}
	w.done.Go(func() {
		for {
			w.most = max(w.most, perf.Memory(os.Getpid(), "RssAnon"))
			select {
			case <-w.quit:
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	})
	return w
}

// stop returns the most memory in use beside mapped files and with them.
func (w *watch) stop() (private, resident int64) {
	close(w.quit)
	w.done.Wait()
	return w.most, perf.Memory(os.Getpid(), "VmHWM")
}
