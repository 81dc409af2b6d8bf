package report_test

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"codegraph"
	"codegraph/imageset"
	saying "codegraph/internal/answer"
	"codegraph/internal/browsertest"
	"codegraph/internal/verdict"
	"codegraph/report"
)

func TestMain(m *testing.M) { os.Exit(browsertest.Main(m)) }

// browser is a page of a report.
type browser struct{ *browsertest.Page }

// openPage opens the page of dir, or skips the test without Chromium.
func openPage(t *testing.T, dir string, width, height int64) browser {
	t.Helper()
	address := url.URL{Scheme: "file", Path: filepath.ToSlash(filepath.Join(dir, report.PageName))}
	b := browser{browsertest.Open(t, address.String(), "file:", width, height)}
	b.Run(chromedp.WaitReady("html[data-ready]"))
	return b
}

// clickUntil clicks where place says until the expression has the value: what
// is drawn may still move.
func (b browser) clickUntil(selector string, place func() (x, y float64), value any, expression string) {
	b.T.Helper()
	for range 20 {
		x, y := place()
		b.clickAt(selector, x, y)
		if _, ok := b.Becomes(value, expression, 3*time.Second); ok {
			return
		}
	}
	b.Want(value, "%s", expression)
}

func (b browser) key(keys string, mods ...chromedp.KeyOption) {
	b.T.Helper()
	b.Run(chromedp.KeyEvent(keys, mods...))
}

// clickAt clicks a point given as shares of an element's box.
func (b browser) clickAt(selector string, x, y float64) {
	b.T.Helper()
	box := browsertest.Eval[struct{ X, Y, Width, Height float64 }](b.Page, fmt.Sprintf(`(({x, y, width, height}) => ({X: x, Y: y, Width: width, Height: height}))(document.querySelector(%q).getBoundingClientRect())`, selector))
	b.Run(chromedp.MouseClickXY(box.X+x*box.Width, box.Y+y*box.Height))
}

// browserBatch is a batch of eight images, 00 the most anomalous; the first
// three are a family that shares patch 5 and the hostile name is in it.
func browserBatch() *codegraph.Result {
	names := []string{"part/00.png", hostile, "part/02.png", "part/03.png", "part/04.png", "part/05.png", "part/06.png", "part/07.png"}
	res := fakeResult(names...)
	for i := range res.Images {
		img := image.NewNRGBA(image.Rect(0, 0, 120, 90))
		for k := range 120 * 90 {
			x, y := k%120, k/120
			v := uint8(128 + 60*math.Sin(float64(x+7*i)/9)*math.Cos(float64(y)/11))
			img.SetNRGBA(x, y, color.NRGBA{v, v, 200, 255})
		}
		im := &res.Images[i]
		im.Item, im.Width, im.Height = imageset.Item{Name: names[i], Pixels: img}, 120, 90
		im.Rank, im.Score, im.MuScScore = i+1, 0.9-0.1*float64(i), 0.5
		for p := range im.Map {
			im.Map[p] = float32(im.Score) * float32(p+1) / 24
			im.MuScMap[p] = 0.1
		}
		im.Map[5] = float32(im.Score)
	}
	res = withFamily(res, 5, 6)
	res.Families[0].Members = append(res.Families[0].Members, codegraph.Member{Image: 2, Patches: []int{5}, Representative: 5})
	res.Images[2].Family = 0
	return withEvidence(res)
}

// firstPatch marks the first patch of the defective images.
func firstPatch(_ context.Context, i, w, h int) ([]bool, error) {
	mask := make([]bool, w*h)
	if i < 3 || i == 4 {
		for y := range h / 4 {
			for x := range w / 6 {
				mask[y*w+x] = true
			}
		}
	}
	return mask, nil
}

func browserPage(t *testing.T, width, height int64) browser {
	t.Helper()
	dir := t.TempDir()
	mustWrite(t, dir, browserBatch(), pageOptions())
	return openPage(t, dir, width, height)
}

