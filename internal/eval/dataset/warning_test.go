package dataset

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"codegraph/imageset"
)

// TestWarnings: what a broken copy of a dataset lacks is said, with the name
// of the file; the rest is read.
func TestWarnings(t *testing.T) {
	for _, tt := range []struct {
		name     string
		tree     tree
		category string
		samples  int
		want     [][]string // words of one warning each
	}{
		{"missing mask", tree{}.
			put(picture, "a/test/good/0.png", "a/test/dent/0.png", "a/test/dent/1.png").put(marked, "a/ground_truth/dent/0_mask.png"),
			"a", 3, [][]string{{"test/dent/1.png", "1_mask.png", "no pixel truth"}}},
		{"no masks at all", tree{}.
			put(picture, "good/0.png", "dent/0.png", "dent/1.png"),
			"", 3, [][]string{{"none of the 2 defective images", "not pixels", "no folder of masks"}}},
		{"mask without image", tree{}.
			put(picture, "a/test/good/0.png", "a/test/dent/0.png").put(marked, "a/ground_truth/dent/0_mask.png", "a/ground_truth/dent/7_mask.png"),
			"a", 2, [][]string{{"7_mask.png", "no defective image"}}},
		{"no defects", tree{}.put(picture, "a/test/good/0.png"), "a", 1, [][]string{{"no defective test images"}}},
		{"no good images", tree{}.
			put(picture, "a/test/dent/0.png").put(marked, "a/ground_truth/dent/0.png"),
			"a", 1, [][]string{{"no good test images"}}},
		{"image outside", tree{}.
			put(picture, "a/test/good/0.png", "a/test/stray.png"), "a", 1, [][]string{{"test/stray.png", "no label"}, {"no defective"}}},
		{"flat masks of equal names", tree{}.
			put(picture, "good/0.png", "dent/0.png", "bent/0.png").put(marked, "masks/0.png"),
			"", 3, [][]string{{"none of the 2"}, {"masks/0.png", "no defective image"}}},
		{"training set in a folder", tree{}.
			put(picture, "good/0.png", "train/0.png", "dent/0.png").put(marked, "dent/0_mask.png"),
			"", 2, [][]string{{"folder train", "passed over"}}},
		{"loco without config", tree{}.
			put(picture, "a/test/good/0.png", "a/test/logical_anomalies/0.png").put(marked, "a/ground_truth/logical_anomalies/0/000.png"),
			"a", 2, [][]string{{"defects_config.json is missing"}}},
		{"loco with bad config", tree{"a/defects_config.json": []byte(`[{"defect_name":"x","pixel_value":0}]`)}.
			put(picture, "a/test/good/0.png", "a/test/logical_anomalies/0.png").put(marked, "a/ground_truth/logical_anomalies/0/000.png"),
			"a", 2, [][]string{{"defects_config.json", `"x" has pixel value 0`}}},
		{"visa", tree{"split_csv/1cls.csv": []byte(visaHeader +
			"nut,test,normal,nut/a.JPG,\n" +
			"nut,test,normal,nut/gone.JPG,\n" +
			"nut,test,normal,nut/a.JPG,\n" +
			"nut,test,odd,nut/b.JPG,\n" +
			"nut,test,normal,../../secret.JPG,\n" +
			"nut,test\n" +
			"nut,te\"st,normal,nut/b.JPG,\n" +
			"nut,test,anomaly,nut/b.JPG,nut/gone.png\n")}.
			put(picture, "nut/a.JPG", "nut/b.JPG"),
			"nut", 1, [][]string{
				{"line 3", "gone.JPG is not there"}, {"line 4", "listed before"}, {"line 5", `label "odd"`},
				{"line 6", "leads out of the dataset"}, {"line 7", "is empty"}, {"line 8", `"`},
				{"line 9", "listed before"}, {"no defective test images"}}},
		{"visa without mask", tree{"split_csv/1cls.csv": []byte(visaHeader +
			"nut,test,normal,nut/a.JPG,\nnut,test,anomaly,nut/b.JPG,nut/gone.png\n")}.
			put(picture, "nut/a.JPG", "nut/b.JPG"),
			"nut", 2, [][]string{{"b.JPG", "gone.png is not there", "no pixel truth"}}},
		{"realiad", tree{"realiad_jsons/toy.json": []byte(`{"meta":{},"test":[
			{"anomaly_class":"OK","image_path":"a.jpg"}, {"anomaly_class":"OK","image_path":"gone.jpg"}, 7,
			{"anomaly_class":"AK","image_path":"b.jpg"}, {"anomaly_class":"AK"}, {"anomaly_class":"AK","image_path":"a.jpg"}]}`)}.
			put(picture, "realiad_256/toy/a.jpg", "realiad_256/toy/b.jpg"),
			"toy", 2, [][]string{{"gone.jpg is not there"}, {"entry 2"}, {"b.jpg", "toy.json lists no mask"}, {"entry 4", "empty"}, {"entry 5", "listed before"}}},
		{"ksdd2", tree{}.
			put(picture, "test/0.png", "test/1.png", "test/2.png").put(blank, "test/0_GT.png", "test/9_GT.png").put([]byte("no image"), "test/2_GT.png"),
			"KolektorSDD2", 1, [][]string{{"test/1.png", "no label"}, {"2_GT.png", "not an image"}, {"9_GT.png", "no image"}, {"no defective"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := open(t, tt.tree.write(t), Auto)
			name := tt.category
			if name == "" {
				name = d.Categories()[0]
			}
			c := category(t, d, name)
			if len(c.Samples) != tt.samples {
				t.Errorf("%d samples, want %d", len(c.Samples), tt.samples)
			}
			said := c.Warnings
			for _, p := range c.Problems {
				said = append(said, p.Error())
			}
			for _, words := range tt.want {
				if !warned(said, words...) {
					t.Errorf("no warning has %q", words)
				}
			}
			if len(said) != len(tt.want) || t.Failed() {
				t.Errorf("warnings:\n%s", strings.Join(said, "\n"))
			}
		})
	}
}

// TestManyWarnings: ten of a kind are kept.
func TestManyWarnings(t *testing.T) {
	tr := tree{}.put(picture, "a/test/good/0.png").put(marked, "a/ground_truth/dent/000_mask.png")
	for i := range 25 {
		tr.put(picture, fmt.Sprintf("a/test/dent/%03d.png", i))
	}
	c := category(t, open(t, tr.write(t), Auto), "a")
	if len(c.Warnings) != 11 || !warned(c.Warnings, "defective images without mask", "14 more") {
		t.Errorf("%d warnings: %q", len(c.Warnings), c.Warnings)
	}
}

// TestBadLists: a list that cannot be read at all is an error.
func TestBadLists(t *testing.T) {
	for name, tt := range map[string]struct {
		tree tree
		want string
	}{
		"empty csv":     {tree{"split_csv/1cls.csv": nil}, "no header"},
		"wrong columns": {tree{"split_csv/1cls.csv": []byte("object,split,image\n")}, `no column "label"`},
		"no rows":       {tree{"split_csv/1cls.csv": []byte(visaHeader)}, "lists no images"},
		"cut json":      {tree{"realiad_jsons/toy.json": []byte(`{"meta":{},"test":[`)}, "damaged at byte 19"},
		"no test set":   {tree{"realiad_jsons/toy.json": []byte(`{"meta":{}}`)}, `no list "test"`},
	} {
		d, err := Open(tt.tree.write(t), Auto)
		if err == nil {
			_, err = d.Category(context.Background(), "toy")
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
}

func TestPassedOver(t *testing.T) {
	d := open(t, tree{}.put(picture, "a/test/good/0.png", "b/test/good/0.png", "notes/0.png").write(t), Auto)
	if !warned(d.Warnings, "notes") || len(d.Categories()) != 2 {
		t.Errorf("%q, categories %q", d.Warnings, d.Categories())
	}
	d = open(t, tree{"realiad_jsons/toy.json": []byte(`{"test":[]}`)}.
		put(picture, "realiad_1024/toy/a.jpg", "realiad_256/toy/a.jpg").write(t), Auto)
	if !warned(d.Warnings, "realiad_1024", "passed over: realiad_256") {
		t.Errorf("%q", d.Warnings)
	}
}

// TestMixedRoot: the layout of most categories wins.
func TestMixedRoot(t *testing.T) {
	d := open(t, tree{}.put(picture, "01/test/ok/0.png", "a/test/good/0.png", "b/test/good/0.png").write(t), Auto)
	if c := category(t, d, "01"); d.Layout != MVTec || len(d.Categories()) != 3 || c.Samples[0].Anomalous {
		t.Errorf("layout %s, categories %q", d.Layout, d.Categories())
	}
}

func TestLoadMaskErrors(t *testing.T) {
	root := tree{}.put([]byte("no image"), "text.png").put(nil, "empty.png").put(marked[:len(marked)-20], "cut.png").
		put(pngOf(grey(255)), "turned.png").write(t)
	for file, want := range map[string]error{
		"text.png": imageset.ErrNotImage, "empty.png": imageset.ErrTruncated, "cut.png": imageset.ErrTruncated, "": imageset.ErrNotImage,
		"turned.png": ErrNoTruth,
	} {
		s := Sample{Name: "x", Anomalous: true, Masks: []string{root + "/" + file}}
		mask, _, err := LoadMask(context.Background(), s, 3, 4)
		if !errors.Is(err, want) || !errors.Is(err, ErrNoTruth) || mask != nil || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: %v", file, err)
		}
	}
	if _, _, err := LoadMask(context.Background(), Sample{Anomalous: true}, 3, 4); !errors.Is(err, ErrNoTruth) {
		t.Errorf("no masks: %v", err)
	}
	for _, size := range [][2]int{{0, 4}, {4, -1}, {1 << 20, 1 << 20}} {
		if _, _, err := LoadMask(context.Background(), Sample{}, size[0], size[1]); err == nil {
			t.Errorf("size %v: no error", size)
		}
	}
}
