package serve_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"image/png"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"codegraph"
	"codegraph/imageset"
	"codegraph/internal/answer"
	"codegraph/internal/serve"
	"codegraph/internal/serve/store"
	"codegraph/internal/stub"
	"codegraph/report"
)

// stubEngine scans with a small network; closed ones leave no session, and broken ones
// fail.
type stubEngine struct {
	fakeEngine
	closed bool
	broken atomic.Bool
}

func (e *stubEngine) Open(ctx context.Context, set imageset.Set, opts serve.Options, progress codegraph.Progress) (*codegraph.Result, serve.Session, error) {
	if e.broken.Load() {
		return nil, nil, errors.New("the disk is full")
	}
	o := opts.Options
	o.Backbone, o.Align, o.Progress, o.Threads, o.Evidence = stub.Network{}, codegraph.AlignOff, progress, 1, 1000
	res, session, err := codegraph.Open(ctx, set, o)
	if err != nil || session == nil {
		return res, nil, err
	}
	if e.closed {
		return res, nil, session.Close()
	}
	return res, session, nil
}

// stamped are 16 plates of which every fourth has the same mark.
func stamped(t testing.TB) (files []file) {
	for _, it := range stub.Stamped(16, stub.Every(3)) {
		var b bytes.Buffer
		if err := png.Encode(&b, it.Pixels); err != nil {
			t.Fatal(err)
		}
		files = append(files, file{it.Name + ".png", b.Bytes()})
	}
	return files
}

// judgement is the answer to answers.
type judgement struct {
	Steps    []answer.Step
	Images   []struct{ Verdict *string }
	Families []struct{ ID, Status string }
	Maps     []string
	Pending  bool
	Failed   string
}

// settled waits until the files of a run say what was answered.
func (a *app) settled(run store.Run, said *answer.Answers) *report.Document {
	a.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		doc := read[report.Document](a, http.StatusOK, "GET", "/api/runs/"+run.ID+"/results", "", nil)
		if got := doc.Answers; got.Same(said) {
			return &doc
		}
		if time.Now().After(end) {
			a.t.Fatalf("the results say %+v, want %+v", doc.Answers, said)
		}
	}
}

func (a *app) text(path string) string {
	a.t.Helper()
	code, body := a.do("GET", path, "", nil)
	if code != http.StatusOK {
		a.t.Fatalf("%s: status %d: %s", path, code, body)
	}
	return string(body)
}

// verdictsOf are the verdicts of a run as its table and its page have them.
func (a *app) verdictsOf(run store.Run) (table, page map[string]int) {
	a.t.Helper()
	rows, err := csv.NewReader(strings.NewReader(a.text("/files/runs/" + run.ID + "/scores.csv"))).ReadAll()
	if err != nil {
		a.t.Fatal(err)
	}
	table, page = map[string]int{}, map[string]int{}
	for _, r := range rows[1:] {
		table[r[4]]++
	}
	_, rest, _ := strings.Cut(a.text("/files/runs/"+run.ID+"/report.html"), `id="data">`)
	raw, _, _ := strings.Cut(rest, "</script>")
	var data struct{ Images []struct{ Verdict string } }
	if err := json.Unmarshal([]byte(raw), &data); err != nil {
		a.t.Fatal(err)
	}
	for _, im := range data.Images {
		page[im.Verdict]++
	}
	return table, page
}

