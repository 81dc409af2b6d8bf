package table

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/rivo/uniseg"
	"pgregory.net/rapid"

	"codegraph/internal/text"
)

func TestParseFormat(t *testing.T) {
	for _, name := range Formats() {
		if f, err := ParseFormat(name); err != nil || string(f) != name {
			t.Errorf("%s: %v, %v", name, f, err)
		}
	}
	_, err := ParseFormat("xml")
	if want := `format "xml"; there are terminal, markdown, csv, json`; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	if err := Write(new(bytes.Buffer), &Document{}, Options{Format: "xml"}); err == nil {
		t.Error("a document was written in no format")
	}
}

func TestPercent(t *testing.T) {
	for _, tt := range []struct {
		p                  Percent
		json, text, quoted string
	}{
		{97.77, "97.77", "97.77", "97.77"}, {100, "100", "100.00", "100.0"}, {0, "0", "0.00", "0.0"},
		{97.8, "97.8", "97.80", "97.8"}, {notDefined(), "null", "–", "–"},
	} {
		data, err := json.Marshal(tt.p)
		if err != nil || string(data) != tt.json || tt.p.String() != tt.text || tt.p.published() != tt.quoted {
			t.Errorf("%s, %v: %s, %s", data, err, tt.p, tt.p.published())
		}
	}
	if _, err := json.Marshal(Percent(math.Inf(1))); err == nil {
		t.Error("infinite figures have JSON")
	}
	for _, tt := range []struct {
		a, b Percent
		want string
	}{{1, 2.5, "+1.50"}, {2.5, 1, "−1.50"}, {1, 1.004, "0.00"}, {1.004, 1, "0.00"}, {1, notDefined(), "–"}} {
		if got := difference(tt.a, tt.b); got != tt.want {
			t.Errorf("%v to %v: %s, want %s", tt.a, tt.b, got, tt.want)
		}
	}
}

// TestJSON: what is written reads back as the same.
func TestJSON(t *testing.T) {
	for _, doc := range []*Document{comparison(), baseline(), {}} {
		data := write(t, doc, Options{Format: JSON, OtherBackbones: true})
		var back Document
		if err := json.Unmarshal(data, &back); err != nil {
			t.Fatal(err)
		}
		if again := write(t, &back, Options{Format: JSON, OtherBackbones: true}); !bytes.Equal(again, data) {
			t.Errorf("another document came back:\n%s", again)
		}
	}
	empty := string(write(t, &Document{}, Options{Format: JSON}))
	if strings.Count(empty, "[]") != 6 || !strings.Contains(empty, Schema) {
		t.Error(empty)
	}
}

// TestUnchanged: writing leaves the document as it is.
func TestUnchanged(t *testing.T) {
	doc := comparison()
	for _, f := range Formats() {
		write(t, doc, Options{Format: Format(f)})
	}
	if doc.Schema != "" || doc.Mean != nil || len(doc.Published) != len(comparison().Published) || !reflect.DeepEqual(doc.Families, comparison().Families) {
		t.Error("Write changed the document")
	}
}

func TestOtherBackbones(t *testing.T) {
	for _, f := range Formats() {
		without := write(t, baseline(), Options{Format: Format(f)})
		if bytes.Contains(without, []byte("WinCLIP")) {
			t.Errorf("%s: figures of another backbone, not asked for", f)
		}
		with := write(t, baseline(), Options{Format: Format(f), OtherBackbones: true})
		if !bytes.Contains(with, []byte("WinCLIP")) || !regexp.MustCompile(`other[ _]backbone`).Match(with) {
			t.Errorf("%s: figures of another backbone are not marked", f)
		}
	}
}

