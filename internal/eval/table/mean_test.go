package table

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// near allows rounding; what is not defined is near itself.
func near(a, b Percent) bool {
	return !a.Defined() && !b.Defined() || math.Abs(float64(a-b)) <= 1e-9*max(1, math.Abs(float64(b)))
}

func TestMeans(t *testing.T) {
	no := notDefined()
	means := meansOf([]Row{
		{Category: "a", Method: CoDeGraph, Figures: figures(100, 90, 80, 70)},
		{Category: "a", Method: MuSc, Figures: figures(50, no, no, no), Original: pixels(10, no)},
		{Category: "b", Method: MuSc, Figures: figures(60, 20, no, no), Original: pixels(30, 40)},
		{Category: "c", Method: MuSc, Figures: figures(70, 40, no, no)},
	})
	if len(means) != 2 || means[0].Method != MuSc || means[1].Method != CoDeGraph {
		t.Fatalf("%+v", means)
	}
	m := means[0]
	if m.Categories != 3 || m.ImageAUROC != 60 || m.ImageF1 != 30 || m.ImageAP.Defined() || m.Std != nil {
		t.Errorf("%+v", m)
	}
	if m.Original == nil || m.Original.PixelAUROC != 20 || m.Original.PixelF1 != 40 || m.Original.PixelAP.Defined() {
		t.Errorf("original: %+v", m.Original)
	}
	for key, n := range map[string]int{
		"image_auroc": 3, "image_f1": 2, "image_ap": 0,
		"original_pixel_auroc": 2, "original_pixel_f1": 1, "original_pixel_pro": 0,
	} {
		if m.defined(key) != n {
			t.Errorf("%s is the mean of %d, want %d", key, m.defined(key), n)
		}
	}
	if _, ok := m.Defined["image_auroc"]; ok {
		t.Error("a figure that every category has is counted")
	}
	if c := means[1]; c.Categories != 1 || c.PixelAUROC != 70 || c.Original != nil {
		t.Errorf("%+v", c)
	}
	if meansOf(nil) != nil {
		t.Error("means of nothing")
	}
}

// TestRepeats: x̄ and the deviation of 1, 2, 6 are 3 and √7, of 2 and 4 are 3
// and √2.
func TestRepeats(t *testing.T) {
	no := notDefined()
	var r Repeats
	for _, run := range [][2]Percent{{1, 2}, {2, no}, {6, 4}} {
		err := r.Add([]Row{
			{Category: "b", Method: MuSc, Figures: figures(run[0], run[1])},
			{Category: "a", Method: MuSc, Figures: figures(10*run[0], 5)},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	rows := r.Rows()
	if len(rows) != 2 || rows[0].Category != "b" || rows[0].Repeats != 3 || rows[0].Original != nil {
		t.Fatalf("%+v", rows)
	}
	b, std := rows[0], rows[0].Std
	if !near(b.ImageAUROC, 3) || !near(std.ImageAUROC, Percent(math.Sqrt(7))) {
		t.Errorf("%v ± %v", b.ImageAUROC, std.ImageAUROC)
	}
	if !near(b.ImageF1, 3) || !near(std.ImageF1, Percent(math.Sqrt(2))) || std.ImageAP.Defined() {
		t.Errorf("%v ± %v, %v", b.ImageF1, std.ImageF1, std.ImageAP)
	}
	means := r.Means()
	if len(means) != 1 || means[0].Repeats != 3 || means[0].Categories != 2 || means[0].defined("image_f1") != 1 {
		t.Fatalf("%+v", means)
	}
	// The runs' means are 5.5, 11 and 33.
	if m := means[0]; !near(m.ImageAUROC, 16.5) || !near(m.Std.ImageAUROC, Percent(5.5*math.Sqrt(7))) {
		t.Errorf("%v ± %v", m.ImageAUROC, m.Std.ImageAUROC)
	}
}

func TestRepeatsOnce(t *testing.T) {
	var r Repeats
	if len(r.Rows()) != 0 || r.Means() != nil {
		t.Error("rows of nothing")
	}
	row := Row{Category: "a", Method: MuSc, Figures: figures(97.1, 0.3), Original: pixels(1, 2)}
	if err := r.Add([]Row{row}); err != nil {
		t.Fatal(err)
	}
	got := r.Rows()[0]
	if got.Std != nil || got.OriginalStd != nil || got.Repeats != 1 || got.ImageAUROC != 97.1 || got.Original.PixelF1 != 2 {
		t.Errorf("%+v", got)
	}
	if m := r.Means()[0]; m.Std != nil || m.ImageF1 != 0.3 {
		t.Errorf("%+v", m)
	}
	if err := r.Add([]Row{row, row}); err == nil {
		t.Error("a row twice in a run")
	}
	if r.Rows()[0].Repeats != 1 {
		t.Error("a run with an error was counted")
	}
}

// TestMoments compares with two passes over the numbers.
func TestMoments(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.SliceOfN(rapid.Float64Range(0, 100), 0, 20).Draw(t, "x")
		var m moments
		sum := 0.0
		for _, v := range x {
			m.add(v)
			sum += v
		}
		n := float64(len(x))
		dev := 0.0
		for _, v := range x {
			dev += (v - sum/n) * (v - sum/n)
		}
		std := math.NaN()
		if len(x) > 1 {
			std = math.Sqrt(dev / (n - 1))
		}
		if !near(Percent(m.average()), Percent(sum/n)) || !near(Percent(m.std()), Percent(std)) {
			t.Fatal(m.average(), sum/n, m.std(), std)
		}
	})
}