// TestAnswers: what is said of images and families is judged at once, is in all
// files a moment later, can be taken back, and goes into another run of the images.
// Without an open scan the same comes of another scan.
func TestAnswers(t *testing.T) {
	for name, engine := range map[string]*stubEngine{"open": {}, "closed": {closed: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := start(t, serve.Config{Engine: engine})
			run := a.wait(a.upload(nil, stamped(t)).Run.ID, store.Done)
			path := "/api/runs/" + run.ID + "/answers"
			first := a.settled(run, nil)
			if len(first.Families) == 0 || run.Verdicts == nil || *run.Verdicts != first.Verdicts {
				t.Fatalf("families %+v, verdicts %+v of %+v", first.Families, run.Verdicts, first.Verdicts)
			}
			var members []string
			for _, m := range first.Families[0].Members {
				members = append(members, m.Name)
			}
			steps := []answer.Step{
				{Image: &answer.Image{Name: "01.png", Answer: answer.Good}},
				{Image: &answer.Image{Name: "00.png", Answer: answer.Bad}},
				{Family: &answer.Family{ID: "F1", Answer: answer.Harmless, Members: members}},
			}
			var j judgement
			for _, s := range steps {
				start := time.Now()
				j = get[judgement](a, http.StatusOK, "POST", path, s)
				t.Log("judged in", time.Since(start))
			}
			if len(j.Steps) != 3 || len(j.Images) != 16 || j.Pending != engine.closed || (j.Maps == nil) != engine.closed {
				t.Errorf("%d steps, %d images, pending %v, %d maps", len(j.Steps), len(j.Images), j.Pending, len(j.Maps))
			}
			if v := j.Images[0].Verdict; v == nil || *v != "fail" {
				t.Errorf("what was said to be bad is %v", v)
			}
			if !engine.closed && j.Families[0].Status != "rejected" {
				t.Errorf("family %+v", j.Families[0])
			}
			said := read[answer.Answers](a, http.StatusOK, "GET", path+".json", "", nil)
			doc := a.settled(run, &said)
			table, page := a.verdictsOf(run)
			want := map[string]int{}
			for label, n := range map[string]int{"pass": doc.Verdicts.Pass, "unsure": doc.Verdicts.Unsure, "fail": doc.Verdicts.Fail} {
				if n > 0 {
					want[label] = n
				}
			}
			if !reflect.DeepEqual(table, want) || !reflect.DeepEqual(page, want) || doc.Families[0].Status != "rejected" {
				t.Errorf("the table says %v, the page %v, the results %v; %s", table, page, want, doc.Families[0].Status)
			}
			if !engine.closed {
				for i, im := range doc.Images {
					if *j.Images[i].Verdict != string(*im.Verdict) {
						t.Errorf("%s is %s at once and %s later", im.Name, *j.Images[i].Verdict, *im.Verdict)
					}
				}
			}
			for end := time.Now().Add(patience); *a.wait(run.ID, store.Done).Verdicts != doc.Verdicts; time.Sleep(20 * time.Millisecond) {
				if time.Now().After(end) {
					t.Fatalf("the list of runs does not follow the verdicts %+v", doc.Verdicts)
				}
			}
			if engine.closed {
				return
			}
			again := get[accepted](a, http.StatusAccepted, "POST", "/api/runs/"+run.ID+"/again", map[string]any{}).Run
			a.wait(again.ID, store.Done)
			if other := a.settled(again, &said); other.Verdicts != doc.Verdicts {
				t.Errorf("again the verdicts are %+v, want %+v", other.Verdicts, doc.Verdicts)
			}
			for range steps {
				j = get[judgement](a, http.StatusOK, "DELETE", path+"/last", nil)
			}
			if back := a.settled(run, nil); back.Verdicts != first.Verdicts || !reflect.DeepEqual(back.Limits, first.Limits) {
				t.Errorf("taken back, the verdicts are %+v, at first %+v", back.Verdicts, first.Verdicts)
			}
		})
	}
}

// TestAnswersFail: an answer that takes a scan and cannot have it is told with the
// reason. The result stays as it was, the answer can be taken back or tried again.
func TestAnswersFail(t *testing.T) {
	t.Parallel()
	engine := &stubEngine{closed: true}
	a := start(t, serve.Config{Engine: engine})
	run := a.wait(a.upload(nil, stamped(t)).Run.ID, store.Done)
	path := "/api/runs/" + run.ID + "/answers"
	first := a.settled(run, nil)
	var members []string
	for _, m := range first.Families[0].Members {
		members = append(members, m.Name)
	}
	region := new(imageset.ROI)
	if err := json.Unmarshal([]byte(`{"polygons":[[[0,0],[0.5,0],[0.5,1],[0,1]]]}`), region); err != nil {
		t.Fatal(err)
	}
	for what, step := range map[string]answer.Step{
		"family": {Family: &answer.Family{ID: "F1", Answer: answer.Harmless, Members: members}},
		"region": {Region: &answer.Region{ROI: region}},
	} {
		engine.broken.Store(true)
		if j := get[judgement](a, http.StatusOK, "POST", path, step); !j.Pending || j.Failed != "" {
			t.Errorf("%s: pending %v, failed %q at once", what, j.Pending, j.Failed)
		}
		a.failed(run, "the disk is full")
		if sc := read[scores](a, http.StatusOK, "GET", "/api/runs/"+run.ID+"/scores", "", nil); sc.Failed != "the disk is full" || sc.Pending {
			t.Errorf("%s: scores say pending %v, failed %q", what, sc.Pending, sc.Failed)
		}
		if doc := read[report.Document](a, http.StatusOK, "GET", "/api/runs/"+run.ID+"/results", "", nil); doc.Answers != nil || doc.Verdicts != first.Verdicts {
			t.Errorf("%s: the result has become %+v, %+v", what, doc.Answers, doc.Verdicts)
		}
		if j := get[judgement](a, http.StatusOK, "DELETE", path+"/last", nil); j.Failed != "" || j.Pending || len(j.Steps) > 0 {
			t.Errorf("%s: taken back, pending %v, failed %q, %d steps", what, j.Pending, j.Failed, len(j.Steps))
		}
		get[judgement](a, http.StatusOK, "POST", path, step)
		a.failed(run, "the disk is full")
		engine.broken.Store(false)
		if j := get[judgement](a, http.StatusOK, "POST", path+"/again", map[string]any{}); !j.Pending || j.Failed != "" {
			t.Errorf("%s: tried again, pending %v, failed %q", what, j.Pending, j.Failed)
		}
		said := read[answer.Answers](a, http.StatusOK, "GET", path+".json", "", nil)
		a.settled(run, &said)
		get[judgement](a, http.StatusOK, "DELETE", path+"/last", nil)
		a.settled(run, nil)
	}
}

