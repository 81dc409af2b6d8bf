package report

import (
	"encoding/json"
	"io"
)

// cocoFile is the content of regions.coco.json: the regions in the format of
// the COCO data set (https://cocodataset.org/#format-data), which annotation
// and evaluation tools read. Image IDs are indices into images of
// results.json, plus 1. Files are named as in it: relative to the folder that was
// scanned, which is where tools look for them.
type cocoFile struct {
	Info        cocoInfo         `json:"info"`
	Licenses    []struct{}       `json:"licenses"` // none; some readers want the list
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
	ID         int    `json:"id"`
	ImageID    int    `json:"image_id"`
	CategoryID int    `json:"category_id"`
	Box        [4]int `json:"bbox"`
	Area       int    `json:"area"`
	IsCrowd    int    `json:"iscrowd"`
	// Segmentation are polygons, as the format has them for single objects: x and
	// y of each corner. Holes are in the masks only.
	Segmentation [][]int `json:"segmentation"`
	// Score and what follows are beyond the format.
	Score  float64  `json:"score"`
	PValue *float64 `json:"p_value"`
}

// newCOCO makes the file for a document; outlines holds those of each image's
// regions (region.Outlines).
func newCOCO(doc *Document, outlines [][][][]int) *cocoFile {
	f := &cocoFile{
		Info:        cocoInfo{"regions found by codegraph", doc.Version},
		Licenses:    []struct{}{},
		Images:      make([]cocoImage, len(doc.Images)),
		Categories:  []cocoCategory{{1, "defect"}},
		Annotations: []cocoAnnotation{},
	}
	for i := range doc.Images {
		im := &doc.Images[i]
		f.Images[i] = cocoImage{i + 1, im.Name, im.Width, im.Height}
		for k, r := range im.Regions {
			f.Annotations = append(f.Annotations, cocoAnnotation{
				ID: len(f.Annotations) + 1, ImageID: i + 1, CategoryID: 1,
				Box: [4]int{r.Box.X, r.Box.Y, r.Box.Width, r.Box.Height}, Area: r.Area,
				Segmentation: outlines[i][k],
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
