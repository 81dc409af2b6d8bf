package serve_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"codegraph/internal/browsertest"
	"codegraph/internal/serve"
	"codegraph/internal/serve/store"
)

// browser is at the page of a server.
type browser struct{ *browsertest.Page }

// visit opens the page, or skips the test without Chromium.
func visit(t *testing.T, url string, width, height int64) browser {
	t.Helper()
	b := browser{browsertest.Open(t, url, url, width, height)}
	b.MayAbort = true // it leaves reports
	return b
}

// press clicks the button of that text, once it is there.
func (b browser) press(text string) {
	b.T.Helper()
	find := fmt.Sprintf(`[...document.querySelectorAll("button")].find(b => b.textContent === %q && b.offsetParent && !b.disabled)`, text)
	b.Want(true, find+" !== undefined")
	b.Do(find + ".click()")
}

// choose puts files into the field for them.
func (b browser) choose(files []file) {
	b.T.Helper()
	dir := b.T.TempDir()
	var paths []string
	for _, f := range files {
		path := filepath.Join(dir, filepath.Base(f.name))
		if err := os.WriteFile(path, f.content, 0o600); err != nil {
			b.T.Fatal(err)
		}
		paths = append(paths, path)
	}
	b.Want(true, `document.querySelector("#files") !== null`)
	b.Run(chromedp.SetUploadFiles("#files", paths))
}

const status = `document.querySelector(".runhead .status")?.textContent`

// TestBrowser goes through a day's work: upload, progress, cancel, again with
// other options, answers, comparison.
func TestBrowser(t *testing.T) {
	t.Parallel()
	engine := &fakeEngine{gate: make(chan struct{})}
	a := start(t, serve.Config{Engine: engine})
	b := visit(t, a.url, 1280, 900)
	b.Want("#/", `document.documentElement.dataset.ready`)
	b.choose(append(pictures(t, 6), file{"notes.txt", []byte("x")}, file{"more.zip", archive(t, []file{{"zip/a.png", picture(t, 222)}, {"broken.png", []byte("x")}})}))
	b.Want(true, `document.querySelector(".picked").textContent.startsWith("7 files")`)
	b.Do(`document.querySelector(".settings input").value = "Monday <b>"`)
	b.Shoot("home")
	b.press("Start the run")

	b.Want("running", status)
	b.Want(true, `document.querySelector(".runhead details").textContent.includes("broken.png")`)
	engine.gate <- struct{}{}
	engine.gate <- struct{}{}
	b.Want(true, `document.querySelector(".far small").textContent.endsWith("2 of 7")`)
	b.Shoot("progress")
	// The answer to Cancel comes after the news that the run is over.
	b.Do(`const real = fetch; window.fetch = async (...request) => {
		const answer = await real(...request);
		if (request[0].endsWith("/cancel")) { await new Promise((go) => setTimeout(go, 1000)); setTimeout(() => window.late = true, 200); }
		return answer;
	}`)
	b.press("Cancel")
	b.Want(true, `window.late === true`)
	b.Want("cancelled", status)

	close(engine.gate)
	b.Do(`document.querySelector("#again").open = true`)
	b.press("Start again")
	b.Want("done", status)
	b.Want(true, `document.querySelector("iframe.report").contentDocument?.documentElement.dataset.ready !== undefined`)
	b.Shoot("report")
	first := get[struct{ Runs []store.Run }](a, http.StatusOK, "GET", "/api/runs", nil).Runs[0]

	inside := `document.querySelector("iframe.report").contentDocument`
	b.Do(`document.querySelector("#again").open = true`)
	b.Do(inside + `.querySelector("#cards .say.bad").click()`)
	b.Do(inside + `.querySelector("#cards > li:last-child .say.good").click()`)
	b.Want(true, `document.querySelector(".agreement").textContent.includes("AUROC 1.000")`)
	b.Want(true, inside+`.querySelector("#answered").textContent.startsWith("2 answers")`)
	b.Want(true, `document.querySelector("#again").open`) // news close nothing
	b.Do(inside + `.querySelector("#failing").parentElement.click()`)
	b.Want("#/runs/"+first.ID+"/verdict%3Dfail", `location.hash`)
	b.Shoot("answers")

	b.Do(`document.querySelector("#again").open = true; const method = [...document.querySelectorAll("#again select")].find(s => [...s.options].some(o => o.value === "musc")); method.value = "musc"; method.dispatchEvent(new Event("change"))`)
	b.press("Start again")
	b.Want(true, `location.hash.startsWith("#/runs/") && !location.hash.includes("`+first.ID+`")`)
	b.Want("done", status)
	b.Do(`location.hash = "#/"`)
	b.Want(2, `document.querySelectorAll(".runs input[type=checkbox]").length`)
	b.Want(3, `document.querySelectorAll(".runs tbody tr").length`)
	b.Want("Monday <b>", `document.querySelector(".runs tbody th a").textContent`)
	b.Do(`for (const box of document.querySelectorAll(".runs input[type=checkbox]")) box.click()`)
	b.press("Compare the two marked")
	b.Want(7, `document.querySelectorAll(".compare tbody tr[data-image]").length`)
	b.Want(true, `/[▲▼] 6/.test(document.querySelector(".compare tbody tr").textContent)`)
	b.Shoot("compare")
}