func TestWriteErrors(t *testing.T) {
	row := Row{Category: "a", Method: MuSc, Figures: figures(1)}
	infinite := Row{Category: "a", Method: MuSc, Figures: figures(Percent(math.Inf(1)))}
	for _, tt := range []struct {
		name string
		doc  Document
		want string
	}{
		{"schema", Document{Schema: "codegraph.bench/2"}, `schema "codegraph.bench/2"`},
		{"method", Document{Results: []Row{{Category: "a", Method: "patchcore"}}}, `row 0, a: method "patchcore"; there are musc and codegraph`},
		{"method of a mean", Document{Mean: []Mean{{}}}, `mean: method ""`},
		{"twice", Document{Results: []Row{row, row}}, "row 1: there is another one of musc on a"},
		{"infinite", Document{Results: []Row{infinite}}, "row 0: a figure of musc on a is infinite"},
		{"infinite mean", Document{Mean: []Mean{{Method: MuSc, Figures: infinite.Figures}}}, "mean of musc"},
		{"infinite in print", Document{Published: []Published{{Source: "x", Figures: infinite.Figures}}}, "published figures of x"},
		{"infinite consistency", Document{Consistency: []Consistency{{Category: "a", Type: "b", Consistency: Percent(math.Inf(-1))}}}, "a/b"},
		{"infinite gain", Document{Families: []Family{{Category: "a", ID: "F1", Gain: math.Inf(1)}}}, "family F1 of a"},
		{"options", Document{Options: func() {}}, "unsupported type"},
	} {
		if err := Write(new(bytes.Buffer), &tt.doc, Options{Format: JSON}); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
	for _, f := range Formats() {
		if err := Write(full{}, comparison(), Options{Format: Format(f)}); !errors.Is(err, errFailing) {
			t.Errorf("%s to a full disk: %v", f, err)
		}
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFailing }

// TestNames: names of any kind break no format.
func TestNames(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.String().Draw(t, "name")
		doc := comparison()
		doc.Results[0].Category, doc.Results[1].Category = name+"1", name+"1"
		doc.Notes, doc.Consistency[0].Type, doc.Families[0].ID = []string{name}, name, name
		doc.Backbone.Name = name
		for _, f := range Formats() {
			var b bytes.Buffer
			if err := Write(&b, doc, Options{Format: Format(f)}); err != nil {
				t.Fatal(err)
			}
			var again bytes.Buffer
			if err := Write(&again, doc, Options{Format: Format(f)}); err != nil || !bytes.Equal(again.Bytes(), b.Bytes()) {
				t.Fatal("other bytes the second time", err)
			}
			text := b.String()
			switch Format(f) {
			case Terminal:
				checkTerminal(t, text)
			case Markdown:
				checkMarkdown(t, text)
			case CSV:
				checkCSV(t, text, doc)
			}
		}
	})
}

// checkTerminal: nothing moves the cursor.
func checkTerminal(t *rapid.T, out string) {
	for _, l := range strings.Split(out, "\n") {
		if text.Printable(l) != l {
			t.Fatalf("control characters in %q", l)
		}
	}
}

// checkMarkdown: every row of a table has as many cells as its heading.
func checkMarkdown(t *rapid.T, text string) {
	bars := regexp.MustCompile(`\\.`)
	want := 0
	for _, l := range strings.Split(text, "\n") {
		if !strings.HasPrefix(l, "|") {
			want = 0
			continue
		}
		n := strings.Count(bars.ReplaceAllString(l, ""), "|")
		if want == 0 {
			want = n
		}
		if n != want {
			t.Fatalf("%d cells, want %d: %s", n, want, l)
		}
	}
}

// checkCSV: a line for each figure, and nothing that a spreadsheet would run.
func checkCSV(t *rapid.T, shown string, doc *Document) {
	rows, err := csv.NewReader(strings.NewReader(shown)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	measured := 0
	for _, r := range rows {
		if r[2] == "measured" {
			measured++
		}
		for _, c := range r {
			if text.Cell(c) != c {
				t.Fatalf("formula %q", c)
			}
		}
	}
	// The two rows of cable and both means have figures at the original
	// resolution.
	if want := (len(doc.Results)+2)*len(metrics) + 4*(len(metrics)-firstPixel); measured != want {
		t.Fatalf("%d figures, want %d", measured, want)
	}
}

// TestWidth: tables fit, however narrow, down to a group of columns.
func TestWidth(t *testing.T) {
	doc := comparison()
	for i := range doc.Results {
		if len(doc.Results[i].Category) > 9 {
			doc.Results[i].Category = "瓶"
		}
	}
	for width := 85; width <= 200; width += 5 {
		for _, l := range strings.Split(string(write(t, doc, Options{Width: width})), "\n") {
			if strings.Contains(l, "per cent") {
				continue // a title
			}
			if n := uniseg.StringWidth(l); n > width {
				t.Errorf("%d columns of %d: %s", n, width, l)
			}
		}
	}
}

func TestMarkdownText(t *testing.T) {
	for in, want := range map[string]string{
		"metal_nut": "metal_nut", "_a_": `\_a\_`, "a|b": `a\|b`, `\|`: `\\\|`, "<b>&": `&lt;b\>&amp;`, "a\nb": "a�b",
	} {
		if got := markdownText(in); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}
