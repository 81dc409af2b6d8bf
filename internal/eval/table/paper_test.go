package table

import "testing"

// TestOfPaper: figures are of the paper, network and size of the run, or marked.
func TestOfPaper(t *testing.T) {
	for _, tc := range []struct {
		name, method string
		query        Query
		rows         int
		first        Percent // image AUROC of the first row
		other        bool
	}{
		{"MuSc, its first setting", MuSc, Query{"MVTec AD", "clip-vit-large-patch14-336", 518}, 1 + 16, 97.8, false},
		{"means only", MuSc, Query{"MVTec AD", "dinov2-large", 518}, 1, 97.08, false},
		{"another size", MuSc, Query{"MVTec AD", "clip-vit-large-patch14-336", 336}, 1, 96.40, false},
		{"another dataset", MuSc, Query{"VisA", "clip-vit-large-patch14-336", 518}, 13, 0, false},
		{"nobody's network", MuSc, Query{"MVTec AD", "efficientnet-lite2", 448}, 1 + 16, 97.8, true},
		{"CoDeGraph", CoDeGraph, Query{"MVTec AD", "clip-vit-large-patch14-336", 518}, 1, 98.3, false},
		{"CoDeGraph, DINOv2", CoDeGraph, Query{"MVTec AD", "dinov2-large", 518}, 1, 0, false},
	} {
		got := OfPaper(tc.method, tc.query)
		if len(got) != tc.rows {
			t.Errorf("%s: %d rows: %v", tc.name, len(got), got)
			continue
		}
		if p := got[0]; p.OtherBackbone != tc.other || p.Method != tc.method || tc.first != 0 && p.ImageAUROC != tc.first {
			t.Errorf("%s: %+v", tc.name, p)
		}
	}
}
