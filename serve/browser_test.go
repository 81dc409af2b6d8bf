package serve_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"codegraph/serve"
	"codegraph/serve/store"
)

// browser is a headless Chromium at the page of a server.
type browser struct {
	t   *testing.T
	ctx context.Context
	url string

	mu      sync.Mutex
	trouble []string // console messages, exceptions, requests to elsewhere
}

// visit opens the page, or skips the test without Chromium.
func visit(t *testing.T, url string, width, height int64) *browser {
	t.Helper()
	if testing.Short() {
		t.Skip("starts a browser")
	}
	b := &browser{t: t, url: url}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium(t)), chromedp.WindowSize(int(width), int(height)))
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	b.ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Listen(b.ctx, b.event); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(b.ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	b.run(chromedp.EmulateViewport(width, height), chromedp.Navigate(url))
	t.Cleanup(b.check)
	return b
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

func (b *browser) event(ev any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := ev.(type) {
	case *runtime.EventExceptionThrown:
		b.trouble = append(b.trouble, e.ExceptionDetails.Text+" "+e.ExceptionDetails.Exception.Description)
	case *runtime.EventConsoleAPICalled:
		text, _ := json.Marshal(e.Args)
		b.trouble = append(b.trouble, string(e.Type)+" "+string(text))
	case *network.EventRequestWillBeSent:
		if u := e.Request.URL; !strings.HasPrefix(u, b.url) && !strings.HasPrefix(u, "data:") && !strings.HasPrefix(u, "blob:") {
			b.trouble = append(b.trouble, "request to "+u)
		}
	}
}

// check wants a quiet console and no request to anywhere else.
func (b *browser) check() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.trouble) > 0 {
		b.t.Errorf("console and requests: %q", b.trouble)
	}
}

func (b *browser) run(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.t.Fatal(err)
	}
}

// want waits until the expression has the value.
func (b *browser) want(value any, expression string) {
	b.t.Helper()
	var want bytes.Buffer
	enc := json.NewEncoder(&want)
	enc.SetEscapeHTML(false) // as the browser writes it
	if err := enc.Encode(value); err != nil {
		b.t.Fatal(err)
	}
	for end := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		got, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]byte](expression))
		if err == nil && string(got) == strings.TrimSpace(want.String()) {
			return
		}
		if time.Now().After(end) {
			b.t.Fatalf("%s is %s (%v), want %s", expression, got, err, &want)
		}
	}
}

func (b *browser) do(script string) {
	b.t.Helper()
	if _, err := chromedp.Run(b.ctx, chromedp.Evaluate[chromedp.Void]("{"+script+"}")); err != nil {
		b.t.Fatalf("%s: %v", script, err)
	}
}

// press clicks the button of that text, once it is there.
func (b *browser) press(text string) {
	b.t.Helper()
	find := fmt.Sprintf(`[...document.querySelectorAll("button")].find(b => b.textContent === %q && b.offsetParent && !b.disabled)`, text)
	b.want(true, find+" !== undefined")
	b.do(find + ".click()")
}

// choose puts files into the field for them.
func (b *browser) choose(files []file) {
	b.t.Helper()
	dir := b.t.TempDir()
	var paths []string
	for _, f := range files {
		path := filepath.Join(dir, filepath.Base(f.name))
		if err := os.WriteFile(path, f.content, 0o600); err != nil {
			b.t.Fatal(err)
		}
		paths = append(paths, path)
	}
	b.want(true, `document.querySelector("#files") !== null`)
	b.run(chromedp.SetUploadFiles("#files", paths))
}

const status = `document.querySelector(".runhead .status")?.textContent`

// shoot keeps a picture in the folder of the variable, for people to look at.
func (b *browser) shoot(name string) {
	dir := os.Getenv("CODEGRAPH_SCREENSHOTS")
	if dir == "" {
		return
	}
	data, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), data, 0o600)
	}
	if err != nil {
		b.t.Error(err)
	}
}

