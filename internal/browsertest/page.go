// Package browsertest drives this project's pages in a headless Chromium, for
// tests.
package browsertest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Page is a page with cookies and storage of its own. What goes wrong fails the test.
type Page struct {
	T       *testing.T
	Context context.Context
	// MayAbort says that the page breaks off loads, as one does that leaves
	// others.
	MayAbort bool
	// MayLose says that the server stops while the page is open, and then
	// refuses what the page asks for.
	MayLose bool

	home    string
	mu      sync.Mutex
	trouble []string // console messages, exceptions, requests to elsewhere
	aborted []string
	refused []string
}

// Open opens a page, or skips the test without Chromium. At the end the
// console must be quiet and no request have gone anywhere but to addresses
// that begin with home, which must all have been answered.
func Open(t *testing.T, address, home string, width, height int64) *Page {
	t.Helper()
	if testing.Short() {
		t.Skip("starts a browser")
	}
	p := &Page{T: t, home: home}
	ctx, cancel := context.WithTimeout(start(t), 10*time.Minute)
	t.Cleanup(cancel)
	p.Context, cancel = chromedp.NewContext(ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	if err := chromedp.Listen(p.Context, p.event); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(p.Context, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	p.Run(chromedp.EmulateViewport(width, height), chromedp.Navigate(address))
	t.Cleanup(p.check)
	return p
}

func (p *Page) event(ev any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := ev.(type) {
	case *runtime.EventExceptionThrown:
		p.trouble = append(p.trouble, e.ExceptionDetails.Text+" "+e.ExceptionDetails.Exception.Description)
	case *runtime.EventConsoleAPICalled:
		text, _ := json.Marshal(e.Args)
		p.trouble = append(p.trouble, string(e.Type)+" "+string(text))
	case *network.EventRequestWillBeSent:
		if u := e.Request.URL; !strings.HasPrefix(u, p.home) && !strings.HasPrefix(u, "data:") && !strings.HasPrefix(u, "blob:") {
			p.trouble = append(p.trouble, "request to "+u)
		}
	case *network.EventLoadingFailed:
		switch text := "failed to load: " + e.ErrorText; {
		case e.Canceled:
			p.aborted = append(p.aborted, text)
		case strings.HasPrefix(e.ErrorText, "net::ERR_CONNECTION_"), e.ErrorText == "net::ERR_EMPTY_RESPONSE":
			p.refused = append(p.refused, text)
		default:
			p.trouble = append(p.trouble, text)
		}
	}
}

func (p *Page) check() {
	p.mu.Lock()
	defer p.mu.Unlock()
	trouble := p.trouble
	if !p.MayAbort {
		trouble = slices.Concat(trouble, p.aborted)
	}
	if !p.MayLose {
		trouble = slices.Concat(trouble, p.refused)
	}
	if len(trouble) > 0 {
		p.T.Errorf("console and requests: %q", trouble)
	}
}

// Run does actions.
func (p *Page) Run(actions ...chromedp.Action[chromedp.Void]) {
	p.T.Helper()
	if err := chromedp.Do(p.Context, actions...); err != nil {
		p.T.Fatal(err)
	}
}

// Do runs statements.
func (p *Page) Do(script string) {
	p.T.Helper()
	Eval[chromedp.Void](p, "{"+script+"}")
}

// Eval returns what the expression is.
func Eval[T any](p *Page, expression string) T {
	p.T.Helper()
	v, err := chromedp.Run(p.Context, chromedp.Evaluate[T](expression))
	if err != nil {
		p.T.Fatalf("%s: %v", expression, err)
	}
	return v
}

// patience is for machines that are busy with other things.
const patience = time.Minute

// Want waits until the expression has the value. With args it is a format.
func (p *Page) Want(value any, expression string, args ...any) {
	p.T.Helper()
	if len(args) > 0 {
		expression = fmt.Sprintf(expression, args...)
	}
	if got, ok := p.Becomes(value, expression, patience); !ok {
		p.T.Fatalf("%s is %s, want %v", expression, got, value)
	}
}

// Becomes waits for a while until the expression has the value. An expression
// that fails, as while a page loads, does not have it yet.
func (p *Page) Becomes(value any, expression string, while time.Duration) (got string, ok bool) {
	p.T.Helper()
	var want bytes.Buffer
	enc := json.NewEncoder(&want)
	enc.SetEscapeHTML(false) // as the browser writes it
	if err := enc.Encode(value); err != nil {
		p.T.Fatal(err)
	}
	for end := time.Now().Add(while); ; time.Sleep(50 * time.Millisecond) {
		is, err := chromedp.Run(p.Context, chromedp.Evaluate[[]byte](expression))
		if got = string(is); err != nil {
			got = err.Error()
		}
		ok = err == nil && got == strings.TrimSpace(want.String())
		if ok || time.Now().After(end) {
			return got, ok
		}
	}
}

// Shoot keeps a picture in the folder that CODEGRAPH_SCREENSHOTS names, for
// people to look at.
func (p *Page) Shoot(name string) {
	p.T.Helper()
	dir := os.Getenv("CODEGRAPH_SCREENSHOTS")
	if dir == "" {
		return
	}
	data, err := chromedp.Run(p.Context, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), data, 0o600)
	}
	if err != nil {
		p.T.Error(err)
	}
}
