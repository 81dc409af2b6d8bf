package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"codegraph"
	"codegraph/internal/answer"
	"codegraph/internal/atomicfile"
	"codegraph/internal/verdict"
)

// Describe is the document of a result before it is written: without files and
// regions.
func Describe(res *codegraph.Result, version string) (*Document, error) {
	return newDocument(res, Options{Version: version})
}

// Levels are the patch scores of all images as the page has them, [image][patch],
// and the colours that they stand for.
func Levels(res *codegraph.Result) (Colours, [][]byte) {
	c := newColours(res, newRegionFinder(res, 0), batchScale(res))
	levels := make([][]byte, len(res.Images))
	for i := range res.Images {
		levels[i] = c.levels(nil, res.Images[i].Map)
	}
	return c, levels
}

// Judged is d with the verdicts that answers about images make of its scores. Scores
// and families stay: answers about families that d does not know take a scan.
func (d *Document) Judged(said *codegraph.Answers) (*Document, error) {
	out := *d
	out.Answers, out.Verdicts = nil, Verdicts{}
	if !said.Empty() {
		out.Answers = said
	}
	j, err := d.judge(d.knownBy(said), said)
	if err != nil {
		return nil, err
	}
	out.Images, out.Limits, out.VerdictNote = j.Images, j.Limits, j.Note
	if d.Verdicts == (Verdicts{}) {
		return &out, nil
	}
	for i := range out.Images {
		if v := out.Images[i].Verdict; v != nil {
			out.Verdicts.add(*v)
		}
	}
	return &out, nil
}

// NeedsScan says that these answers take another scan: of families or a region that d
// does not know, or of the limits of an earlier scan that a limit took the place of.
func (d *Document) NeedsScan(said *codegraph.Answers) bool {
	back := d.Answers != nil && d.Answers.Limit != nil && (said == nil || said.Limit == nil)
	return !d.Answers.SameFamilies(said) || !d.Answers.SameRegion(said) || back && !d.own()
}

// Rejudge writes the files of an output that say verdicts anew, with those that
// answers about images make: results.json, scores.csv and the page.
func Rejudge(dir string, said *codegraph.Answers) (*Document, error) {
	doc, err := Read(dir)
	if err == nil {
		doc, err = doc.Judged(said)
	}
	if err != nil {
		return nil, err
	}
	page := filepath.Join(dir, PageName)
	text, err := os.ReadFile(page)
	if err == nil {
		text, err = patched(text, func(data map[string]json.RawMessage, images []map[string]json.RawMessage) error {
			return doc.patch(data, images)
		})
		if err == nil {
			err = atomicfile.Write(page, func(w io.Writer) error { _, err := w.Write(text); return err })
		}
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("judge again: %w", err)
	}
	err = atomicfile.Write(filepath.Join(dir, ScoresName), func(w io.Writer) error { return writeScores(w, doc.Images) })
	if err == nil {
		err = atomicfile.Write(filepath.Join(dir, ResultsName), doc.Encode)
	}
	return doc, err
}

// patch puts the verdicts of d into the data of a page.
func (d *Document) patch(data map[string]json.RawMessage, images []map[string]json.RawMessage) error {
	if len(images) != len(d.Images) {
		return errors.New("the page is of other images")
	}
	var errs []error
	put := func(in map[string]json.RawMessage, key string, v any) {
		text, err := json.Marshal(v)
		in[key], errs = text, append(errs, err)
	}
	put(data, "limits", d.Limits)
	put(data, "verdict_note", OnPage([]string{d.VerdictNote})[0])
	put(data, "answers", d.Answers)
	for i, im := range d.Images {
		put(images[i], "verdict", im.Verdict)
		put(images[i], "p", im.PValue)
		put(images[i], "q", im.QValue)
		put(images[i], "severity", im.Severity)
	}
	return errors.Join(errs...)
}

// knownBy are answers as verdicts count them, by image: of a family that is a
// defect, too.
func (d *Document) knownBy(said *codegraph.Answers) map[string]Known {
	known := make(map[string]Known)
	if said.Empty() {
		return known
	}
	for _, f := range d.Families {
		names := f.names()
		if about := said.About(names, d.Options.Constants.Same); about != nil && about.Answer == answer.Defect {
			for _, name := range names {
				known[name] = answer.Bad.Known()
			}
		}
	}
	for name, a := range said.ByName() {
		known[name] = a.Known()
	}
	return known
}

// members are what families make of their images: a candidate nothing, once answers say
// what it is. Without a defect family the scores would be others, whatever is said of it.
func (d *Document) members(said *codegraph.Answers) map[string]verdict.Member {
	of := make(map[string]verdict.Member)
	for _, f := range d.Families {
		status := codegraph.Status(f.Status)
		open := status == codegraph.StatusCandidate && said.About(f.names(), d.Options.Constants.Same) == nil
		member := verdict.MemberOf(status == codegraph.StatusDefect, f.Asked, open, f.Evidence != nil && f.Evidence.Whole)
		for _, name := range f.names() {
			of[name] = max(of[name], member)
		}
	}
	return of
}

func (f *Family) names() []string {
	names := make([]string, len(f.Members))
	for k, m := range f.Members {
		names[k] = m.Name
	}
	return names
}

// patched is a page whose data change has changed.
func patched(page []byte, change func(data map[string]json.RawMessage, images []map[string]json.RawMessage) error) ([]byte, error) {
	head, rest, ok := bytes.Cut(page, []byte(dataOpen))
	raw, tail, closed := bytes.Cut(rest, []byte(dataClose))
	var data map[string]json.RawMessage
	var images []map[string]json.RawMessage
	if !ok || !closed || json.Unmarshal(raw, &data) != nil || json.Unmarshal(data["images"], &images) != nil {
		return nil, errors.New("it is not a page of this program")
	}
	if err := change(data, images); err != nil {
		return nil, err
	}
	text, err := json.Marshal(images)
	if err != nil {
		return nil, err
	}
	data["images"] = text
	if text, err = json.Marshal(data); err != nil { // with <, > and & escaped
		return nil, err
	}
	return bytes.Join([][]byte{head, []byte(dataOpen), text, []byte(dataClose), tail}, nil), nil
}
