package dataset

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const visaHeader = "object,split,label,image,mask\n"

// layoutTests has a small tree of every layout. The expected samples are of
// the first category, masks below the root.
var layoutTests = []struct {
	name       string
	tree       tree
	layout     Layout
	categories string
	single     string // the folder of the first category, if it can be a root
	want       string
}{
	{"mvtec", tree{}.
		put(picture, "bottle/train/good/000.png", "bottle/test/good/000.png", "bottle/test/dent/000.png", "bottle/test/dent/001.PNG",
			"bottle/test/crack/000.png", "pill/test/good/000.png", "pill/test/crack/000.png").
		put(marked, "bottle/ground_truth/dent/000_mask.png", "bottle/ground_truth/dent/001_mask.png",
			"bottle/ground_truth/crack/000_mask.png", "pill/ground_truth/crack/000_mask.png"),
		MVTec, "bottle pill", "bottle", `
test/crack/000.png crack! bottle/ground_truth/crack/000_mask.png
test/dent/000.png dent! bottle/ground_truth/dent/000_mask.png
test/dent/001.PNG dent! bottle/ground_truth/dent/001_mask.png
test/good/000.png good`},
	{"mvtec2", tree{}.
		put(picture, "can/train/good/000_regular.png", "can/validation/good/000_regular.png", "can/test_public/good/000_regular.png",
			"can/test_public/bad/000_shift_1.png", "can/test_private/000.png").
		put(marked, "can/test_public/ground_truth/bad/000_shift_1_mask.png"),
		MVTec2, "can", "can", `
test_public/bad/000_shift_1.png bad! can/test_public/ground_truth/bad/000_shift_1_mask.png
test_public/good/000_regular.png good`},
	{"loco", tree{"box/defects_config.json": []byte(`[{"defect_name":"missing","pixel_value":255,"saturation_threshold":0.5,"relative_saturation":true}]`)}.
		put(picture, "box/train/good/000.png", "box/validation/good/000.png", "box/test/good/000.png",
			"box/test/logical_anomalies/000.png", "box/test/structural_anomalies/000.png").
		put(marked, "box/ground_truth/logical_anomalies/000/000.png", "box/ground_truth/logical_anomalies/000/001.png",
			"box/ground_truth/structural_anomalies/000/000.png"),
		LOCO, "box", "box", `
test/good/000.png good
test/logical_anomalies/000.png logical_anomalies! box/ground_truth/logical_anomalies/000/000.png box/ground_truth/logical_anomalies/000/001.png
test/structural_anomalies/000.png structural_anomalies! box/ground_truth/structural_anomalies/000/000.png`},
	{"visa", tree{"split_csv/1cls.csv": []byte(visaHeader +
		"pcb1,train,normal,pcb1/Data/Images/Normal/001.JPG,\n" +
		"pcb1,test,normal,pcb1/Data/Images/Normal/000.JPG,\n" +
		"pcb1,test,anomaly,pcb1/Data/Images/Anomaly/000.JPG,pcb1/Data/Masks/Anomaly/000.png\n" +
		"candle,test,normal,candle/Data/Images/Normal/000.JPG,\n")}.
		put(picture, "pcb1/Data/Images/Normal/000.JPG", "pcb1/Data/Images/Normal/001.JPG", "pcb1/Data/Images/Anomaly/000.JPG", "candle/Data/Images/Normal/000.JPG").
		put(marked, "pcb1/Data/Masks/Anomaly/000.png"),
		VisA, "candle pcb1", "candle", `
Data/Images/Normal/000.JPG good`},
	{"visa prepared", tree{}.
		put(picture, "candle/test/good/000.JPG", "candle/test/bad/000.JPG").
		put(marked, "candle/ground_truth/bad/000.png"),
		VisA, "candle", "candle", `
test/bad/000.JPG bad! candle/ground_truth/bad/000.png
test/good/000.JPG good`},
	{"btad", tree{}.
		put(picture, "01/test/ok/0000.bmp", "01/test/ko/0000.bmp", "01/test/ko/0001.bmp", "01/train/ok/0000.bmp").
		put(marked, "01/ground_truth/ko/0000.png").
		put(bmpOf(grey(255)), "01/ground_truth/ko/0001.bmp"),
		BTAD, "01", "01", `
test/ko/0000.bmp ko! 01/ground_truth/ko/0000.png
test/ko/0001.bmp ko! 01/ground_truth/ko/0001.bmp
test/ok/0000.bmp good`},
	{"mpdd", tree{}.
		put(picture, "tubes/test/good/000.png", "tubes/test/anomalous/000.png").
		put(marked, "tubes/ground_truth/anomalous/000_mask.png"),
		MPDD, "tubes", "tubes", `
test/anomalous/000.png anomalous! tubes/ground_truth/anomalous/000_mask.png
test/good/000.png good`},
	{"ksdd", tree{}.
		put(picture, "kos01/Part0.jpg", "kos01/Part1.jpg").
		put(bmpOf(grey()), "kos01/Part0_label.bmp").put(bmpOf(grey(0, 255)), "kos01/Part1_label.bmp"),
		KSDD, "KolektorSDD", "", `
kos01/Part0.jpg good
kos01/Part1.jpg defect! kos01/Part1_label.bmp`},
	{"ksdd2", tree{}.
		put(picture, "test/20000.png", "test/20001.png", "train/10000.png").
		put(blank, "test/20000_GT.png", "train/10000_GT.png").put(marked, "test/20001_GT.png"),
		KSDD2, "KolektorSDD2", "", `
test/20000.png good
test/20001.png defect! test/20001_GT.png`},
	{"realiad", tree{"realiad_jsons/toy.json": []byte(`{"meta":{"prefix":"toy/","normal_class":"OK"},
		"train":[{"category":"toy","anomaly_class":"OK","image_path":"OK/S0002/c.jpg","mask_path":null}],
		"test":[{"category":"toy","anomaly_class":"OK","image_path":"OK/S0001/a.jpg","mask_path":null},
		{"category":"toy","anomaly_class":"AK","image_path":"NG/AK/S0001/b.jpg","mask_path":"NG/AK/S0001/b.png"}]}`)}.
		put(picture, "realiad_512/toy/OK/S0001/a.jpg", "realiad_512/toy/NG/AK/S0001/b.jpg").
		put(marked, "realiad_512/toy/NG/AK/S0001/b.png"),
		RealIAD, "toy", "realiad_512/toy", `
NG/AK/S0001/b.jpg AK! realiad_512/toy/NG/AK/S0001/b.png
OK/S0001/a.jpg good`},
	{"folder", tree{}.
		put(picture, "Good/a.jpg", "scratch/a.jpg", "scratch/deep/b.jpg", "dent/c.jpg", "dent/d.jpg").
		put(marked, "GT/scratch/a.png", "GT/scratch/deep/b_mask.png", "GT/c.png", "dent/d_mask.png"),
		Folder, "*", "", `
Good/a.jpg good
dent/c.jpg dent! GT/c.png
dent/d.jpg dent! dent/d_mask.png
scratch/a.jpg scratch! GT/scratch/a.png
scratch/deep/b.jpg scratch! GT/scratch/deep/b_mask.png`},
	{"folders", tree{}.
		put(picture, "lids/ok/a.jpg", "lids/bent/a.jpg", "nuts/normal/a.jpg", "nuts/bent/a.jpg").
		put(marked, "lids/masks/bent/a_mask.png", "nuts/bent/a_mask.png"),
		Folder, "lids nuts", "lids", `
bent/a.jpg bent! lids/masks/bent/a_mask.png
ok/a.jpg good`},
}

