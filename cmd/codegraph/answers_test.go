package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"image/png"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"codegraph"
	"codegraph/imageset"
	"codegraph/internal/answer"
	"codegraph/internal/browsertest"
	"codegraph/internal/stub"
	"codegraph/report"
)

// stubScan scans with a small network.
func stubScan(ctx context.Context, args ...string) outcome {
	e := builtin
	e.detect = func(ctx context.Context, set imageset.Set, o codegraph.Options) (*codegraph.Result, error) {
		o.Backbone, o.Align, o.Threads, o.Evidence = stub.Network{}, codegraph.AlignOff, 1, 0
		return codegraph.Detect(ctx, set, o)
	}
	var stdout, stderr bytes.Buffer
	code := run(ctx, args, &stdout, &stderr, e)
	return outcome{code, stdout.String(), stderr.String()}
}

// plates writes n plates into a folder, of which every k-th has the same mark and
// those of odd have one of their own.
func plates(t *testing.T, n, k int, odd ...int) string {
	t.Helper()
	dir := t.TempDir()
	marked := stub.Stamped(n, stub.Every(k))
	own := stub.Plates(n, 32, func(int) bool { return true })
	for i, it := range marked {
		for _, o := range odd {
			if o == i {
				it.Pixels = own[i].Pixels
			}
		}
		var b bytes.Buffer
		if err := png.Encode(&b, it.Pixels); err != nil {
			t.Fatal(err)
		}
		put(t, filepath.Join(dir, it.Name+".png"), b.String())
	}
	return dir
}

// verdicts of a scan, as each part of it says them: fail, unsure, pass.
type counts [3]int

func (c *counts) add(label string) {
	switch label {
	case "fail":
		c[0]++
	case "unsure":
		c[1]++
	case "pass":
		c[2]++
	}
}

// TestVerdictsAgree: on ten batches, before and after answers, the summary, the
// exit code, results.json, scores.csv, the page's counts and its tiles say the same.
func TestVerdictsAgree(t *testing.T) {
	t.Parallel()
	var browser *browsertest.Page
	var all counts
	answered, families, changed := 0, 0, 0
	stories := map[[2]bool]int{} // with what recurs, and with why nothing passes
	for batch := range 10 {
		dir := plates(t, []int{12, 20}[batch%2]+batch/3, 4+batch%3, 1+batch%2, 3, 5*(batch%3))
		out := filepath.Join(t.TempDir(), "out")
		address := url.URL{Scheme: "file", Path: filepath.ToSlash(filepath.Join(out, report.PageName))}
		var first *report.Document
		args := []string{"scan", "--exit-code", "--overlays", "none", "--out", out}
		for _, with := range []string{"no answers", "answers"} {
			what := fmt.Sprintf("batch %d, %s", batch, with)
			if with == "answers" {
				file := filepath.Join(t.TempDir(), "answers.json")
				writeAnswers(t, file, first)
				args = append(args, "--answers", file)
			}
			o := stubScan(t.Context(), append(args, dir)...)
			if o.code == exitFailed {
				t.Fatalf("%s: %s", what, o.stderr)
			}
			doc := readResults(t, out)
			want := counts{doc.Verdicts.Fail, doc.Verdicts.Unsure, doc.Verdicts.Pass}
			if code := map[bool]int{true: exitDefective, false: 0}[want[0] > 0]; o.code != code {
				t.Errorf("%s: exit code %d, want %d: %s", what, o.code, code, o.stderr)
			}
			if line := fmt.Sprintf("%d fail, %d unsure, %d pass,", want[0], want[1], want[2]); !strings.Contains(o.stdout, line) {
				t.Errorf("%s: the summary does not say %q:\n%s", what, line, o.stdout)
			}
			var images counts
			for _, im := range doc.Images {
				images.add(string(*im.Verdict))
			}
			if table := tableCounts(t, out); images != want || table != want {
				t.Errorf("%s: results.json counts %v and lists %v, scores.csv %v", what, want, images, table)
			}
			if browser == nil {
				browser = browsertest.Open(t, address.String(), "file:", 1000, 800)
			} else {
				browser.Run(chromedp.Navigate(address.String()))
			}
			browser.Run(chromedp.WaitReady("html[data-ready]"))
			if head := browsertest.Eval[counts](browser, `["failing", "doubtful", "passing"].map((id) => Number(document.getElementById(id).textContent))`); head != want {
				t.Errorf("%s: the page counts %v, want %v", what, head, want)
			}
			if tiles := browsertest.Eval[counts](browser, `["fail", "unsure", "pass"].map((v) => document.querySelectorAll("#cards > [data-verdict=" + v + "] .badge." + v).length)`); tiles != want {
				t.Errorf("%s: the tiles say %v, want %v", what, tiles, want)
			}
			recurs, note := strings.Contains(o.stdout, "share a recurring defect"), strings.Contains(o.stdout, "\nNo image passes")
			if page := browsertest.Eval[[]bool](browser, `["share a recurring defect", "No image passes"].map((t) => document.querySelector(".sense").textContent.includes(t))`); page[0] != recurs || page[1] != note || note != (doc.VerdictNote != "") {
				t.Errorf("%s: the summary says of what recurs %v and why nothing passes %v, the page %v, results.json %q", what, recurs, note, page, doc.VerdictNote)
			}
			stories[[2]bool{recurs, note}]++
			for k, n := range want {
				all[k] += n
			}
			if doc.Answers != nil {
				answered, families = answered+len(doc.Answers.Images), families+len(doc.Answers.Families)
				if doc.Verdicts != first.Verdicts {
					changed++
				}
			}
			first = doc
		}
	}
	t.Logf("%v fail, are unsure, pass; %d answers about images, %d about families, %d batches judged otherwise by them, stories %v", all, answered, families, changed, stories)
	if len(stories) < 4 || slices.Min(all[:]) < 10 || answered < 30 || families == 0 || changed < 5 {
		t.Error("the test shows little")
	}
}

