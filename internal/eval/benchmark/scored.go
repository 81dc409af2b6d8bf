package benchmark

import (
	"codegraph"
)

// ScoredBatch is what is kept of a scored batch to compare rules of judgement
// on it.
type ScoredBatch struct {
	Name         string
	GridH, GridW int
	Images       []ScoredImage
	Families     []codegraph.Status
}

// ScoredImage is one image of a ScoredBatch.
type ScoredImage struct {
	Name             string
	Type             string // dataset.Good or the type of defect
	Score, MuScScore float64
	PeakHeight       float64
	Family           int       // index into Families, -1 for none
	Map              []float32 // [GridH*GridW]
}

// NewScoredBatch keeps what is needed of res, a result of b.
func NewScoredBatch(b *Batch, res *codegraph.Result) (*ScoredBatch, error) {
	b, err := b.scored(res)
	if err != nil {
		return nil, err
	}
	s := &ScoredBatch{Name: b.Name, GridH: res.GridH, GridW: res.GridW}
	for i, im := range res.Images {
		s.Images = append(s.Images, ScoredImage{im.Item.Name, b.Types[i], im.Score, im.MuScScore, im.PeakHeight, im.Family, im.Map})
	}
	for _, f := range res.Families {
		s.Families = append(s.Families, f.Status)
	}
	return s, nil
}