func TestLayouts(t *testing.T) {
	for _, tt := range layoutTests {
		t.Run(tt.name, func(t *testing.T) {
			root := tt.tree.write(t)
			want := strings.TrimPrefix(tt.want, "\n")
			for _, l := range []Layout{Auto, tt.layout} {
				d := open(t, root, l)
				names := strings.Join(d.Categories(), " ")
				if d.Layout != tt.layout || tt.categories != "*" && names != tt.categories || len(d.Warnings) > 0 {
					t.Fatalf("layout %q: found %s with categories %s, warnings %q", l, d.Layout, names, d.Warnings)
				}
				c := category(t, d, d.Categories()[0])
				if got := summary(root, c); got != want {
					t.Errorf("layout %q:\n%s\nwant\n%s", l, got, want)
				}
				for _, s := range c.Samples {
					mask, warnings, err := LoadMask(context.Background(), s, 4, 3)
					if err != nil || len(warnings) > 0 || len(mask) != 12 || slices.Contains(mask, true) != s.Anomalous {
						t.Errorf("mask of %s: %v, %q, %v", s.Name, mask, warnings, err)
					}
				}
			}
			if tt.single == "" {
				return
			}
			d := open(t, filepath.Join(root, filepath.FromSlash(tt.single)), Auto)
			if d.Layout != tt.layout || len(d.Categories()) != 1 {
				t.Fatalf("one category: found %s with %q", d.Layout, d.Categories())
			}
			if got := summary(root, category(t, d, filepath.Base(tt.single))); got != want {
				t.Errorf("one category:\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// TestVisAMasks: masks number the types of defects, which is not an oddity.
func TestVisAMasks(t *testing.T) {
	root := tree{"split_csv/1cls.csv": []byte("\xef\xbb\xbf" + visaHeader + "nut,test,anomaly,nut/a.JPG,nut/a.png\n")}.
		put(picture, "nut/a.JPG").put(pngOf(grey(1, 0, 2)), "nut/a.png").write(t)
	c := category(t, open(t, root, Auto), "nut")
	mask, warnings, err := LoadMask(context.Background(), c.Samples[0], 4, 3)
	if err != nil || len(warnings) > 0 || !mask[0] || mask[1] || !mask[2] {
		t.Errorf("%v, %q, %v", mask, warnings, err)
	}
}

func TestLOCO(t *testing.T) {
	root := tree{"box/defects_config.json": []byte(`[{"defect_name":"missing","pixel_value":255,"saturation_threshold":100,"relative_saturation":false},
		{"defect_name":"bent","pixel_value":254,"saturation_threshold":1,"relative_saturation":true}]`)}.
		put(picture, "box/test/good/000.png", "box/test/logical_anomalies/000.png", "box/test/logical_anomalies/001.png").
		put(pngOf(grey(255)), "box/ground_truth/logical_anomalies/000/000.png").
		put(pngOf(grey(0, 254)), "box/ground_truth/logical_anomalies/000/001.png").
		put(pngOf(grey(7)), "box/ground_truth/logical_anomalies/001/000.png").write(t)
	c := category(t, open(t, root, Auto), "box")
	if len(c.Defects) != 2 || c.Defects[1] != (Defect{"bent", 254, 1, true}) {
		t.Errorf("defects %+v", c.Defects)
	}
	mask, warnings, err := LoadMask(context.Background(), c.Samples[1], 4, 3)
	if err != nil || len(warnings) > 0 || !mask[0] || !mask[1] || slices.Contains(mask[2:], true) {
		t.Errorf("union: %v, %q, %v", mask, warnings, err)
	}
	if _, warnings, _ := LoadMask(context.Background(), c.Samples[2], 4, 3); !warned(warnings, "grey level 7", "defects_config.json") {
		t.Errorf("unlisted level: %q", warnings)
	}
}

func TestMVTec2Private(t *testing.T) {
	root := tree{}.put(picture, "can/test_private/0.png", "can/test_private_mixed/0.png").write(t)
	c := category(t, open(t, root, Auto), "can")
	if !warned(c.Warnings, "test_private and test_private_mixed", "not public") || !warned(c.Warnings, "no test images") {
		t.Errorf("%q", c.Warnings)
	}
}

// TestMVTecTestFolder: the test folder of a category is a folder of one's
// own, its masks beside it.
func TestMVTecTestFolder(t *testing.T) {
	root := layoutTests[0].tree.write(t)
	d := open(t, filepath.Join(root, "bottle", "test"), Auto)
	if _, anomalous, masked := category(t, d, "test").Count(); d.Layout != Folder || anomalous != 3 || masked != 3 {
		t.Errorf("layout %s, %d anomalous, %d with masks", d.Layout, anomalous, masked)
	}
}

func TestCategory(t *testing.T) {
	c := &Category{Samples: []Sample{{Path: "p/a", Name: "a", Type: Good}, {Path: "p/b", Name: "b", Type: "dent", Anomalous: true}, {Name: "c", Type: "dent", Anomalous: true, Masks: []string{"m"}}}}
	good, anomalous, masked := c.Count()
	if good != 1 || anomalous != 2 || masked != 1 {
		t.Errorf("counts %d, %d, %d", good, anomalous, masked)
	}
	if set := c.Items(); len(set) != 3 || set[1].Name != "b" || set[1].Path != "p/b" {
		t.Errorf("items %v", c.Items())
	}
	if got := c.Labels(); !slices.Equal(got, []bool{false, true, true}) {
		t.Errorf("labels %v", got)
	}
	if got := c.Types(); !slices.Equal(got, []string{"dent"}) {
		t.Errorf("types %v", got)
	}
}

func TestParseLayout(t *testing.T) {
	for name, want := range map[string]Layout{"": Auto, "auto": Auto, "mvtec": MVTec, " VisA ": VisA} {
		if got, err := ParseLayout(name); got != want || err != nil {
			t.Errorf("%q: %q, %v", name, got, err)
		}
	}
	if _, err := ParseLayout("mvtek"); err == nil || !strings.Contains(err.Error(), "mvtec2") {
		t.Errorf("unknown name: %v", err)
	}
	if all := Layouts(); len(all) != 10 || all[0].Layout != BTAD {
		t.Errorf("%d layouts, first %q", len(all), all[0].Layout)
	}
}

func TestOpenErrors(t *testing.T) {
	root := tree{}.put(picture, "holiday/beach.jpg").write(t)
	_, err := Open(root, Auto)
	if !errors.Is(err, ErrUnknown) {
		t.Fatalf("nothing known: %v", err)
	}
	for _, info := range Layouts() {
		if !strings.Contains(err.Error(), info.Files) {
			t.Errorf("the error does not say what %s looks for", info.Layout)
		}
		if _, err := Open(root, info.Layout); !errors.Is(err, ErrUnknown) || !strings.Contains(err.Error(), info.Files) {
			t.Errorf("named %s: %v", info.Layout, err)
		}
	}
	if _, err := Open(root, "nonsense"); err == nil {
		t.Error("no error for an unknown layout")
	}
	if _, err := Open(filepath.Join(root, "none"), Auto); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing root: %v", err)
	}
	if _, err := Open(filepath.Join(root, "holiday", "beach.jpg"), Auto); !errors.Is(err, ErrUnknown) {
		t.Errorf("a file as root: %v", err)
	}
	d := open(t, layoutTests[0].tree.write(t), Auto)
	if _, err := d.Category(context.Background(), "pil"); err == nil || !strings.Contains(err.Error(), "bottle, pill") {
		t.Errorf("unknown category: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := d.Category(ctx, "pill"); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestMVTecAD reads two real categories. Counts are those of the publisher.
func TestMVTecAD(t *testing.T) {
	root := filepath.Join("..", "..", "..", "..", "shared", "data", "mvtec_ad")
	if !isDir(root) {
		t.Skip("no real images at " + root)
	}
	d := open(t, root, Auto)
	if d.Layout != MVTec {
		t.Fatalf("layout %s", d.Layout)
	}
	for name, want := range map[string][2]int{"bottle": {20, 63}, "pill": {26, 141}} {
		c := category(t, d, name)
		good, anomalous, masked := c.Count()
		if good != want[0] || anomalous != want[1] || masked != anomalous || len(c.Warnings) > 0 {
			t.Errorf("%s: %d good, %d anomalous, %d with masks; %q", name, good, anomalous, masked, c.Warnings)
		}
		side := map[string]int{"bottle": 900, "pill": 800}[name]
		mask, warnings, err := LoadMask(context.Background(), c.Samples[0], side, side)
		if err != nil || len(warnings) > 0 || !slices.Contains(mask, true) {
			t.Errorf("%s: mask of %s: %q, %v", name, c.Samples[0].Name, warnings, err)
		}
	}
}
