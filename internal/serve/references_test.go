package serve_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"testing"

	"codegraph/internal/answer"
	"codegraph/internal/serve"
	"codegraph/internal/serve/store"
	"codegraph/report"
)

// TestReferences: what is sent as references is scored with the others, and is known
// to be good from the first scan on.
func TestReferences(t *testing.T) {
	t.Parallel()
	a := start(t, serve.Config{Engine: &stubEngine{}})
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for k, f := range stamped(t) {
		field, name := "files", f.name
		if k == 1 || k == 2 {
			field, name = "references", "good/"+f.name
		}
		w, err := form.CreateFormFile(field, name)
		if err != nil {
			t.Fatal(err)
		}
		w.Write(f.content)
	}
	form.Close()
	run := read[accepted](a, http.StatusAccepted, "POST", "/api/runs", form.FormDataContentType(), body.Bytes()).Run
	a.wait(run.ID, store.Done)
	doc := read[report.Document](a, http.StatusOK, "GET", "/api/runs/"+run.ID+"/results", "", nil)
	if doc.Answers == nil || len(doc.Answers.Images) != 2 || len(doc.Images) != 16 {
		t.Fatalf("answers %+v of %d images", doc.Answers, len(doc.Images))
	}
	for _, im := range doc.Answers.Images {
		if im.Answer != answer.Reference || im.Name != "good/01.png" && im.Name != "good/02.png" {
			t.Errorf("answer %+v", im)
		}
	}
}
