package metric

import "fmt"

// Components labels the regions of true pixels that touch, diagonally
// included. Pixel (x, y) is mask[y·w + x]. A label of 0 is background; region
// k, counted from 1 in the order of the regions' first pixels, has areas[k−1]
// pixels.
func Components(mask []bool, w, h int) (labels []int32, areas []int, err error) {
	if err := checkSize(len(mask), w, h); err != nil {
		return nil, nil, fmt.Errorf("mask: %w", err)
	}
	labels, areas = components(mask, w)
	return labels, areas, nil
}

// components works on a mask of whole rows.
func components(mask []bool, w int) (labels []int32, areas []int) {
	labels = make([]int32, len(mask))
	var queue []int
	for i, set := range mask {
		if !set || labels[i] != 0 {
			continue
		}
		queue = flood(mask, labels, w, i, int32(len(areas)+1), queue[:0])
		areas = append(areas, len(queue))
	}
	return labels, areas
}

// flood gives the region of pixel start its label and returns its pixels in
// queue.
func flood(mask []bool, labels []int32, w, start int, label int32, queue []int) []int {
	labels[start] = label
	queue = append(queue, start)
	for i := 0; i < len(queue); i++ {
		x, y := queue[i]%w, queue[i]/w
		for v := max(0, y-1); v <= y+1 && v*w < len(mask); v++ {
			for u := max(0, x-1); u <= x+1 && u < w; u++ {
				if j := v*w + u; mask[j] && labels[j] == 0 {
					labels[j] = label
					queue = append(queue, j)
				}
			}
		}
	}
	return queue
}

// checkSize says whether n pixels are a w × h image. The division keeps the
// product from overflowing.
func checkSize(n, w, h int) error {
	if w <= 0 || h <= 0 || n%w != 0 || n/w != h {
		return fmt.Errorf("%d pixels are not an image of %d × %d", n, w, h)
	}
	return nil
}
