package main

import (
	"bufio"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

// watch looks at the memory in use again and again.
type watch struct {
	quit chan struct{}
	done sync.WaitGroup
	most int64 // bytes beside mapped files
}

func startWatch() *watch {
	w := &watch{quit: make(chan struct{})}
	w.done.Go(func() {
		for {
			w.most = max(w.most, status("RssAnon:"))
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
	return w.most, status("VmHWM:")
}

// status reads a line of /proc/self/status, in bytes.
func status(key string) int64 {
	f, err := os.Open("/proc/self/status")
	if err != nil {
		return 0
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if rest, ok := strings.CutPrefix(s.Text(), key); ok {
			kib, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kib << 10
		}
	}
	return 0
}