// failed waits until answers about a run could not be judged.
func (a *app) failed(run store.Run, why string) {
	a.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		j := get[judgement](a, http.StatusOK, "GET", "/api/runs/"+run.ID+"/answers", nil)
		if j.Failed == why {
			return
		}
		if time.Now().After(end) {
			a.t.Fatalf("judging failed by %q, want %q; pending %v", j.Failed, why, j.Pending)
		}
	}
}

// TestAnswersTogether: what is said of several images at once is one step.
func TestAnswersTogether(t *testing.T) {
	t.Parallel()
	a := start(t, serve.Config{Engine: &stubEngine{}})
	run := a.wait(a.upload(nil, stamped(t)).Run.ID, store.Done)
	path := "/api/runs/" + run.ID + "/answers"
	step := answer.Step{Images: []answer.Image{{Name: "01.png", Answer: answer.Reference}, {Name: "02.png", Answer: answer.Reference}}}
	if j := get[judgement](a, http.StatusOK, "POST", path, step); len(j.Steps) != 1 || *j.Images[1].Verdict != "pass" || *j.Images[2].Verdict != "pass" {
		t.Errorf("%d steps, verdicts %s and %s", len(j.Steps), *j.Images[1].Verdict, *j.Images[2].Verdict)
	}
	if said := read[answer.Answers](a, http.StatusOK, "GET", path+".json", "", nil); len(said.Images) != 2 || said.Images[1] != step.Images[1] {
		t.Errorf("the file says %+v", said.Images)
	}
	if j := get[judgement](a, http.StatusOK, "DELETE", path+"/last", nil); len(j.Steps) != 0 {
		t.Errorf("taken back, %d steps are left", len(j.Steps))
	}
	if code, _ := a.do("POST", path, "application/json", []byte(`{"images":[{"name":"01.png","answer":"good"},{"name":"none.png","answer":"good"}]}`)); code != http.StatusNotFound {
		t.Errorf("an image that is not there: status %d", code)
	}
}

func TestAnswersRefused(t *testing.T) {
	t.Parallel()
	a := start(t, serve.Config{Engine: &fakeEngine{}})
	run := a.wait(a.upload(nil, append(pictures(t, 4), file{"=cmd.png", picture(t, 250)})).Run.ID, store.Done)
	path := "/api/runs/" + run.ID + "/answers"
	for body, status := range map[string]int{
		`{"image":{"name":"none.png","answer":"bad"}}`: 404, `{"image":{"name":"=cmd.png","answer":"ugly"}}`: 400, `{`: 400, `{"picture":"x"}`: 400, `{}`: 400,
		`{"family":{"id":"F1","answer":"defect","members":[]}}`: 400, `{"image":{"name":"=cmd.png","answer":"bad"},"family":{"id":"F1","answer":"defect","members":["=cmd.png"]}}`: 400,
	} {
		if code, _ := a.do("POST", path, "application/json", []byte(body)); code != status {
			t.Errorf("%s: status %d, want %d", body, code, status)
		}
	}
	for name, said := range map[string]answer.ForImage{"=cmd.png": answer.Bad, "part/000.png": answer.Good, "part/002.png": answer.Bad} {
		get[any](a, http.StatusOK, "POST", path, answer.Step{Image: &answer.Image{Name: name, Answer: said}})
	}
	if g := get[scores](a, http.StatusOK, "GET", "/api/runs/"+run.ID+"/scores", nil).Agreement; g.Good != 1 || g.Bad != 2 || g.AUROC == nil || *g.AUROC != 1 {
		t.Errorf("agreement %+v", g)
	}
}

