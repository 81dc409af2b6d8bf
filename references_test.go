package codegraph_test

import (
	"context"
	"testing"

	"codegraph"
	"codegraph/imageset"
	"codegraph/internal/stub"
	"codegraph/internal/verdict"
)

// halves divides a batch with a recurring defect into the images that are
// scored and good ones that serve as references.
func halves(t *testing.T, references int) (scored, good imageset.Set) {
	t.Parallel()
	for i, it := range plates(28) {
		if !barred(i) && len(good) < references {
			good = append(good, it)
		} else {
			scored = append(scored, it)
		}
	}
	return scored, good
}

// TestReferences: they are neither scored nor reported, and scores are those
// of a batch with them.
func TestReferences(t *testing.T) {
	scored, good := halves(t, 6)
	o := stubbed()
	o.Evidence = 5000
	all := detect(t, append(append(imageset.Set{}, scored...), good...), o)
	o.References = good
	r := detect(t, scored, o)
	if len(r.Images) != len(scored) || r.References != len(good) {
		t.Fatalf("%d images, %d references", len(r.Images), r.References)
	}
	ranks := make(map[int]bool)
	for i, im := range r.Images {
		if im.Item.Name != scored[i].Name || im.Score != all.Images[i].Score {
			t.Errorf("%s scores %v, as part of the batch %v", im.Item.Name, im.Score, all.Images[i].Score)
		}
		ranks[im.Rank] = true
	}
	if len(ranks) != len(scored) || !ranks[1] || !ranks[len(scored)] {
		t.Errorf("ranks %v", ranks)
	}
	if len(r.Evidence.Vectors) != len(scored) {
		t.Errorf("evidence of %d images", len(r.Evidence.Vectors))
	}
	for _, vectors := range r.Evidence.Vectors {
		for _, v := range vectors {
			for _, j := range v.Nearest {
				if int(j) >= len(scored) {
					t.Fatalf("a reference is shown: %d", j)
				}
			}
		}
	}
}

// TestReferencesOfAFamily: what a reference shows is harmless, however often
// it recurs.
func TestReferencesOfAFamily(t *testing.T) {
	scored, _ := halves(t, 0)
	o := stubbed()
	first := detect(t, scored, o)
	if len(first.Families) == 0 || first.Families[0].Status != codegraph.StatusDefect {
		t.Fatal("no defect to start with")
	}
	member := first.Families[0].Members[0].Image
	o.References = imageset.Set{scored[member]}
	rest := append(append(imageset.Set{}, scored[:member]...), scored[member+1:]...)
	r := detect(t, rest, o)
	if len(r.Families) == 0 || r.Families[0].Status != codegraph.StatusRejected {
		t.Fatalf("families %+v", r.Families)
	}
	o.Confirm = []string{r.Families[0].ID}
	if r = detect(t, rest, o); r.Families[0].Status != codegraph.StatusDefect {
		t.Errorf("confirmed, it is %s", r.Families[0].Status)
	}
}

func TestReferencesAlone(t *testing.T) {
	_, good := halves(t, 3)
	o := stubbed()
	o.References = good
	if _, err := codegraph.Detect(context.Background(), nil, o); err == nil {
		t.Error("no error without an image to score")
	}
	r := detect(t, good[:1], o) // one image is enough, of a name that is taken
	if len(r.Images) != 1 || r.References != 3 {
		t.Errorf("%d images, %d references", len(r.Images), r.References)
	}
}

// TestReferencesJudge: with 20 references three quarters of a batch may have
// defects of their own, of which none fails without.
func TestReferencesJudge(t *testing.T) {
	t.Parallel()
	set := stub.Plates(44, 32, func(int) bool { return false })
	const defective = 18
	for i := range defective {
		stub.Spoil(set, i)
	}
	scored, good := set[:24], set[24:]
	count := func(r *codegraph.Result) (caught, alarms int) {
		for i, im := range r.Images {
			switch {
			case im.Verdict.Label != verdict.Fail:
			case i < defective:
				caught++
			default:
				alarms++
			}
		}
		return caught, alarms
	}
	o := stubbed()
	without, _ := count(detect(t, scored, o))
	o.References = good
	with, alarms := count(detect(t, scored, o))
	t.Logf("of 18 defective images fail %d, without references %d; of 6 good ones %d", with, without, alarms)
	if with < 9 || with <= without || alarms > 1 {
		t.Errorf("of 18 defective images fail %d, without references %d; of 6 good ones %d", with, without, alarms)
	}
}