// writeAnswers says of some images and of all families what they are.
func writeAnswers(t *testing.T, file string, doc *report.Document) {
	t.Helper()
	a := answer.After([]answer.Step{
		{Image: &answer.Image{Name: doc.Images[1].Name, Answer: answer.Bad}},
		{Image: &answer.Image{Name: doc.Images[2].Name, Answer: answer.Good}},
		{Image: &answer.Image{Name: doc.Images[6].Name, Answer: answer.Reference}},
	})
	limit := (doc.Images[1].Score + doc.Images[2].Score) / 2 // applied, it decides of both
	a.Limit = &limit
	for k, f := range doc.Families {
		said := answer.Family{ID: f.ID, Answer: []answer.ForFamily{answer.Harmless, answer.Defect, answer.NoGroup}[k%3]}
		for _, m := range f.Members {
			said.Members = append(said.Members, m.Name)
		}
		a.Families = append(a.Families, said)
	}
	var b bytes.Buffer
	if err := a.Encode(&b); err != nil {
		t.Fatal(err)
	}
	put(t, file, b.String())
}

func tableCounts(t *testing.T, out string) (c counts) {
	t.Helper()
	f, err := os.Open(filepath.Join(out, report.ScoresName))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows[1:] {
		c.add(r[4])
	}
	return c
}

// TestAnswersFile: what is wrong with it is said before the scan.
func TestAnswersFile(t *testing.T) {
	t.Parallel()
	dir := photos(t, "a.png", "b.png", "c.png")
	bad := filepath.Join(t.TempDir(), "bad.json")
	put(t, bad, `{"schema":"codegraph-answers/1","images":[{"name":"a.png","answer":"fine"}]}`)
	fake := &fakeDetect{}
	o := exec(t.Context(), fake, "scan", "--out", filepath.Join(t.TempDir(), "out"), "--answers", bad, dir)
	o.want(t, exitFailed, "bad.json", `"fine"`, "good, bad or reference")
	o = exec(t.Context(), fake, "scan", "--out", filepath.Join(t.TempDir(), "out"), "--answers", bad+".not", dir)
	o.want(t, exitFailed, "bad.json.not")
	good := filepath.Join(t.TempDir(), "good.json")
	put(t, good, `{"schema":"codegraph-answers/1","images":[{"name":"a.png","answer":"good"}],"families":[]}`)
	out := filepath.Join(t.TempDir(), "out")
	exec(t.Context(), fake, "scan", "--out", out, "--answers", good, dir).want(t, 0)
	if fake.opts.Answers == nil || len(fake.opts.Answers.Images) != 1 {
		t.Errorf("the scan got %+v", fake.opts.Answers)
	}
	var doc map[string]json.RawMessage
	data, err := os.ReadFile(filepath.Join(out, "results.json"))
	if err != nil || json.Unmarshal(data, &doc) != nil || !strings.Contains(string(doc["answers"]), "a.png") {
		t.Errorf("results.json has answers %s, %v", doc["answers"], err)
	}
}