// TestZip: an archive has the photographs, and a page that links to them.
func TestZip(t *testing.T) {
	t.Parallel()
	a := start(t, serve.Config{Engine: &fakeEngine{}})
	run := a.wait(a.upload(nil, pictures(t, 4)).Run.ID, store.Done)
	body := a.text("/api/runs/" + run.ID + "/report.zip")
	z, err := zip.NewReader(strings.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	page := ""
	for _, f := range z.File {
		names = append(names, f.Name)
		if f.Name == report.PageName {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			page = string(text)
		}
	}
	for i := range 4 {
		if name := fmt.Sprintf("input/part_%03d.png", i); !slices.Contains(names, name) || !strings.Contains(page, `"full":"./`+name+`"`) {
			t.Errorf("%s is not in %v, or not linked", name, names)
		}
	}
	if !slices.Contains(names, "results.json") || !slices.Contains(names, "overlays/part_000.png") {
		t.Errorf("files %v", names)
	}
}

// TestAnswersAboutAll: a limit is the verdict at once and in all files, a region takes
// a scan; both are in the exported file and can be taken back.
func TestAnswersAboutAll(t *testing.T) {
	t.Parallel()
	a := start(t, serve.Config{Engine: &stubEngine{}})
	run := a.wait(a.upload(nil, stamped(t)).Run.ID, store.Done)
	path := "/api/runs/" + run.ID + "/answers"
	first := a.settled(run, nil)
	limit := first.Images[5].Score
	failing := 0
	for _, im := range first.Images {
		if im.Score >= limit {
			failing++
		}
	}
	j := get[judgement](a, http.StatusOK, "POST", path, answer.Step{Limit: &answer.Limit{Score: &limit}})
	if j.Pending || j.failing() != failing {
		t.Errorf("at once %d fail by the limit, want %d; pending %v", j.failing(), failing, j.Pending)
	}
	said := read[answer.Answers](a, http.StatusOK, "GET", path+".json", "", nil)
	doc := a.settled(run, &said)
	table, page := a.verdictsOf(run)
	if doc.Verdicts.Fail != failing || table["fail"] != failing || page["fail"] != failing || *said.Limit != limit {
		t.Errorf("the results say %d, the table %d, the page %d, want %d", doc.Verdicts.Fail, table["fail"], page["fail"], failing)
	}
	body := []byte(`{"region":{"roi":{"polygons":[[[0,0],[0.5,0],[0.5,1],[0,1]]]}}}`)
	if code, text := a.do("POST", path, "application/json", body); code != http.StatusOK || !strings.Contains(string(text), `"pending":true`) {
		t.Fatalf("a region is answered with %d: %.300s", code, text)
	}
	said = read[answer.Answers](a, http.StatusOK, "GET", path+".json", "", nil)
	doc = a.settled(run, &said)
	if said.ROI == nil || *doc.Limits.Fail != limit || doc.Images[0].Score == first.Images[0].Score {
		t.Errorf("within the region %v the limit is %v, image 0 scores %v as before", said.ROI, *doc.Limits.Fail, doc.Images[0].Score)
	}
	if get[judgement](a, http.StatusOK, "GET", path, nil).Pending {
		t.Error("the region is still to be judged")
	}
	for range 2 {
		get[judgement](a, http.StatusOK, "DELETE", path+"/last", nil)
	}
	if back := a.settled(run, nil); back.Verdicts != first.Verdicts || back.Images[0].Score != first.Images[0].Score {
		t.Errorf("taken back, the verdicts are %+v, at first %+v", back.Verdicts, first.Verdicts)
	}
	for body, status := range map[string]int{`{"limit":{"score":-1}}`: 400, `{"region":{"roi":{}}}`: 400, `{"region":{"roi":{"mask":{"width":2,"height":1,"runs":[2]}}}}`: 400} {
		if code, _ := a.do("POST", path, "application/json", []byte(body)); code != status {
			t.Errorf("%s: status %d, want %d", body, code, status)
		}
	}
}

func (j *judgement) failing() (n int) {
	for _, im := range j.Images {
		if *im.Verdict == "fail" {
			n++
		}
	}
	return n
}
