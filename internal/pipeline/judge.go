package pipeline

import (
	"math"
	"slices"

	"codegraph/internal/answer"
	"codegraph/internal/option"
	"codegraph/internal/verdict"
)

// JudgedImage is what of an image counts for the verdicts.
type JudgedImage struct {
	Score  float64       `json:"score"`
	Height float64       `json:"height"`
	MapMax float64       `json:"map_max"`
	Known  verdict.Known `json:"known"`
	// Member is what family it belongs to.
	Member verdict.Member `json:"member,omitempty"`
}

// memberships are what families make of their items.
func memberships(groups []Group) map[int]verdict.Member {
	of := make(map[int]verdict.Member)
	for _, g := range groups {
		member := verdict.MemberOf(g.Status == StatusDefect, g.Asked, g.Status == StatusCandidate, g.Evidence != nil && g.Evidence.Whole)
		for _, m := range g.Members {
			of[m.Item] = max(of[m.Item], member)
		}
	}
	return of
}

// knownOf is what a person said of the items of a batch: of an image itself, or else
// of a family of it that is a defect. What is said of a copy is said of what it is a
// copy of.
func knownOf(images []ItemImage, groups []Group, o option.Options) map[int]verdict.Known {
	known := make(map[int]verdict.Known)
	if o.Answers.Empty() {
		return known
	}
	name, of := make(map[int]string), make(map[int]int)
	for _, im := range images {
		if im.Item.Role == RoleReference {
			continue
		}
		name[im.Item.Index], of[im.Item.Index] = im.Item.Name, im.Item.Index
		if im.Copy {
			of[im.Item.Index] = im.Of
		}
	}
	for _, g := range groups {
		var names []string
		for _, m := range g.Members {
			names = append(names, name[m.Item])
		}
		if about := o.Answers.About(names, o.Constants.Same); about == nil || about.Answer != answer.Defect {
			continue
		}
		for _, m := range g.Members {
			if original, scored := of[m.Item]; scored {
				known[original] = verdict.Bad
			}
		}
	}
	byName := o.Answers.ByName()
	for _, im := range images {
		if k := byName[im.Item.Name].Known(); k != verdict.Unknown && im.Item.Role != RoleReference {
			known[of[im.Item.Index]] = k
		}
	}
	return known
}

// Judged are images of a scan for verdicts: references first, known to be good.
// Copies do not count.
func Judged(images []ItemImage, groups []Group, o option.Options) []JudgedImage {
	references, scored := judged(images, groups, o)
	return slices.Concat(references, scored)
}

func judged(images []ItemImage, groups []Group, o option.Options) (references, scored []JudgedImage) {
	known, member := knownOf(images, groups, o), memberships(groups)
	for _, im := range inOrder(images) {
		if im.Copy {
			continue
		}
		j := JudgedImage{Score: im.Image.Score, Height: im.Image.PeakHeight, MapMax: im.Image.MapMax, Known: known[im.Item.Index], Member: member[im.Item.Index]}
		if im.Item.Role == RoleReference {
			j.Known = verdict.Good
			references = append(references, j)
			continue
		}
		scored = append(scored, j)
	}
	return references, scored
}

// judgements are those of images by their scores and by their maps alone.
type judgements struct {
	*verdict.Judgement
	mapNull *verdict.Null // what the maps of normal images reach; nil if the batch does not show it
}

// byItem are the verdicts of images, copies included, by the indices of their items.
func (j *judgements) byItem(images []ItemImage) map[int]verdict.Verdict {
	out := make(map[int]verdict.Verdict, len(images))
	next := 0
	for _, im := range inOrder(images) {
		if im.Item.Role != RoleReference && !im.Copy {
			out[im.Item.Index] = j.Verdicts[next]
			next++
		}
	}
	for _, im := range images {
		if im.Copy {
			out[im.Item.Index] = out[im.Of]
		}
	}
	return out
}

// Earlier are the images of the scan that others came after.
type Earlier struct {
	Images []JudgedImage
	// Memos remember what their image scores and the maxima of their maps say; nil:
	// nothing is remembered.
	Memos *[2]verdict.Memo
}

// judge judges images at the false-discovery rate of o, by what tells best
// what good images score: the images of the scan that they came after, or else
// the references and the batch itself.
func judge(images []ItemImage, groups []Group, earlier Earlier, o option.Options) (*judgements, error) {
	references, scored := judged(images, groups, o)
	batch := slices.Concat(references, scored)
	if len(earlier.Images) > 0 {
		batch = earlier.Images
	}
	if earlier.Memos == nil {
		earlier.Memos = new([2]verdict.Memo)
	}
	params := verdict.DefaultParams()
	params.FDR = o.FDR
	if limit := o.Answers.FailLimit(o.Threshold); limit > 0 {
		params.Threshold = limit
	}
	by := func(memo *verdict.Memo, score func(JudgedImage) float64) (*verdict.Judgement, error) {
		return memo.JudgeLater(judgedBy(score, batch), judgedBy(score, scored), params)
	}
	j, err := by(&earlier.Memos[0], func(im JudgedImage) float64 { return im.Score })
	if err != nil || j.Note != "" {
		return &judgements{Judgement: j}, err
	}
	params.Threshold = math.NaN()
	maps, err := by(&earlier.Memos[1], func(im JudgedImage) float64 { return im.MapMax })
	if err != nil {
		return nil, err
	}
	return &judgements{j, maps.Null}, nil
}

func judgedBy(score func(JudgedImage) float64, images []JudgedImage) []verdict.Image {
	out := make([]verdict.Image, len(images))
	for i, im := range images {
		out[i] = verdict.Image{Score: score(im), Height: im.Height, Known: im.Known, Member: im.Member}
	}
	return out
}