// truthBrowserPage is the same with known truth.
func truthBrowserPage(t *testing.T, width, height int64) browser {
	t.Helper()
	dir := t.TempDir()
	o := pageOptions()
	// 03 is good and scores above 04, which is defective.
	o.Truth = &report.Truth{Side: 64, Defective: []bool{true, true, true, false, true, false, false, false}, Mask: firstPatch}
	mustWrite(t, dir, browserBatch(), o)
	return openPage(t, dir, width, height)
}

func TestBrowserGallery(t *testing.T) {
	t.Parallel()
	b := browserPage(t, 1280, 900)
	b.Want(8, `document.querySelectorAll("#cards > li").length`)
	b.Want("part/00.png", `document.querySelector("#cards .name").textContent`)
	// A name is text, whatever is in it.
	b.Want(true, `[...document.querySelectorAll("#cards .name")].some((n) => n.textContent.includes("</script><img"))`)
	b.Want("Inspection report", `document.title`)
	// The map is painted.
	b.Want(true, `document.querySelector("#cards canvas").width > 1`)

	b.Do(`const r = document.querySelector("#threshold"); r.value = 0.65; r.dispatchEvent(new Event("input"))`)
	b.Want([]string{"3", "5"}, `[document.querySelector("#failing").textContent, document.querySelector("#passing").textContent]`)
	b.Want(3, `document.querySelectorAll("#cards > [data-verdict=fail]").length`)
	// Drag the marker to the right: everything passes.
	b.Do(`const h = document.querySelector(".histogram"), q = h.getBoundingClientRect();
		for (const [type, x] of [["pointerdown", 0.5], ["pointermove", 1]]) h.dispatchEvent(new PointerEvent(type, {pointerId: 1, clientX: q.x + x * q.width, clientY: q.y + 9}))`)
	b.Want("0", `document.querySelector("#failing").textContent`)
	b.Do(`document.querySelector(".decision button").click()`)

	b.Do(`const s = document.querySelector("#search"); s.value = "PART/07"; s.dispatchEvent(new Event("input"))`)
	b.Want(1, `document.querySelectorAll("#cards > li").length`)
	b.Do(`const s2 = document.querySelector("#search"); s2.value = ""; s2.dispatchEvent(new Event("input"));
		const f = [...document.querySelectorAll("#gallery select")].find((x) => x.options[2].text === "no family"); f.value = "F1"; f.dispatchEvent(new Event("change"))`)
	b.Want(3, `document.querySelectorAll("#cards > li").length`)
}

// TestBrowserVerdict: the scan's verdicts are labels and a filter, whatever the
// threshold.
func TestBrowserVerdict(t *testing.T) {
	t.Parallel()
	res := browserBatch()
	res.Options.FDR = 0.05
	for i := range res.Images {
		res.Images[i].Verdict = verdict.Verdict{Label: verdict.Pass, P: 0.4, Q: 0.5}
	}
	res.Images[0].Verdict = verdict.Verdict{Label: verdict.Fail, P: 0.001, Q: 0.008}
	res.Images[1].Verdict = verdict.Verdict{Label: verdict.Unsure, P: 0.03, Q: 0.12}
	dir := t.TempDir()
	mustWrite(t, dir, res, pageOptions())
	b := openPage(t, dir, 1280, 900)
	b.Want([]string{"1", "1", "6"}, `["failing", "doubtful", "passing"].map((id) => document.getElementById(id).textContent)`)
	b.Want([]string{"badge fail", "badge unsure"}, `[...document.querySelectorAll("#cards .badge")].map((n) => n.className).slice(0, 2)`)
	b.Do(`const v = [...document.querySelectorAll("#gallery select")].find((x) => [...x.options].some((o) => o.text === "unsure")); v.value = "unsure"; v.dispatchEvent(new Event("change"))`)
	b.Want(1, `document.querySelectorAll("#cards > li").length`)
	b.Do(`document.querySelector("#cards .open").click()`)
	b.Want(true, `document.querySelector("dialog").textContent.includes("good with a probability of 0.12")`)
}

