package table

import (
	"math"
	"strings"
)

// Figures judge the scores of images and of pixels.
type Figures struct {
	ImageAUROC Percent `json:"image_auroc"`
	ImageF1    Percent `json:"image_f1"` // at the best threshold
	ImageAP    Percent `json:"image_ap"`
	PixelFigures
}

// PixelFigures judge the scores of pixels.
type PixelFigures struct {
	PixelAUROC   Percent `json:"pixel_auroc"`
	PixelF1      Percent `json:"pixel_f1"` // at the best threshold
	PixelAP      Percent `json:"pixel_ap"`
	PixelPRO     Percent `json:"pixel_pro"`      // Bergmann et al. 2021, up to a false positive rate of 0.3
	PixelPROMuSc Percent `json:"pixel_pro_musc"` // the variant of MuSc's evaluation code
}

// Undefined returns figures none of which is defined.
func Undefined() Figures {
	var f Figures
	for i := range metrics {
		*metrics[i].of(&f) = notDefined()
	}
	return f
}

// metric is one of the figures.
type metric struct {
	key  string // in JSON and CSV
	name string // in a heading
	of   func(*Figures) *Percent
}

// metrics in the order of the literature; the first three are of images.
var metrics = [...]metric{
	{"image_auroc", "AUROC", func(f *Figures) *Percent { return &f.ImageAUROC }},
	{"image_f1", "F1", func(f *Figures) *Percent { return &f.ImageF1 }},
	{"image_ap", "AP", func(f *Figures) *Percent { return &f.ImageAP }},
	{"pixel_auroc", "AUROC", func(f *Figures) *Percent { return &f.PixelAUROC }},
	{"pixel_f1", "F1", func(f *Figures) *Percent { return &f.PixelF1 }},
	{"pixel_ap", "AP", func(f *Figures) *Percent { return &f.PixelAP }},
	{"pixel_pro", "PRO", func(f *Figures) *Percent { return &f.PixelPRO }},
	{"pixel_pro_musc", "MuSc's PRO", func(f *Figures) *Percent { return &f.PixelPROMuSc }},
}

// level is image or pixel.
func (m *metric) level() string {
	level, _, _ := strings.Cut(m.key, "_")
	return level
}

// title names the figure by itself.
func (m *metric) title() string { return m.level() + " " + m.name }

// firstPixel is the index of the first figure of pixels.
const firstPixel = 3

// resolutions are the sizes at which pixels are judged.
const (
	evaluated   = iota // the protocol's
	original           // the images' own
	resolutions        // how many there are
)

// result holds a row's figures and their standard deviations by resolution,
// not defined where they were not measured.
type result struct{ value, std [resolutions]Figures }

func newResult(f Figures, orig *PixelFigures, std *Figures, origStd *PixelFigures) result {
	r := result{}
	for i := range resolutions {
		r.value[i], r.std[i] = Undefined(), Undefined()
	}
	r.value[evaluated] = f
	if orig != nil {
		r.value[original].PixelFigures = *orig
	}
	if std != nil {
		r.std[evaluated] = *std
	}
	if origStd != nil {
		r.std[original].PixelFigures = *origStd
	}
	return r
}

// each visits all figures of a result.
func (r *result) each(visit func(resolution int, m *metric, value, std Percent)) {
	for i := range resolutions {
		for k := range metrics {
			m := &metrics[k]
			visit(i, m, *m.of(&r.value[i]), *m.of(&r.std[i]))
		}
	}
}

// finite reports whether no figure is infinite.
func (r *result) finite() bool {
	ok := true
	r.each(func(_ int, _ *metric, value, std Percent) {
		ok = ok && !math.IsInf(float64(value), 0) && !math.IsInf(float64(std), 0)
	})
	return ok
}
