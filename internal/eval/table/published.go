package table

import (
	"fmt"
	"slices"
)

// meanCategory is the category of published figures that are the mean over a
// dataset.
const meanCategory = "mean"

// Published are figures from the literature. Those that the source does not
// give are not defined.
type Published struct {
	Source   string `json:"source"`
	Method   string `json:"method"` // "" if the source does not say
	Dataset  string `json:"dataset"`
	Category string `json:"category"` // or meanCategory
	Backbone string `json:"backbone"`
	Size     int    `json:"size"` // side of the input in pixels; 0 if the source does not say
	// Categories is over how many a mean is; 0 if the source does not say.
	Categories int `json:"categories,omitempty"`
	// OtherBackbone marks what is shown for want of figures with the backbone
	// of the run, if Options ask for it.
	OtherBackbone bool `json:"other_backbone,omitempty"`
	Figures
}

// winCLIP is the method of published figures only.
const winCLIP = "winclip"

// The sources of Standard.
const (
	muscPaper      = "MuSc (Li et al. 2024, arXiv 2401.16753)"
	muscRerun      = "MuSc (Li et al. 2024, authors' code repository)"
	codegraphPaper = "CoDeGraph (Le-Gia & Ahn 2025, arXiv 2510.10456)"
	winclipPaper   = "WinCLIP zero-shot (Jeong et al. 2023, arXiv 2303.14814)"
)

// paperFigures returns the published means on MVTec AD: mutual scoring and
// CoDeGraph with their backbones, and WinCLIP, which compares an image with
// words. CoDeGraph's paper names no size of its DINOv2 in the figures quoted
// here; they are taken to be for any.
func paperFigures() []Published {
	const (
		clipL   = "CLIP ViT-L-14-336"
		clipB   = "CLIP ViT-B-16-plus-240"
		dinov2L = "DINOv2 ViT-L-14"
		dinov2B = "DINOv2 ViT-B-14"
	)
	no := notDefined()
	// PRO is MuSc's, but for WinCLIP, whose paper cites Bergmann et al.
	return []Published{
		standard(codegraphPaper, CoDeGraph, clipL, 0, 98.3, no, no, no, 66.8, 68.1, no, no),
		standard(codegraphPaper, CoDeGraph, "DINOv2", 0, no, no, no, no, 69.1, 71.9, no, no),
		standard(muscPaper, MuSc, clipL, 518, 97.8, 97.5, 99.1, 97.3, 62.6, 62.7, no, 93.8),
		standard(muscRerun, MuSc, dinov2L, 518, 97.08, 97.13, 98.82, 98.34, 66.15, 67.39, no, 96.16),
		standard(muscRerun, MuSc, dinov2B, 518, 96.31, 96.87, 98.32, 98.07, 64.65, 65.31, no, 95.59),
		standard(winclipPaper, winCLIP, clipB, 0, 91.8, 92.9, 96.5, 85.1, 31.7, no, 64.6, no),
	}
}

// standard makes an entry of Standard; the figures are in the order of
// metrics.
func standard(source, method, backbone string, size int, figures ...Percent) Published {
	p := Published{
		Source: describe(source, backbone, size), Method: method, Dataset: "MVTec AD",
		Category: meanCategory, Backbone: backbone, Size: size, Categories: 15, Figures: Undefined(),
	}
	for i, v := range figures {
		*metrics[i].of(&p.Figures) = v
	}
	return p
}

// describe names a source together with what was measured with.
func describe(source, backbone string, size int) string {
	s := source + ", " + backbone
	if size > 0 {
		s += fmt.Sprintf(", %d", size)
	}
	return s
}

// Query says what was run.
type Query struct {
	Dataset  string // by its name in the literature, such as MVTec AD
	Backbone string
	Size     int // side of the input; 0: any
}

// Select returns the figures of Standard and of others that can be held
// beside a run: of its dataset, its backbone and, where the source has several,
// its size of the input. Names are compared by what they mean:
// clip-vit-large-patch14-336 is CLIP's ViT-L-14-336. If there are none, the
// means of Standard on the dataset are returned and marked OtherBackbone.
func Select(q Query, others []Published) []Published {
	var same, fallback []Published
	backbone, dataset := parseBackbone(q.Backbone), datasetKey(q.Dataset)
	known := paperFigures()
	for i, p := range slices.Concat(known, others) {
		if datasetKey(p.Dataset) != dataset {
			continue
		}
		if q.Backbone != "" && parseBackbone(p.Backbone).covers(backbone) {
			same = append(same, p)
		} else if i < len(known) {
			p.OtherBackbone = true
			fallback = append(fallback, p)
		}
	}
	if len(same) == 0 {
		return fallback
	}
	sized := slices.DeleteFunc(slices.Clone(same), func(p Published) bool { return p.Size != 0 && p.Size != q.Size })
	if slices.ContainsFunc(sized, func(p Published) bool { return p.Size != 0 }) {
		return sized
	}
	return same
}