// TestBrowserTruth: what is known shows in figures, curves, outlines and in
// what comes first.
func TestBrowserTruth(t *testing.T) {
	t.Parallel()
	b := truthBrowserPage(t, 1280, 900)
	// AUROC 14 of 16 pairs; F1 is best at 0.5, with a false alarm.
	b.Want([]string{"AUROC", "50.0", "93.8"}, `[...document.querySelectorAll("#truth tbody tr")[1].children].map((c) => c.textContent)`)
	b.Want(true, `document.querySelectorAll("#truth th[colspan]")[1].textContent === "Per pixel, at 64 × 64"`)
	b.Want(4, `document.querySelectorAll("#truth svg.chart").length`)
	b.Do(`document.querySelector("#best").click()`)
	b.Want([]string{"5", "3"}, `[document.querySelector("#failing").textContent, document.querySelector("#passing").textContent]`)
	b.Want([]string{"part/03.png", "part/00.png"}, `[...document.querySelectorAll("#cards .name")].slice(0, 2).map((n) => n.textContent)`)
	dot := `document.querySelector("#truth .threshold-dot").getAttribute("cy")`
	before := browsertest.Eval[string](b.Page, dot)
	b.Do(`const r = document.querySelector("#threshold"); r.value = 0.65; r.dispatchEvent(new Event("input"))`)
	b.Want([]string{"part/04.png", "part/00.png"}, `[...document.querySelectorAll("#cards .name")].slice(0, 2).map((n) => n.textContent)`)
	b.Want(true, `document.querySelector("#cards .badge").textContent === "✓ Pass · missed"`)
	b.Want(true, `document.querySelector("#summary").textContent.includes("1 defect missed, 0 false alarms")`)
	if after := browsertest.Eval[string](b.Page, dot); after == before {
		t.Errorf("the threshold moved, its dot stays at %s", before)
	}
	b.Do(`document.querySelector("#best").click()`)
	b.Want(before, "%s", dot)

	b.Do(`document.querySelector("#gallery").scrollIntoView()`)
	b.Want(4, `document.querySelectorAll("#cards .known").length`)
	b.Do(`document.querySelectorAll("#cards .open")[1].click()`)
	known := `document.querySelectorAll(".viewer .known")[1].getAttribute("d").length > 0`
	b.Want(true, known)
	b.key("t")
	b.Want(false, known)
}

func TestBrowserViewer(t *testing.T) {
	t.Parallel()
	b := browserPage(t, 1280, 900)
	b.Run(chromedp.Focus("#cards .open"))
	b.key(kb.ArrowRight)
	b.Want(1, `[...document.querySelectorAll("#cards .open")].indexOf(document.activeElement)`)
	b.key("m")
	b.Want("map", `document.querySelector("#cards").dataset.mode`)
	b.key(kb.ArrowLeft)
	b.key("o")
	b.Want("overlay", `document.querySelector("#cards").dataset.mode`)
	b.key(kb.Enter)
	b.Want(true, `document.querySelector("dialog").open`)
	b.Want("part/00.png", `document.querySelector("#viewer-title").textContent`)
	b.Want(true, `document.querySelector(".why .reason").textContent.startsWith("Burns out after 1 image.")`)
	b.Want(true, `document.querySelector(".why .test").textContent.startsWith("p = 2 · 10⁻⁹ that")`)
	b.Want(true, `document.querySelector(".why .test").textContent.includes("8.0 by this patch alone, 9.5 at this place in all images, 9.0 in the batch")`)
	b.Want(true, `document.querySelector(".why").textContent.includes("does not fit this batch well: a test at 5 % rejects 30 %")`)
	// Patch 0 is in the upper left corner of the image.
	b.clickAt(".stage:not([hidden]) .layer", 0.1, 0.1)
	b.Want(true, `document.querySelector(".why .hint").textContent.startsWith("Patch in row 1, column 1.")`)
	b.Want(true, `document.querySelector(".why .reason").textContent.startsWith("No burnout.")`)
	b.Want(3, `document.querySelectorAll(".chart .dot").length`)
	b.key(kb.ArrowDown, chromedp.KeyModifiers(chromedp.ModifierShift))
	b.Want(true, `document.querySelector(".why .hint").textContent.startsWith("Patch in row 2, column 1.")`)
	b.key("o")
	b.Want("image", `document.querySelectorAll(".stage")[1].dataset.mode`)
	b.key("m")
	b.Want("map", `document.querySelectorAll(".stage")[1].dataset.mode`)
	b.key("c")
	b.Want(2, `document.querySelectorAll(".stages .stage:not([hidden])").length`)
	b.key("+")
	b.Want(true, `document.querySelector(".layer").style.transform.includes("scale(1.5)")`)
	b.key(kb.ArrowRight)
	b.Want(true, `document.querySelector("#viewer-title").textContent.startsWith("</script>")`)
	b.key(kb.ArrowLeft)
	b.key(kb.ArrowLeft)
	b.Want("part/07.png", `document.querySelector("#viewer-title").textContent`)
	b.Do(`document.querySelector(".nearest button").click()`)
	b.Want("part/00.png", `document.querySelector("#viewer-title").textContent`)
	b.key(kb.Escape)
	b.Want(false, `document.querySelector("dialog").open`)
	b.Want("Inspection report", `document.title`)
}

