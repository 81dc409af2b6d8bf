package serve_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"codegraph"
	"codegraph/imageset"
	"codegraph/internal/serve"
	"codegraph/internal/serve/store"
	"codegraph/internal/verdict"
)

// lineEngine scores parts against a saved scan whose middle is 0.5.
type lineEngine struct {
	fakeEngine
	tail float64 // of all parts
}

func (e *lineEngine) Open(ctx context.Context, set imageset.Set, opts serve.Options, progress codegraph.Progress) (*codegraph.Result, serve.Session, error) {
	res, err := e.detect(ctx, set, opts, progress)
	if err != nil {
		return nil, nil, err
	}
	res.TailIndex = 3
	res.Limits = verdict.Limits{Median: 0.5, Pass: 0.8, Fail: 0.9}
	for i := range res.Images {
		im := &res.Images[i]
		im.TailIndex = e.tail
		im.Verdict = verdict.Verdict{Label: verdict.Pass, P: 0.5, Q: 0.9, Severity: (im.Score - 0.5) / 0.4}
		if im.Score > 0.9 {
			im.Verdict.Label = verdict.Fail
		}
	}
	return res, nil, nil
}

// TestDrift: parts like those of the saved scan give no warning, brighter ones do,
// and failing ones do not count.
func TestDrift(t *testing.T) {
	t.Parallel()
	a := start(t, serve.Config{Engine: &lineEngine{}})
	score := func(greys ...uint8) {
		var files []file
		for i, g := range greys {
			files = append(files, file{string(rune('a'+i)) + ".png", picture(t, g)})
		}
		a.wait(a.upload(map[string]string{"options": `{"snapshot":"line4"}`}, files).Run.ID, store.Done)
	}
	type answer struct {
		Points []struct {
			Images, Failing int
			Severity        *float64
			Seconds         float64
		}
		Parts, Above int
		Warning      string
	}
	look := func() answer { return get[answer](a, http.StatusOK, "GET", "/api/drift?snapshot=line4", nil) }
	if d := look(); d.Parts != 0 || d.Warning != "" || len(d.Points) != 0 {
		t.Errorf("without runs %+v", d)
	}
	score(100, 140, 110, 150, 250)
	score(120)
	if d := look(); d.Parts != 5 || d.Above != 2 || d.Warning != "" || len(d.Points) != 2 || d.Points[0].Failing != 1 || d.Points[1].Severity == nil || *d.Points[1].Severity > 0 {
		t.Errorf("as before %+v", d)
	}
	score(140, 150, 160, 170, 180, 140, 150, 160, 170, 180, 141, 151, 161, 171, 181)
	if d := look(); d.Parts != 20 || d.Above != 17 || d.Warning != "" {
		t.Errorf("after a change, too few to tell: %+v", d)
	}
	score(140, 150, 160, 170, 180, 140, 150, 160, 170, 180)
	if d := look(); d.Warning == "" || len(d.Points) != 4 {
		t.Errorf("after a change %+v", d)
	}
	if code, _ := a.do("GET", "/api/drift?snapshot=none", "", nil); code != http.StatusNotFound {
		t.Errorf("status %d", code)
	}
}

// TestDriftTail: parts whose scores are as before and whose tail index is another
// give a warning.
func TestDriftTail(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		tail  float64
		above int
	}{{2, 0}, {4, 12}} {
		a := start(t, serve.Config{Engine: &lineEngine{tail: c.tail}})
		var files []file
		for i, g := range []uint8{100, 140, 101, 141, 102, 142, 103, 143, 104, 144, 105, 145} {
			files = append(files, file{string(rune('a'+i)) + ".png", picture(t, g)})
		}
		a.wait(a.upload(map[string]string{"options": `{"snapshot":"line4"}`}, files).Run.ID, store.Done)
		d := get[struct {
			PValue float64 `json:"p_value"`
			Tail   struct {
				Index        *float64
				Parts, Above int
			}
			Points  []struct{ Tail *float64 }
			Warning string
		}](a, http.StatusOK, "GET", "/api/drift?snapshot=line4", nil)
		if d.PValue < 0.5 || d.Tail.Index == nil || *d.Tail.Index != 3 || d.Tail.Parts != 12 || d.Tail.Above != c.above || !strings.Contains(d.Warning, "tail index") || *d.Points[0].Tail != c.tail {
			t.Errorf("tail index %v: %+v", c.tail, d)
		}
	}
}
