package report

import (
	"encoding/json"
	"io"
)

// cocoFile is the content of regions.coco.json: the regions in the format of
// the COCO data set (https://cocodataset.org/#format-data), which annotation
// and evaluation tools read. Image IDs are indices into images of
// results.json, plus 1.
type cocoFile struct {
	Info        cocoInfo         `json:"info"`
	Images      []cocoImage      `json:"images"`
	Categories  []cocoCategory   `json:"categories"`
	Annotations []cocoAnnotation `json:"annotations"`
}

type cocoInfo struct {
	Description string `json:"description"`
	Version     string `json:"version"`
}

type cocoImage struct {
	ID       int    `json:"id"`
	FileName string `json:"file_name"`
	Width    int    `json:"width"`
	Height   int    `json:"height"`
}

type cocoCategory struct {
	ID   int    `json:"id"`
	Name string `json:"name"`
}

type cocoAnnotation struct {
	ID           int      `json:"id"`
	ImageID      int      `json:"image_id"`
	CategoryID   int      `json:"category_id"`
	Box          [4]int   `json:"bbox"`
	Area         int      `json:"area"`
	IsCrowd      int      `json:"iscrowd"`
	Segmentation cocoRuns `json:"segmentation"`
	// Score and what follows are beyond the format.
	Score  float64  `json:"score"`
	PValue *float64 `json:"p_value"`
}

// cocoRuns is an uncompressed run-length encoding: lengths of runs outside and
// inside in turn, beginning outside, down the columns.
type cocoRuns struct {
	Size   [2]int `json:"size"` // height, width
	Counts []int  `json:"counts"`
}

// newCOCO makes the file for a document; runs holds those of each image's
// regions.
func newCOCO(doc *Document, runs [][][]int) *cocoFile {
	f := &cocoFile{
		Info:        cocoInfo{"regions found by codegraph", doc.Version},
		Images:      make([]cocoImage, len(doc.Images)),
		Categories:  []cocoCategory{{1, "defect"}},
		Annotations: []cocoAnnotation{},
	}
	for i := range doc.Images {
		im := &doc.Images[i]
		f.Images[i] = cocoImage{i + 1, im.where(), im.Width, im.Height}
		for k, r := range im.Regions {
			f.Annotations = append(f.Annotations, cocoAnnotation{
				ID: len(f.Annotations) + 1, ImageID: i + 1, CategoryID: 1,
				Box: [4]int{r.Box.X, r.Box.Y, r.Box.Width, r.Box.Height}, Area: r.Area,
				Segmentation: cocoRuns{[2]int{im.Height, im.Width}, runs[i][k]},
				Score:        r.Peak, PValue: r.PValue,
			})
		}
	}
	return f
}

func (f *cocoFile) encode(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(f)
}

// runLengths encodes the regions that the labels, 1 to n, of an image of width
// w mark.
func runLengths(labels []int32, w, n int) [][]int {
	runs := make([][]int, n)
	ends := make([]int, n) // of the last run inside
	h, at, start := len(labels)/w, int32(0), 0
	turn := func(to int32, pos int) {
		if at > 0 {
			runs[at-1] = append(runs[at-1], pos-start)
			ends[at-1] = pos
		}
		if to > 0 {
			runs[to-1] = append(runs[to-1], pos-ends[to-1])
		}
		at, start = to, pos
	}
	for pos := range labels {
		if l := labels[pos%h*w+pos/h]; l != at {
			turn(l, pos)
		}
	}
	turn(0, len(labels))
	for k := range runs {
		if rest := len(labels) - ends[k]; rest > 0 {
			runs[k] = append(runs[k], rest)
		}
	}
	return runs
}