func TestBrowserFamiliesAndGraph(t *testing.T) {
	t.Parallel()
	b := browserPage(t, 1280, 900)
	b.Do(`document.querySelector("#families").scrollIntoView()`)
	b.Want(3, `document.querySelectorAll("#family-F1 .sheet li").length`)
	b.Do(`document.querySelector("#family-F1 .under input").click()`)
	b.Want(6, `document.querySelectorAll("#family-F1 .sheet canvas").length`)
	b.Do(`document.querySelector("#family-F1 .sheet button").click()`)
	b.Want(true, `document.querySelector("dialog").open`)
	b.key(kb.Escape)

	b.Do(`document.querySelector("#network").scrollIntoView({block: "center", behavior: "instant"})`)
	b.Want(8, `document.querySelector("#network")._cyreg?.cy.nodes().length`)
	b.Want("", `document.querySelector("#network").dataset.laid`) // out
	place := `(() => { const n = document.querySelector("#network"), q = n.getBoundingClientRect(), p = n._cyreg.cy.%s; return [(p.x) / q.width, (p.y) / q.height] })()`
	at := func(what string) (x, y float64) {
		p := browsertest.Eval[[2]float64](b.Page, fmt.Sprintf(place, what))
		return p[0], p[1]
	}
	edge := func() (x, y float64) { return at(`edges()[0].renderedMidpoint()`) }
	b.clickUntil("#network", edge, 2, `document.querySelectorAll(".edge figure").length`)
	b.Want(true, `document.querySelector(".edge .linked").getAttribute("d").length > 0`)
	node := func() (x, y float64) { return at(`nodes()[3].renderedPosition()`) }
	b.clickUntil("#network", node, "part/03.png", `document.querySelector("#viewer-title").textContent`)
	b.key(kb.Escape)
	b.Do(`document.querySelector("#image-graph details").open = true; document.querySelectorAll("#image-graph details button")[1].click()`)
	b.Want(true, `document.querySelector(".edge h3").textContent === "1 suspicious link"`)
}

// TestBrowserAnswers: what a person says counts at once, can be taken back, and is
// handed out as a file that a scan takes.
func TestBrowserAnswers(t *testing.T) {
	t.Parallel()
	b := browserPage(t, 1280, 900)
	b.Want([]string{"0", "5"}, `["failing", "passing"].map((id) => document.getElementById(id).textContent)`)
	b.Do(`document.querySelectorAll("#cards .say.bad")[3].click(); document.querySelectorAll("#cards .say.good")[4].click()`)
	b.Want([]string{"1", "4"}, `["failing", "passing"].map((id) => document.getElementById(id).textContent)`)
	b.Want(true, `document.querySelectorAll("#cards .badge")[3].textContent === "✕ Fail"`)
	b.Do(`document.querySelector("#family-F1 .say.defect").click()`)
	b.Want("4", `document.querySelector("#failing").textContent`)
	b.Want(true, `document.querySelector("#answered").textContent.startsWith("3 answers; the last one changed 3 verdicts")`)
	b.Do(`document.querySelector("#undo").click(); document.querySelector("#family-F1 .say.harmless").click()`)
	b.Want("1", `document.querySelector("#failing").textContent`)
	b.Do(`document.querySelectorAll("#cards .say.good")[4].click()`)
	b.Want(true, `document.querySelector("#answered").textContent.startsWith("2 answers")`)
	said := b.said()
	want := &saying.Answers{
		Schema: saying.Schema, Version: said.Version, Images: []saying.Image{{Name: "part/03.png", Answer: saying.Bad}},
		Families: []saying.Family{{ID: "F1", Answer: saying.Harmless, Members: []string{"part/00.png", hostile, "part/02.png"}}},
	}
	if !reflect.DeepEqual(said, want) {
		t.Errorf("the file says %+v", said)
	}
	b.Do(`document.querySelectorAll("#cards .open")[6].click(); document.querySelector(".ask .reference").click()`)
	b.Want(true, `document.querySelector(".headline .badge").textContent === "✓ Pass"`)
	b.Want(5, `document.querySelectorAll(".history li").length`)
	b.Do(`document.querySelector("#answers-file").removeAttribute("href"); document.querySelector("#answers-file").click()`) // else the page asks before it is left
}