// TestBrowserAnswerFails: an answer that could not be judged, or was not taken, is told
// on the page with what to do, and can be taken back or tried again.
func TestBrowserAnswerFails(t *testing.T) {
	t.Parallel()
	engine := &stubEngine{closed: true}
	a := start(t, serve.Config{Engine: engine})
	run := a.wait(a.upload(nil, stamped(t)).Run.ID, store.Done)
	b := visit(t, a.url, 1280, 900)
	b.Want("#/", `document.documentElement.dataset.ready`)
	b.Do(`location.hash = "#/runs/` + run.ID + `"`)
	inside := `document.querySelector("iframe.report")?.contentDocument`
	answered, family := inside+`.querySelector("#answered")`, inside+`.querySelector("#family-F1 .say.harmless")`
	b.Want(true, inside+`?.documentElement.dataset.ready !== undefined`)
	b.Want("Answers on the report are judged at once.", `document.querySelector(".agreement").textContent`)
	failing := inside + `.querySelector("#failing").textContent`
	before := browsertest.Eval[string](b.Page, failing)

	engine.broken.Store(true)
	b.Do(family + `.click()`)
	told := "The last answer could not be judged: the disk is full. The result before it is kept and shown. Try again once that is mended, or undo the answer."
	b.Want(told, `%s.textContent`, answered)
	b.Want(true, `document.querySelector("iframe.report").getBoundingClientRect().bottom <= innerHeight`) // in sight
	b.Shoot("answer-failed")
	b.Want(before, "%s", failing)
	b.Do(inside + `.querySelector("#undo").click()`)
	b.Want(true, `%s.querySelector(".answers").hidden`, inside)

	b.Do(family + `.click()`)
	b.Want(told, `%s.textContent`, answered)
	engine.broken.Store(false)
	b.Do(inside + `.querySelector("#judge-again").click()`)
	b.Want(true, `%s.textContent.startsWith("1 answer; the last one changed")`, answered)
	b.Want("harmless", inside+`.querySelector("#family-F1 .tag").textContent`)
	b.Want(true, `document.querySelector(".runhead .verdicts").textContent.startsWith(%s + " fail")`, failing)

	b.Do(`const real = fetch; window.fetch = (where, how) => where.endsWith("/answers") && how.method === "POST" ? Promise.resolve(new Response('{"error":"no room"}', {status: 507})) : real(where, how)`)
	b.Do(inside + `.querySelector("#cards .say.bad").click()`)
	b.Want("That was not taken: no room. All is as it was before.", `%s.textContent`, answered)
	b.Want("false", inside+`.querySelector("#cards .say.bad").getAttribute("aria-pressed")`)
}