// TestBrowser goes through a day's work: upload, progress, cancel, again with
// other options, labels, comparison.
func TestBrowser(t *testing.T) {
	engine := &fakeEngine{gate: make(chan struct{})}
	a := start(t, serve.Config{Engine: engine})
	b := visit(t, a.url, 1280, 900)
	b.want("#/", `document.documentElement.dataset.ready`)
	b.choose(append(pictures(t, 6), file{"notes.txt", []byte("x")}, file{"more.zip", archive(t, []file{{"zip/a.png", picture(t, 222)}, {"broken.png", []byte("x")}})}))
	b.want(true, `document.querySelector(".picked").textContent.startsWith("7 files")`)
	b.do(`document.querySelector(".settings input").value = "Monday <b>"`)
	b.shoot("home")
	b.press("Start the run")

	b.want("running", status)
	b.want(true, `document.querySelector(".runhead details").textContent.includes("broken.png")`)
	engine.gate <- struct{}{}
	engine.gate <- struct{}{}
	b.want(true, `document.querySelector(".far small").textContent.endsWith("2 of 7")`)
	b.shoot("progress")
	b.press("Cancel")
	b.want("cancelled", status)

	close(engine.gate)
	b.do(`document.querySelector("#again").open = true`)
	b.press("Start again")
	b.want("done", status)
	b.want(true, `document.querySelector("iframe.report").contentDocument?.documentElement.dataset.ready !== undefined`)
	b.shoot("report")
	first := get[struct{ Runs []store.Run }](a, http.StatusOK, "GET", "/api/runs", nil).Runs[0]

	b.press("Labels")
	b.want(7, `document.querySelectorAll(".card").length`)
	b.want(7, `[...document.querySelectorAll(".card img")].filter(i => i.complete && i.naturalWidth === 16).length`)
	b.do(`document.querySelector(".card:first-child input[value=bad]").click()`)
	b.do(`document.querySelector(".card:last-child input[value=good]").click()`)
	b.want(true, `document.querySelector(".agreement").textContent.includes("AUROC 1.000")`)
	b.shoot("labels")

	b.do(`document.querySelector("#again").open = true; const method = [...document.querySelectorAll("#again select")].find(s => [...s.options].some(o => o.value === "musc")); method.value = "musc"; method.dispatchEvent(new Event("change"))`)
	b.press("Start again")
	b.want(true, `location.hash.startsWith("#/runs/") && !location.hash.endsWith("`+first.ID+`")`)
	b.want("done", status)
	b.do(`location.hash = "#/"`)
	b.want(2, `document.querySelectorAll(".runs input[type=checkbox]").length`)
	b.want(3, `document.querySelectorAll(".runs tbody tr").length`)
	b.want("Monday <b>", `document.querySelector(".runs tbody th a").textContent`)
	b.do(`for (const box of document.querySelectorAll(".runs input[type=checkbox]")) box.click()`)
	b.press("Compare the two marked")
	b.want(7, `document.querySelectorAll(".compare tbody tr[data-image]").length`)
	b.want(true, `/[▲▼] 6/.test(document.querySelector(".compare tbody tr").textContent)`)
	b.shoot("compare")
}

// TestBrowserQueue: a second window sees what the first one does; the server's
// end is told.
func TestBrowserQueue(t *testing.T) {
	engine := &fakeEngine{gate: make(chan struct{})}
	a := start(t, serve.Config{Engine: engine})
	b := visit(t, a.url, 390, 800)
	b.want("#/", `document.documentElement.dataset.ready`)
	b.want(true, `document.documentElement.scrollWidth <= innerWidth`)
	first := a.upload(map[string]string{"name": "one"}, pictures(t, 3)).Run
	a.upload(map[string]string{"name": "two"}, pictures(t, 3))
	b.want([]string{"queued", "running"}, `[...document.querySelectorAll(".runs .status")].map(s => s.textContent)`)
	b.want(true, `document.documentElement.scrollWidth <= innerWidth`)
	close(engine.gate)
	b.want([]string{"done", "done"}, `[...document.querySelectorAll(".runs .status")].map(s => s.textContent)`)
	b.shoot("phone")
	b.do(`location.hash = "#/runs/` + first.ID + `"`)
	b.want("done", status)
	b.want(true, `document.documentElement.scrollWidth <= innerWidth`)
	b.do(`location.hash = "#/runs/none"`)
	b.want(true, `document.querySelector("main .problem")?.textContent.includes("not in the history")`)
	a.stop()
	b.want(false, `document.querySelector(".lost").hidden`)
}

// TestBrowserToken: one signs in once.
func TestBrowserToken(t *testing.T) {
	a := start(t, serve.Config{Engine: &fakeEngine{}, Token: "open sesame"})
	b := visit(t, a.url, 800, 600)
	sign := func(token string) {
		b.want(true, `document.readyState === "complete" && document.querySelector("input[name=token]") !== null`)
		b.do(fmt.Sprintf(`document.querySelector("input[name=token]").value = %q; document.querySelector("form").requestSubmit()`, token))
	}
	sign("guess")
	b.want("/login#wrong", `location.pathname + location.hash`)
	b.want(true, `document.querySelector("#wrong").offsetParent !== null`)
	sign("open sesame")
	b.want("#/", `document.documentElement.dataset.ready`)
}