// TestBrowserApply: another limit is tried out until it is applied; then it is the
// verdict and in the file, and can be taken back.
func TestBrowserApply(t *testing.T) {
	t.Parallel()
	b := browserPage(t, 1280, 900)
	b.Do(`const box = document.querySelector(".decision input"); box.value = "0.0001"; box.dispatchEvent(new Event("change"))`)
	b.Want(true, `document.querySelector("p.whatif").textContent.startsWith("What if")`)
	b.Want(true, `document.querySelector(".answers").hidden`)
	failing := browsertest.Eval[string](b.Page, `document.querySelector("#failing").textContent`)
	b.Do(`document.querySelector("#apply").click()`)
	b.Want(true, `document.querySelector("p.whatif").hidden && document.querySelector("#as-scanned").hidden`)
	b.Want(failing, `document.querySelector("#failing").textContent`)
	b.Shoot("applied")
	if said := b.said(); said.Limit == nil || *said.Limit != 0.0001 {
		t.Errorf("the file says %+v", said)
	}
	b.Do(`document.querySelector("#undo").click()`)
	b.Want("0", `document.querySelector("#failing").textContent`)
}

// said is the file of answers that the page hands out.
func (b browser) said() *saying.Answers {
	b.T.Helper()
	file := browsertest.Eval[string](b.Page, `decodeURIComponent(document.querySelector("#answers-file").href.split(",")[1])`)
	b.Do(`document.querySelector("#answers-file").removeAttribute("href"); document.querySelector("#answers-file").click()`) // else the page asks before it is left
	said, err := saying.Read(strings.NewReader(file))
	if err != nil {
		b.T.Fatal(err)
	}
	return said
}

// TestBrowserRegion: a region is drawn by rectangle, polygon, brush and numbers, erased
// and taken back; a scan takes it.
func TestBrowserRegion(t *testing.T) {
	t.Parallel()
	b := browserPage(t, 1280, 900)
	b.Do(`document.querySelector("#cards .open").click(); document.querySelector("#region-open").click()`)
	b.Do(`window.at = (type, x, y) => {
		const stage = [...document.querySelectorAll(".stages .stage")].find((s) => !s.hidden), r = stage.querySelector(".layer").getBoundingClientRect();
		stage.dispatchEvent(new MouseEvent(type, { clientX: r.left + x * r.width, clientY: r.top + y * r.height, bubbles: true }));
	};
	Element.prototype.setPointerCapture = () => {};
	window.tool = (name) => { const s = document.querySelector(".ignore select"); s.value = name; s.dispatchEvent(new Event("change")); };
	window.left = () => Number(/(\d+(\.\d)?) %/.exec(document.querySelector(".ignore [role=status]").textContent)?.[1] ?? 0)`)
	b.Do(`at("pointerdown", 0, 0); at("pointermove", 0.3, 0.3); at("pointerup", 0.5, 0.5)`)
	b.Want(25, `Math.round(left())`)
	b.Do(`tool("polygon"); for (const [x, y] of [[0.5, 0.5], [1, 0.5], [1, 1]]) at("pointerup", x, y); at("dblclick", 1, 1)`)
	b.Want(true, `Math.abs(left() - 37.5) < 1.5`)
	b.Do(`tool("brush"); at("pointerdown", 0.2, 0.8); at("pointermove", 0.3, 0.8); at("pointerup", 0.4, 0.8)`)
	b.Want(true, `left() > 38 && left() < 41`)
	b.Shoot("region")
	b.Do(`document.querySelector("#region-clear").click(); [...document.querySelectorAll(".ignore .percent")].forEach((f, k) => { f.value = [0, 0, 100, 50][k] }); document.querySelector(".ignore .percent").parentElement.querySelector("button").click()`)
	b.Want(50, `Math.round(left())`)
	b.Do(`document.querySelector(".ignore [type=checkbox]").checked = true; tool("rectangle"); at("pointerdown", 0, 0); at("pointerup", 0.5, 1)`)
	b.Want(25, `Math.round(left())`)
	b.Do(`document.querySelector("#region-apply").click()`)
	b.Want(true, `document.querySelector("#answered").textContent.startsWith("1 answer")`)
	b.Want(true, `document.querySelector(".ignore [role=status]").textContent.includes("is left out")`)
	said := b.said()
	out := 0
	for _, inside := range said.Region(nil).Inside(4, 4) {
		if !inside {
			out++
		}
	}
	if out != 4 {
		t.Errorf("%d of 16 patches are left out, want 4", out)
	}
	b.Do(`document.querySelector("#undo").click()`)
	b.Want("", `document.querySelector(".ignore [role=status]").textContent`)
}

