package serve

import (
	"cmp"
	"math"
	"net/http"
	"slices"

	"gonum.org/v1/gonum/stat"

	"codegraph/internal/serve/store"
	"codegraph/internal/verdict"
	"codegraph/report"
)

// place is where an image stands in one run.
type place struct {
	Score  float64 `json:"score"`
	Rank   int     `json:"rank"`
	Family *string `json:"family"`
	// Verdict is null if the image was not judged.
	Verdict *verdict.Label `json:"verdict"`
}

// moved is an image of both runs.
type moved struct {
	Name      string `json:"name"`
	A         place  `json:"a"`
	B         place  `json:"b"`
	Ranks     int    `json:"ranks"` // A's less B's: positive if it looks worse in B
	Thumbnail string `json:"thumbnail"`
}

// match is a family of one run and the most similar one of the other.
type match struct {
	A       *string `json:"a"` // null: none like it
	B       *string `json:"b"`
	Both    int     `json:"both"`    // members in both
	Overlap float64 `json:"overlap"` // of the members (Jaccard)
}

// comparison is what changed between two runs.
type comparison struct {
	A      store.Run `json:"a"`
	B      store.Run `json:"b"`
	Images []moved   `json:"images"` // other verdicts first, then those that moved most
	OnlyA  []string  `json:"only_a"`
	OnlyB  []string  `json:"only_b"`
	// Correlation is Spearman's, of the scores of the images of both; null
	// for fewer than three, or if all are equal.
	Correlation *float64 `json:"correlation"`
	Families    []match  `json:"families"`
}

// compare answers with what changed from run a to run b.
func (s *Server) compare(w http.ResponseWriter, r *http.Request) {
	var runs [2]store.Run
	var docs [2]*report.Document
	for i, key := range []string{"a", "b"} {
		var err error
		if runs[i], err = s.store.Run(r.Context(), r.URL.Query().Get(key)); err == nil {
			if docs[i], err = s.document(r.Context(), runs[i]); err == nil {
				var j *judgement
				if j, err = s.judge(r.Context(), runs[i], docs[i]); err == nil {
					docs[i] = j.doc
				}
			}
		}
		if err != nil {
			s.fail(w, r, err)
			return
		}
	}
	s.answer(w, http.StatusOK, compareRuns(runs, docs))
}

func compareRuns(runs [2]store.Run, docs [2]*report.Document) *comparison {
	c := &comparison{A: runs[0], B: runs[1], Images: []moved{}, OnlyA: []string{}, OnlyB: []string{}, Families: matchFamilies(docs)}
	b := map[string]*report.Image{}
	for i := range docs[1].Images {
		b[docs[1].Images[i].Name] = &docs[1].Images[i]
	}
	for _, x := range docs[0].Images {
		y, ok := b[x.Name]
		if !ok {
			c.OnlyA = append(c.OnlyA, x.Name)
			continue
		}
		delete(b, x.Name)
		c.Images = append(c.Images, moved{
			Name: x.Name, A: place{x.Score, x.Rank, x.Family, x.Verdict}, B: place{y.Score, y.Rank, y.Family, y.Verdict}, Ranks: x.Rank - y.Rank,
			Thumbnail: at("/api/thumbnails/", runs[0].Input, x.Name),
		})
	}
	for name := range b {
		c.OnlyB = append(c.OnlyB, name)
	}
	slices.Sort(c.OnlyB)
	slices.SortFunc(c.Images, func(x, y moved) int {
		return cmp.Or(changed(y)-changed(x), cmp.Compare(max(y.Ranks, -y.Ranks), max(x.Ranks, -x.Ranks)), cmp.Compare(x.A.Rank, y.A.Rank), cmp.Compare(x.Name, y.Name))
	})
	c.Correlation = spearman(c.Images)
	return c
}

// changed is 1 for an image whose verdict is not the same in both.
func changed(m moved) int {
	if m.A.Verdict != nil && m.B.Verdict != nil && *m.A.Verdict != *m.B.Verdict {
		return 1
	}
	return 0
}

// spearman is the correlation of the ranks of the scores in both runs.
func spearman(images []moved) *float64 {
	if len(images) < 3 {
		return nil
	}
	a, b := make([]float64, len(images)), make([]float64, len(images))
	for i, im := range images {
		a[i], b[i] = im.A.Score, im.B.Score
	}
	rho := stat.Correlation(fractionalRanks(a), fractionalRanks(b), nil)
	if math.IsNaN(rho) || math.IsInf(rho, 0) {
		return nil
	}
	return &rho
}

// fractionalRanks are ranks from the lowest, the mean of them for ties.
func fractionalRanks(v []float64) []float64 {
	order := make([]int, len(v))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Compare(v[i], v[j]) })
	ranks := make([]float64, len(v))
	for start := 0; start < len(order); {
		end := start + 1
		for end < len(order) && v[order[end]] == v[order[start]] {
			end++
		}
		for _, i := range order[start:end] {
			ranks[i] = float64(start+end-1) / 2
		}
		start = end
	}
	return ranks
}

// matchFamilies pairs the families of two runs that share most members,
// greedily, and lists those without a partner.
func matchFamilies(docs [2]*report.Document) []match {
	matches := []match{}
	var pairs []match
	for i := range docs[0].Families {
		for j := range docs[1].Families {
			a, b := &docs[0].Families[i], &docs[1].Families[j]
			if both := shared(a, b); both > 0 {
				pairs = append(pairs, match{&a.ID, &b.ID, both, float64(both) / float64(len(a.Members)+len(b.Members)-both)})
			}
		}
	}
	slices.SortStableFunc(pairs, func(x, y match) int { return cmp.Compare(y.Overlap, x.Overlap) })
	var taken [2][]string
	for _, p := range pairs {
		if !slices.Contains(taken[0], *p.A) && !slices.Contains(taken[1], *p.B) {
			taken[0], taken[1] = append(taken[0], *p.A), append(taken[1], *p.B)
			matches = append(matches, p)
		}
	}
	for k, doc := range docs {
		for i := range doc.Families {
			id := &doc.Families[i].ID
			switch {
			case slices.Contains(taken[k], *id):
			case k == 0:
				matches = append(matches, match{A: id})
			default:
				matches = append(matches, match{B: id})
			}
		}
	}
	return matches
}

// shared counts the members of both families.
func shared(a, b *report.Family) (n int) {
	names := map[string]bool{}
	for _, m := range a.Members {
		names[m.Name] = true
	}
	for _, m := range b.Members {
		if names[m.Name] {
			n++
		}
	}
	return n
}
