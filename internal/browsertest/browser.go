package browsertest

import (
	"context"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"codegraph/internal/tempdir"
)

// The browser of all pages of a test program, started with the first of them.
var (
	starting sync.Mutex
	browser  context.Context // nil: not started
	closing  []func()        // ends the browser, last to first
)

// Main runs the tests of a package that opens pages, for its TestMain: it closes the
// browser after them, and returns the exit code. Files are kept in memory.
func Main(m *testing.M) int {
	tempdir.InMemory()
	defer func() {
		for k := range closing {
			closing[len(closing)-1-k]()
		}
	}()
	return m.Run()
}

// start returns the context of the browser, or skips the test without Chromium.
func start(t *testing.T) context.Context {
	t.Helper()
	starting.Lock()
	defer starting.Unlock()
	if browser != nil {
		return browser
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium(t)),
		chromedp.Flag("disable-gpu", true)) // which a headless browser would emulate in a process of its own
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	allocator, release := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator)
	stop := func() {
		patient, give := context.WithTimeout(ctx, 10*time.Second)
		defer give()
		_ = chromedp.Cancel(patient) // what is left is killed
	}
	closing = append(closing, release, cancel, stop)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	browser = ctx
	return browser
}

func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome", "headless_shell"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("no Chromium found: the page is not tried in a browser")
	return ""
}