// TestBrowserReferences: a tile, all images shown and all of a family are said to be
// references, each in one step.
func TestBrowserReferences(t *testing.T) {
	t.Parallel()
	b := browserPage(t, 1280, 900)
	b.Want(true, `document.querySelector(".shown-now .choice").hidden`) // never of all images by mistake
	b.Do(`document.querySelectorAll("#cards .say.reference")[7].click()`)
	b.Do(`document.querySelector("#family-F1 .references").click()`)
	b.Want("true", `document.querySelector("#cards .say.reference").getAttribute("aria-pressed")`)
	b.Want(true, `document.querySelector("#answered").textContent.startsWith("4 answers")`)
	b.Do(`location.hash = "#family=none"`)
	b.Want(5, `document.querySelectorAll("#cards > li").length`)
	b.Do(`document.querySelector(".shown-now .bad").click()`)
	b.Want("5", `document.querySelector("#failing").textContent`)
	b.Want("5 images: bad", `document.querySelector(".history li").firstChild.textContent`)
	b.Do(`document.querySelector("#undo").click()`)
	b.Want("0", `document.querySelector("#failing").textContent`)
	if said := b.said(); len(said.Images) != 4 || said.Images[3] != (saying.Image{Name: "part/07.png", Answer: saying.Reference}) {
		t.Errorf("the file says %+v", said.Images)
	}
}

// TestBrowserStory: where the scores judge nothing, the first screen shows what recurs,
// first in words and first among the photographs, and why nothing is judged.
func TestBrowserStory(t *testing.T) {
	t.Parallel()
	res := browserBatch()
	f := &res.Families[0]
	for i := range res.Images {
		res.Images[i].Family = -1
		res.Images[i].Verdict = verdict.Verdict{Label: verdict.Unsure, P: 0.5, Q: 0.5}
	}
	for k, i := range []int{4, 6, 7} { // low among the scores
		f.Members[k].Image, res.Images[i].Family = i, 0
	}
	res.Options.FDR, res.Limits.Fail, res.Limits.Pass = 0.05, math.Inf(1), math.Inf(-1)
	res.VerdictNote = "no image passes or fails: most is defective"
	dir := t.TempDir()
	mustWrite(t, dir, res, pageOptions())
	b := openPage(t, dir, 1280, 900)
	b.Want([]string{"0", "8", "0", "3"}, `["failing", "doubtful", "passing", "recurring"].map((id) => document.getElementById(id).textContent)`)
	b.Want([]string{"3 parts share a recurring defect (F1): look at these first.", "No image passes or fails: most is defective."}, `[...document.querySelectorAll(".sense p")].slice(0, 2).map((p) => p.textContent)`)
	b.Want([]string{"part/04.png", "part/06.png", "part/07.png", "part/00.png"}, `[...document.querySelectorAll("#cards .name")].slice(0, 4).map((n) => n.textContent)`)
	b.Want(true, `[...document.querySelectorAll("#cards .picture")].filter((p) => p.getBoundingClientRect().bottom < innerHeight).length >= 6`)
	b.Shoot("story")
	b.Do(`document.querySelector("#recurring").parentElement.click()`)
	b.Want("#family=F1", `location.hash`)
	b.Do(`document.querySelector("#family-F1 .harmless").click()`) // then it is not a defect to look at
	b.Want(nil, `document.querySelector("#recurring")`)
	b.said()
}