// TestBrowserQueue: a second window sees what the first one does; the server's
// end is told.
func TestBrowserQueue(t *testing.T) {
	t.Parallel()
	engine := &fakeEngine{gate: make(chan struct{})}
	a := start(t, serve.Config{Engine: engine})
	b := visit(t, a.url, 390, 800)
	b.Want("#/", `document.documentElement.dataset.ready`)
	b.Want(true, `document.documentElement.scrollWidth <= innerWidth`)
	first := a.upload(map[string]string{"name": "one"}, pictures(t, 3)).Run
	a.upload(map[string]string{"name": "two"}, pictures(t, 3))
	b.Want([]string{"queued", "running"}, `[...document.querySelectorAll(".runs .status")].map(s => s.textContent)`)
	b.Want(true, `document.documentElement.scrollWidth <= innerWidth`)
	close(engine.gate)
	b.Want([]string{"done", "done"}, `[...document.querySelectorAll(".runs .status")].map(s => s.textContent)`)
	b.Shoot("phone")
	b.Do(`location.hash = "#/runs/` + first.ID + `"`)
	b.Want("done", status)
	b.Want(true, `document.documentElement.scrollWidth <= innerWidth`)
	b.Do(`location.hash = "#/runs/none"`)
	b.Want(true, `document.querySelector("main .problem")?.textContent.includes("not in the history")`)
	b.MayLose = true
	a.stop()
	b.Want(false, `document.querySelector(".lost").hidden`)
}

// TestBrowserToken: one signs in once.
func TestBrowserToken(t *testing.T) {
	t.Parallel()
	a := start(t, serve.Config{Engine: &fakeEngine{}, Token: "open sesame"})
	b := visit(t, a.url, 800, 600)
	sign := func(token string) {
		b.Want(true, `document.readyState === "complete" && document.querySelector("input[name=token]") !== null`)
		b.Do(fmt.Sprintf(`document.querySelector("input[name=token]").value = %q; document.querySelector("form").requestSubmit()`, token))
	}
	sign("guess")
	b.Want("/login#wrong", `location.pathname + location.hash`)
	b.Want(true, `document.querySelector("#wrong").offsetParent !== null`)
	sign("open sesame")
	b.Want("#/", `document.documentElement.dataset.ready`)
}

// TestBrowserAccessible: axe-core finds nothing wrong with the pages of the
// application, in light and dark, wide and narrow, and none is wider than the window.
func TestBrowserAccessible(t *testing.T) {
	t.Parallel()
	axe := browsertest.Axe(t, filepath.Join("..", "..", "web"))
	a := start(t, serve.Config{Engine: &lineEngine{}})
	var ids []string
	for _, snapshot := range []string{"", "line4", "line4"} {
		fields := map[string]string{"name": "Monday", "options": fmt.Sprintf(`{"snapshot":%q}`, snapshot)}
		ids = append(ids, a.wait(a.upload(fields, pictures(t, 6)).Run.ID, store.Done).ID)
	}
	b := visit(t, a.url, 1280, 900)
	for name, hash := range map[string]string{"home": "#/", "run": "#/runs/" + ids[0], "compare": "#/compare/" + ids[0] + "/" + ids[1], "drift": "#/drift/line4"} {
		b.Do(fmt.Sprintf("location.hash = %q", hash))
		b.Want(hash, `document.documentElement.dataset.ready`)
		if name == "run" {
			b.Want(true, `document.querySelector("iframe.report")?.contentDocument?.documentElement.dataset.ready !== undefined`)
		}
		if shown, ok := map[string]string{"home": ".runs .verdicts", "run": ".runhead .verdicts", "compare": ".pair .verdicts"}[name]; ok {
			b.Want("0 fail0 unsure6 pass", `document.querySelector(%q).textContent`, shown)
		}
		b.Do(axe + `; for (const d of document.querySelectorAll("details")) d.open = true`)
		for _, width := range []int64{390, 1280, 1920} {
			b.Run(chromedp.EmulateViewport(width, 900))
			b.Want(true, `document.documentElement.scrollWidth <= innerWidth`)
			for _, scheme := range []string{"light", "dark"} {
				b.Prefer(scheme)
				b.Accessible(fmt.Sprintf("%s, %s, %d wide", name, scheme, width))
				b.Shoot(fmt.Sprintf("app-%s-%d-%s", name, width, scheme))
			}
		}
	}
}
