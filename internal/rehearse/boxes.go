package rehearse

import (
	"encoding/json"
	"fmt"
	"io"
	"path"

	"codegraph/imageset"
)

// coco is what is read of a file in the format of COCO.
type coco struct {
	Images []struct {
		ID     int64   `json:"id"`
		File   string  `json:"file_name"`
		Width  float64 `json:"width"`
		Height float64 `json:"height"`
	} `json:"images"`
	Annotations []struct {
		Image int64      `json:"image_id"`
		Box   [4]float64 `json:"bbox"` // left, top, width, height
	} `json:"annotations"`
}

// Boxes reads the boxes of defects on images, in the format of COCO. A box
// belongs to the image of its file name, or of the last part of it.
func Boxes(r io.Reader, images imageset.Set) ([]Defective, error) {
	var file coco
	if err := json.NewDecoder(r).Decode(&file); err != nil {
		return nil, fmt.Errorf("boxes: not a file in the format of COCO: %w", err)
	}
	byName := make(map[string]imageset.Item)
	for _, it := range images {
		byName[path.Base(it.Name)] = it
	}
	for _, it := range images {
		byName[it.Name] = it
	}
	var all []Defective
	for _, a := range file.Annotations {
		for _, im := range file.Images {
			if im.ID != a.Image {
				continue
			}
			it, ok := byName[im.File]
			if !ok {
				it, ok = byName[path.Base(im.File)]
			}
			if !ok {
				return nil, fmt.Errorf("boxes: there is no image %s among the defective ones", im.File)
			}
			b := Box{a.Box[0] / im.Width, a.Box[1] / im.Height, (a.Box[0] + a.Box[2]) / im.Width, (a.Box[1] + a.Box[3]) / im.Height}
			if !(b.X0 >= 0 && b.Y0 >= 0 && b.X1 <= 1.001 && b.Y1 <= 1.001 && b.X1 > b.X0 && b.Y1 > b.Y0) {
				return nil, fmt.Errorf("boxes: %s: the box %v is not within the image's %g × %g pixels", im.File, a.Box, im.Width, im.Height)
			}
			all = append(all, Defective{Item: it, Box: b})
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("boxes: the file has no box on any of its images")
	}
	return all, nil
}
