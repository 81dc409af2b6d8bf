package explain

import (
	"encoding/json"
	"io"
	"math"

	"codegraph/internal/evt"
)

// Document is an explanation by names and pixels, for people and machines.
// What is not defined is null.
type Document struct {
	Image     string     `json:"image"`
	X         int        `json:"x"` // in pixels of the original
	Y         int        `json:"y"`
	Patch     GridPlace  `json:"patch"`
	Grid      GridPlace  `json:"grid"` // columns and rows
	Score     float64    `json:"score"`
	MuScScore float64    `json:"musc_score"`
	Whole     ImageScore `json:"whole_image"`
	Family    *FamilyRef `json:"family"`
	Omega     int        `json:"omega"`
	// Vector holds the other images, nearest first.
	Vector []NeighbourRef `json:"similarity_vector"`
	// Normal holds the distances of ranks 1 … ω that a normal patch with the
	// same d⁽ω⁾ would have; null where there is no α.
	Normal *Normal     `json:"normal"`
	Alpha  AlphaRefs   `json:"alpha"`
	Test   TestRef     `json:"burnout_test"`
	Fit    *FitSummary `json:"fit"`
}

// GridPlace is a patch, or the size of the grid.
type GridPlace struct {
	X int `json:"x"`
	Y int `json:"y"`
}

// ImageScore is how the image scores as a whole.
type ImageScore struct {
	Score  float64 `json:"score"`
	Rank   int     `json:"rank"`
	Images int     `json:"images"`
}

// FamilyRef is the family of the image.
type FamilyRef struct {
	ID        string `json:"id"`
	Status    string `json:"status"`
	Members   int    `json:"members"`
	Anomalous bool   `json:"patch_is_anomalous"` // the patch carries the anomaly
}

// NeighbourRef is an image at its rank; X and Y are the middle of the patch
// that is matched there, in pixels.
type NeighbourRef struct {
	Image    string  `json:"image"`
	Distance float64 `json:"distance"`
	X        *int    `json:"x"`
	Y        *int    `json:"y"`
}

// Normal is what a normal patch would have.
type Normal struct {
	Expected []float64 `json:"expected"`
	Low      []float64 `json:"low"`  // 5 %
	High     []float64 `json:"high"` // 95 %
}

// AlphaRef is an estimate of α.
type AlphaRef struct {
	Alpha  *float64 `json:"alpha"`
	StdErr *float64 `json:"standard_error"`
}

// AlphaRefs are the estimates at the place.
type AlphaRefs struct {
	Hill     AlphaRef `json:"patch_hill"`
	Image    AlphaRef `json:"image"`
	Position AlphaRef `json:"position"`
	Batch    AlphaRef `json:"batch"`
}

// TestRef is the test for burnout: the patch burns out after Rank images if P is
// no more than burnout.Level. Growth is that of the distance there, by a factor,
// and Usual that of a normal patch; 0 is none.
type TestRef struct {
	BurnsOut bool      `json:"burns_out"`
	P        float64   `json:"p"`
	Share    float64   `json:"share_as_low"` // of the patches of the batch
	Rank     int       `json:"rank"`
	Growth   float64   `json:"growth"`
	Usual    float64   `json:"usual"`
	Ranks    []float64 `json:"ranks"`
}

// FitSummary is the goodness of fit of the batch.
type FitSummary struct {
	Holds    bool      `json:"holds"`
	Patches  int       `json:"patches"`
	Rejected float64   `json:"rejected_at_5_percent"`
	Sampled  int       `json:"sampled"`
	P        float64   `json:"sample_p"`
	Distance float64   `json:"ks_distance"`
	Profile  []float64 `json:"profile"`
	// Low is the share of the patches whose p-value for burnout is 0.01 or
	// less: more than that where the model fails, or something recurs.
	Low float64 `json:"burnout_p_below_0.01"`
}

// Document names what x numbers. (px, py) is the place asked about.
func (e *Explainer) Document(x *Explanation, px, py int) *Document {
	r := e.res
	im := &r.Images[x.Image]
	d := &Document{
		Image: im.Item.Name, X: px, Y: py, Patch: GridPlace{x.Patch % r.GridW, x.Patch / r.GridW}, Grid: GridPlace{r.GridW, r.GridH},
		Score: x.Score, MuScScore: x.MuScScore, Whole: ImageScore{im.Score, im.Rank, len(r.Images)}, Omega: x.Omega,
		Alpha: AlphaRefs{
			newAlphaRef(x.Alpha.Hill), newAlphaRef(x.Alpha.Image), newAlphaRef(x.Alpha.Position), newAlphaRef(x.Alpha.Batch),
		},
		Test: TestRef{x.Test.BurnsOut(), x.Test.P, e.Share(x.Test.P), x.Test.Rank, x.Test.Growth, x.Test.Usual, append([]float64{}, x.Test.Ranks...)},
		Fit:  &FitSummary{e.Fit.Holds(), e.Fit.Patches, e.Fit.Rejected, e.Fit.Sampled, e.Fit.P, e.Fit.Distance, e.Fit.Profile, e.Share(0.01)},
	}
	if x.Family >= 0 {
		f := &r.Families[x.Family]
		d.Family = &FamilyRef{f.ID, string(f.Status), len(f.Members), x.Anomalous}
	}
	for _, n := range x.Vector {
		ref := NeighbourRef{Image: r.Images[n.Image].Item.Name, Distance: n.Distance}
		if n.Patch >= 0 {
			nx, ny := e.Pixel(n.Image, n.Patch)
			ref.X, ref.Y = &nx, &ny
		}
		d.Vector = append(d.Vector, ref)
	}
	if x.Expected != nil {
		d.Normal = &Normal{x.Expected, x.Low, x.High}
	}
	return d
}

func newAlphaRef(e evt.Estimate) AlphaRef { return AlphaRef{finite(e.Alpha), finite(e.StdErr)} }

// finite is nil for what JSON has no number for.
func finite(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

// Encode writes the document as JSON.
func (d *Document) Encode(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", " ")
	return e.Encode(d)
}