// TestBrowserPrint: what is printed is there before it is scrolled to, and has nothing to
// press.
func TestBrowserPrint(t *testing.T) {
	t.Parallel()
	b := browserPage(t, 390, 200)
	drawn := `[...document.querySelectorAll("#family-F1 .sheet canvas")].every((c) => c.getContext("2d").getImageData(c.width / 2, c.height / 2, 1, 1).data[3] > 0)`
	b.Want(true, "%s", drawn)
	b.Want(0, `scrollY`)
	b.Media("print")
	b.Want(0, `[...document.querySelectorAll("body button, body select, body input")].filter((n) => n.getClientRects().length && !n.closest(".tiles, .card, .sheet, .family > header")).length`)
	b.Want(0, `[...document.querySelectorAll(".say, .references")].filter((n) => n.getClientRects().length).length`)
	b.Want(true, `document.querySelector("header.page").textContent.includes("codegraph")`)
}

// TestBrowserColours: colours reach up to the limit of the batch or the highest place of
// each image, in two palettes; defect regions are outlined until that is turned off.
func TestBrowserColours(t *testing.T) {
	t.Parallel()
	res := browserBatch()
	res.Images[0].Map[11], res.Images[0].Score = 8, 8 // one extreme part does not fade the others
	res.Options.FDR, res.Limits.Median, res.Limits.Fail = 0.05, 0.3, 0.55
	for i := range res.Images {
		res.Images[i].Verdict = verdict.Verdict{Label: verdict.Unsure}
	}
	dir := t.TempDir()
	mustWrite(t, dir, res, pageOptions())
	b := openPage(t, dir, 1280, 900)
	strength := func(k int) string { // how opaque the map of a tile is at most
		return fmt.Sprintf(`(() => { const c = document.querySelectorAll("#cards canvas")[%d], d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data; let most = 0; for (let i = 3; i < d.length; i += 4) most = Math.max(most, d[i]); return most })()`, k)
	}
	if second := browsertest.Eval[int](b.Page, strength(1)); second < 100 {
		t.Errorf("the second image shows %d of 255 beside an extreme one", second)
	}
	last := browsertest.Eval[int](b.Page, strength(7))
	b.Do(`document.querySelector("input[name=gallery-tone][value=image]").click()`)
	if own := browsertest.Eval[int](b.Page, strength(7)); own <= last {
		t.Errorf("by itself the last image shows %d, within the batch %d", own, last)
	}
	palette := `document.documentElement.dataset.palette`
	before := browsertest.Eval[string](b.Page, palette)
	other := map[string]string{"cool": "warm", "warm": "cool"}[before]
	b.Do(fmt.Sprintf(`const s = document.querySelector(".tones select"); s.value = %q; s.dispatchEvent(new Event("change"))`, other))
	b.Want(other, "%s", palette)
	b.Do(`const s = document.querySelector(".tones select"); s.value = "warm"; s.dispatchEvent(new Event("change"))`)
	ramp := browsertest.Eval[string](b.Page, `document.querySelector(".scale .ramp").style.backgroundImage`)
	for _, k := range []int{64, 128, 192} { // those of the overlays
		if c := report.HeatColours[k]; !strings.Contains(ramp, fmt.Sprintf("rgba(%d, %d, %d, ", c[0], c[1], c[2])) {
			t.Errorf("the page's colours %s lack %v", ramp, c)
		}
	}
	outlines := `[...document.querySelectorAll("#cards .marks.regions")].filter((m) => getComputedStyle(m).display !== "none").length > 0`
	b.Want(true, "%s", outlines)
	b.Do(`[...document.querySelectorAll(".view .check")].find((l) => l.textContent === "Defect regions").querySelector("input").click()`)
	b.Want(false, "%s", outlines)
}

