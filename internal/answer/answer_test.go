package answer

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"codegraph/imageset"
	"codegraph/internal/verdict"
)

func image(name string, a ForImage) Step { return Step{Image: &Image{name, a}} }

func group(id string, a ForFamily, members ...string) Step {
	return Step{Family: &Family{id, a, members}}
}

func TestAfter(t *testing.T) {
	steps := []Step{
		image("b", Bad), image("a", Good), image("b", Reference), image("c", Bad), image("c", ""),
		group("F1", Harmless, "a", "b"), group("F2", Defect, "c", "d"), group("F9", NoGroup, "b", "a"), group("F2", "", "d", "c"),
	}
	a := After(steps)
	if want := []Image{{"a", Good}, {"b", Reference}}; !reflect.DeepEqual(a.Images, want) {
		t.Errorf("images %v, want %v", a.Images, want)
	}
	if want := []Family{{"F9", NoGroup, []string{"b", "a"}}}; !reflect.DeepEqual(a.Families, want) {
		t.Errorf("families %v, want %v", a.Families, want)
	}
	if !After(nil).Empty() || !(*Answers)(nil).Empty() || a.Empty() {
		t.Error("empty or not")
	}
	var file bytes.Buffer
	if err := a.Encode(&file); err != nil {
		t.Fatal(err)
	}
	if back, err := Read(&file); err != nil || !reflect.DeepEqual(back, a) {
		t.Errorf("read back %+v, %v", back, err)
	}
}

// TestAbout: a family is known again by most of its members.
func TestAbout(t *testing.T) {
	a := After([]Step{group("F1", Defect, "a", "b", "c", "d"), group("F2", Harmless, "a", "b", "x", "y", "z")})
	for members, want := range map[string]string{"a b c d": "F1", "a b c d e f": "F1", "a b": "F1", "x y z a": "F2", "a c x w": "", "q": ""} {
		got := ""
		if f := a.About(strings.Fields(members), 0.5); f != nil {
			got = f.ID
		}
		if got != want {
			t.Errorf("%s is about %q, want %q", members, got, want)
		}
	}
}

func TestKnown(t *testing.T) {
	for said, want := range map[ForImage]verdict.Known{Good: verdict.Good, Reference: verdict.Good, Bad: verdict.Bad, "": verdict.Unknown} {
		if got := said.Known(); got != want {
			t.Errorf("%q is %v, want %v", said, got, want)
		}
	}
}

func TestRefused(t *testing.T) {
	for _, text := range []string{
		``, `[]`, `{}`, `{"schema":"codegraph-answers/2"}`,
		`{"schema":"codegraph-answers/1","images":[{"name":"a","answer":"fine"}]}`,
		`{"schema":"codegraph-answers/1","images":[{"name":"","answer":"good"}]}`,
		`{"schema":"codegraph-answers/1","images":[{"name":"a","answer":"good"},{"name":"a","answer":"bad"}]}`,
		`{"schema":"codegraph-answers/1","families":[{"id":"F1","answer":"defect","members":[]}]}`,
		`{"schema":"codegraph-answers/1","families":[{"id":"F1","answer":"","members":["a"]}]}`,
	} {
		if a, err := Read(strings.NewReader(text)); err == nil {
			t.Errorf("%s: %+v", text, a)
		}
	}
	if _, err := Load(t.TempDir()); err == nil {
		t.Error("a folder is a file of answers")
	}
	for _, s := range []Step{{}, {Image: &Image{"a", Good}, Family: &Family{"F1", Defect, []string{"a"}}}, image("", Good), group("F1", "x", "a"), group("F1", "")} {
		if s.Check() == nil {
			t.Errorf("%+v is a step", s)
		}
	}
	if s := image("a", ""); s.Check() != nil {
		t.Error("an answer cannot be taken back")
	}
}

// TestBatch: a limit and a region are said of the batch, the last one counts, and
// they are in the file.
func TestBatch(t *testing.T) {
	part := func(text string) *imageset.ROI {
		roi := new(imageset.ROI)
		if err := roi.UnmarshalJSON([]byte(text)); err != nil {
			t.Fatal(err)
		}
		return roi
	}
	half, most := part(`{"boxes":[[0,0,0.5,1]]}`), part(`{"mask":{"width":4,"height":1,"runs":[1,3]}}`)
	low, high, wrong := 0.4, 0.6, -1.0
	steps := []Step{{Limit: &Limit{&low}}, {Region: &Region{half}}, {Limit: &Limit{&high}}, {Region: &Region{most}}}
	a := After(steps)
	if a.Empty() || a.FailLimit(0.1) != high || a.Region(half) != most {
		t.Fatalf("after limits and regions %+v", a)
	}
	var file bytes.Buffer
	if err := a.Encode(&file); err != nil {
		t.Fatal(err)
	}
	back, err := Read(&file)
	if err != nil || !back.Same(a) || back.Same(After(steps[:3])) || back.Same(After(steps[:1])) {
		t.Errorf("read back %+v, %v", back, err)
	}
	gone := After(append(steps, Step{Limit: &Limit{}}, Step{Region: &Region{}}))
	if !gone.Empty() || gone.FailLimit(0.1) != 0.1 || gone.Region(half) != half || !gone.Same(nil) || gone.SameRegion(a) {
		t.Errorf("taken back %+v", gone)
	}
	for _, s := range []Step{{Limit: &Limit{&wrong}}, {Limit: &Limit{&low}, Region: &Region{half}}} {
		if s.Check() == nil {
			t.Errorf("%+v is an answer", s)
		}
	}
	for _, s := range append(steps, Step{Limit: &Limit{}}, Step{Region: &Region{}}) {
		if err := s.Check(); err != nil {
			t.Error(err)
		}
	}
}
