package dataset

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Layout names how a dataset is stored.
type Layout string

// The layouts that can be read. Auto looks for the one that fits.
const (
	Auto    Layout = ""
	MVTec   Layout = "mvtec"
	MVTec2  Layout = "mvtec2"
	LOCO    Layout = "loco"
	VisA    Layout = "visa"
	BTAD    Layout = "btad"
	MPDD    Layout = "mpdd"
	KSDD    Layout = "ksdd"
	KSDD2   Layout = "ksdd2"
	RealIAD Layout = "realiad"
	Folder  Layout = "folder"
)

// Info describes a layout.
type Info struct {
	Layout      Layout
	Description string // the dataset and its paper
	Files       string // what is looked for
	Evaluation  string // what its figures cover, and what to beware of
}

// place is where a category is to be read.
type place struct {
	name string
	dir  string // what names are relative to
	list string // the file that lists the samples, if there is one
}

// format is a layout with its functions: find returns the categories below
// root, none if it is not of this layout; read collects one.
type format struct {
	Info
	find func(root string) ([]place, error)
	read func(ctx context.Context, p place, b *builder) error
}

// formats are ordered as they are looked for: in a tie, the earlier wins.
var formats = []format{
	{Info{VisA, "VisA (Zou et al. 2022), as published or prepared like MVTec AD",
		"split_csv/1cls.csv, or CATEGORY/test/{good,bad}",
		"images and pixels; the 1cls split; types of defects are not told apart"},
		findVisA, readVisA},
	{Info{RealIAD, "Real-IAD (Wang et al. 2024)",
		"realiad_jsons/CATEGORY.json and realiad_1024 (or _512, _256, _raw)/CATEGORY",
		"images and pixels; each of the five views of a part counts as an image of its own"},
		findRealIAD, readRealIAD},
	{Info{KSDD2, "KolektorSDD2 (Božič et al. 2021)",
		"test/NNNNN.png with test/NNNNN_GT.png",
		"images (the paper: AP) and pixels; an image is defective if its mask marks a pixel"},
		findKSDD2, readKSDD2},
	{Info{KSDD, "KolektorSDD (Tabernik et al. 2020)",
		"kosNN/PartN.jpg with kosNN/PartN_label.bmp",
		"images (the paper: AP) and pixels; it has no test set for methods without training, so all images are taken"},
		findKSDD, readKSDD},
	{Info{MVTec2, "MVTec AD 2 (Heckler-Kram et al. 2025)",
		"CATEGORY/test_public/{good,bad} with CATEGORY/test_public/ground_truth/bad",
		"images and pixels of the public test set; the private ones have no public truth, their figures come from the publisher's server"},
		mvtec2.find, readMVTec2},
	{Info{LOCO, "MVTec LOCO AD (Bergmann et al. 2022)",
		"CATEGORY/test/{good,logical_anomalies,structural_anomalies} with CATEGORY/ground_truth/TYPE/NNN/NNN.png",
		"images, and pixels by the union of an image's masks; the paper's sPRO instead saturates per region, which needs the thresholds of defects_config.json"},
		loco.find, readLOCO},
	{Info{BTAD, "BTAD (Mishra et al. 2021)",
		"CATEGORY/test/{ok,ko} with CATEGORY/ground_truth/ko",
		"images and pixels"},
		btad.find, btad.read},
	{Info{MPDD, "MPDD (Jezek et al. 2021)",
		"CATEGORY/test/TYPE with CATEGORY/ground_truth/TYPE; CATEGORY is bracket_black, ..., tubes",
		"images and pixels"},
		mpdd.find, mpdd.read},
	{Info{MVTec, "MVTec AD (Bergmann et al. 2019) and whatever is stored like it",
		"CATEGORY/test/TYPE with CATEGORY/ground_truth/TYPE",
		"images and pixels"},
		mvtec.find, mvtec.read},
	{Info{Folder, "images of your own",
		"a folder good, ok or normal; other folders beside it are types of defects; masks, if any, in ground_truth, gt, masks or mask, or as NAME_mask.png beside the image",
		"images, and pixels where there are masks"},
		folder.find, folder.read},
}

// Layouts describes the layouts, by name.
func Layouts() []Info {
	var all []Info
	for _, f := range formats {
		all = append(all, f.Info)
	}
	slices.SortFunc(all, func(a, b Info) int { return strings.Compare(string(a.Layout), string(b.Layout)) })
	return all
}

// ParseLayout returns the layout of a name; "auto" and "" are Auto.
func ParseLayout(name string) (Layout, error) {
	l := Layout(strings.ToLower(strings.TrimSpace(name)))
	if l == "auto" || l == Auto {
		return Auto, nil
	}
	if formatOf(l) == nil {
		names := []string{"auto"}
		for _, info := range Layouts() {
			names = append(names, string(info.Layout))
		}
		return Auto, fmt.Errorf("unknown layout %q; known are %s", name, strings.Join(names, ", "))
	}
	return l, nil
}

// formatOf returns nil if there is no such layout.
func formatOf(l Layout) *format {
	if i := slices.IndexFunc(formats, func(f format) bool { return f.Layout == l }); i >= 0 {
		return &formats[i]
	}
	return nil
}