// TestBrowserZoom: zooming keeps the marked place where it is, and after the viewer the
// focus is on the image that was seen last.
func TestBrowserZoom(t *testing.T) {
	t.Parallel()
	b := browserPage(t, 1280, 900)
	b.Run(chromedp.Focus("#cards .open"))
	b.key(kb.Enter)
	b.clickAt(".stage:not([hidden]) .layer", 0.25, 0.3)
	at := `(() => { const r = [...document.querySelectorAll(".probe")].pop().getBoundingClientRect(); return [Math.round((r.left + r.right) / 20), Math.round((r.top + r.bottom) / 20)] })()`
	before := browsertest.Eval[[]int](b.Page, at)
	for range 3 {
		b.key("+")
	}
	b.Want("3.375", `/scale\(([\d.]+)\)/.exec([...document.querySelectorAll(".stage:not([hidden]) .layer")].pop().style.transform)[1]`)
	b.Want(before, "%s", at)
	b.key(kb.ArrowRight)
	b.key(kb.ArrowRight)
	b.key(kb.Escape)
	b.Want(2, `[...document.querySelectorAll("#cards .open")].indexOf(document.activeElement)`)
}

// TestBrowserAddress: the address leads to a view.
func TestBrowserAddress(t *testing.T) {
	t.Parallel()
	b := browserPage(t, 1280, 900)
	b.Do(`location.hash = "#family=F1&image=part%2F02.png&place=7"`)
	b.Want(3, `document.querySelectorAll("#cards > li").length`)
	b.Want("part/02.png", `document.querySelector("#viewer-title").textContent`)
	b.key(kb.Escape)
	b.Want("#family=F1", `location.hash`)
	b.Do(`document.querySelector("#passing").parentElement.click()`)
	b.Want("#verdict=pass", `location.hash`)
	b.Want(5, `document.querySelectorAll("#cards > li").length`)
}

// TestBrowserWidths: nothing is wider than the window.
func TestBrowserWidths(t *testing.T) {
	t.Parallel()
	for _, width := range []int64{1920, 1280, 390} {
		b := truthBrowserPage(t, width, 800)
		b.Want(true, `document.documentElement.scrollWidth <= innerWidth`)
		b.Do(`document.querySelector("#cards .open").click()`)
		b.Want(true, `document.querySelector("dialog").scrollWidth <= innerWidth`)
	}
}

// TestBrowserWithoutEvidence: a page that knows less still works.
func TestBrowserWithoutEvidence(t *testing.T) {
	t.Parallel()
	res := fakeResult("a.png", "b.png")
	res.Images[0].Item.Pixels = nil
	res.Method = codegraph.MethodMuSc
	dir := t.TempDir()
	mustWrite(t, dir, res, pageOptions())
	b := openPage(t, dir, 1280, 900)
	b.Want(2, `document.querySelectorAll("#cards > li").length`)
	b.Do(`document.querySelectorAll("#cards .open")[1].click()`)
	b.Want(true, `document.querySelector(".why").textContent.includes("does not hold what the place was compared with")`)
	b.key("c")
	b.Want(1, `document.querySelectorAll(".stages .stage:not([hidden])").length`)
}

// TestBrowserAccessible: axe-core finds nothing wrong with the page and the
// viewer, in light and dark, wide and narrow.
func TestBrowserAccessible(t *testing.T) {
	t.Parallel()
	axe := browsertest.Axe(t, filepath.Join("..", "web"))
	for _, width := range []int64{390, 1280, 1920} {
		b := truthBrowserPage(t, width, 800)
		b.Do(axe)
		b.Do(`document.querySelector("#cards .say.bad").click(); for (const d of document.querySelectorAll("details")) d.open = true`)
		for _, scheme := range []string{"light", "dark"} {
			b.Prefer(scheme)
			b.Accessible(fmt.Sprintf("%s, %d wide", scheme, width))
		}
		b.Do(`document.querySelector("#cards .open").click(); document.querySelector("#region-open").click()`)
		b.Accessible(fmt.Sprintf("viewer, %d wide", width))
		b.Shoot(fmt.Sprintf("viewer-%d-dark", width))
	}
}
