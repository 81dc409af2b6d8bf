package benchmark

import (
	"codegraph"
	"codegraph/internal/verdict"
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
	Family           int // index into Families, -1 for none
	Member           verdict.Member
	Map              []float32 // [GridH*GridW]
	// Final and MuSc are the patch scores of the image as compared, turned like
	// the others, with and without filtering, [GridH*GridW].
	Final, MuSc []float32
}

// NewScoredBatch keeps what is needed of res, a result of b.
func NewScoredBatch(b *Batch, res *codegraph.Result) (*ScoredBatch, error) {
	b, err := b.scored(res)
	if err != nil {
		return nil, err
	}
	s := &ScoredBatch{Name: b.Name, GridH: res.GridH, GridW: res.GridW}
	for i, im := range res.Images {
		s.Images = append(s.Images, newScoredImage(b.Types[i], im))
	}
	s.keepPatches(res)
	for _, f := range res.Families {
		s.Families = append(s.Families, f.Status)
		member := verdict.MemberOf(f.Status == codegraph.StatusDefect, f.Asked, f.Status == codegraph.StatusCandidate, f.Evidence != nil && f.Evidence.Whole)
		for _, m := range f.Members {
			s.Images[m.Image].Member = max(s.Images[m.Image].Member, member)
		}
	}
	return s, nil
}

func newScoredImage(kind string, im codegraph.Image) ScoredImage {
	return ScoredImage{
		Name: im.Item.Name, Type: kind, Score: im.Score, MuScScore: im.MuScScore,
		PeakHeight: im.PeakHeight, Family: im.Family, Map: im.Map,
	}
}

// keepPatches keeps the scores of patches as compared. Only Intermediates have
// them of turned images; they do not list copies.
func (s *ScoredBatch) keepPatches(res *codegraph.Result) {
	m := res.Intermediates
	compared := m != nil && len(m.Final) == len(res.Images)
	for i := range s.Images {
		im := &s.Images[i]
		im.Final, im.MuSc = im.Map, res.Images[i].MuScMap
		if compared {
			im.Final, im.MuSc = m.Final[i], m.MuSc[i]
		}
	}
}
