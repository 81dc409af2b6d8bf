package metric

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"testing"

	"pgregory.net/rapid"
)

func TestAgainstScikitLearn(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Cases []struct {
			Name          string
			Scores        []float64
			Labels        []bool
			AUROC, AP, F1 float64
		}
	}
	if err := json.Unmarshal(data, &golden); err != nil {
		t.Fatal(err)
	}
	for _, c := range golden.Cases {
		auroc, err1 := AUROC(c.Scores, c.Labels)
		ap, err2 := AP(c.Scores, c.Labels)
		f1, _, err3 := F1Max(c.Scores, c.Labels)
		if err := errors.Join(err1, err2, err3); err != nil {
			t.Fatal(c.Name, err)
		}
		if math.Abs(auroc-c.AUROC) > 1e-12 || math.Abs(ap-c.AP) > 1e-12 || math.Abs(f1-c.F1) > 1e-12 {
			t.Errorf("%s: %v %v %v, want %v %v %v", c.Name, auroc, ap, f1, c.AUROC, c.AP, c.F1)
		}
	}
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	if _, err := AUROC([]float64{1, 2}, []bool{true, true}); !errors.Is(err, ErrOneClass) {
		t.Error(err)
	}
	if _, err := AP([]float64{}, nil); !errors.Is(err, ErrOneClass) {
		t.Error(err)
	}
	if _, err := AP([]float64{1, math.NaN()}, []bool{true, false}); err == nil {
		t.Error("NaN is accepted")
	}
	if _, _, err := F1Max([]float64{1}, nil); err == nil {
		t.Error("unequal lengths are accepted")
	}
}

// TestOnlyTrue: precision and recall need no false label.
func TestOnlyTrue(t *testing.T) {
	t.Parallel()
	scores, labels := []float64{2, 1, 1}, []bool{true, true, true}
	ap, err1 := AP(scores, labels)
	f1, threshold, err2 := F1Max(scores, labels)
	if err := errors.Join(err1, err2); err != nil || ap != 1 || f1 != 1 || threshold != 1 {
		t.Error(ap, f1, threshold, err)
	}
}

// TestMonotone: only the order of scores counts.
func TestMonotone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 40).Draw(t, "n")
		scores, cubes, labels := make([]float64, n), make([]float64, n), make([]bool, n)
		for i := range scores {
			s := rapid.IntRange(-9, 9).Draw(t, "score")
			scores[i], cubes[i] = float64(s), float64(s*s*s)+7
			labels[i] = rapid.Bool().Draw(t, "label")
		}
		labels[0], labels[1] = true, false
		a, _ := AUROC(scores, labels)
		b, _ := AUROC(cubes, labels)
		c, _ := AP(scores, labels)
		d, _ := AP(cubes, labels)
		if a != b || c != d {
			t.Fatal(a, b, c, d)
		}
	})
}

func ExampleAUROC() {
	a, _ := AUROC([]float64{0.9, 0.4, 0.6, 0.1}, []bool{true, true, false, false})
	fmt.Println(a)
	// Output: 0.75
}
