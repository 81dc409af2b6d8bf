package pipeline

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"codegraph/internal/mutual"
	"codegraph/internal/parallel"
	"codegraph/internal/stats"
	"codegraph/internal/verdict"
)

const (
	// longImage is the aspect ratio from which on squeezing an image to a square is
	// worth a note: a quarter of the longer side's detail is left, or less.
	longImage = 4
	// fewLevels is the number of grey levels up to which photographs have lost most
	// of the 8 bits that networks were trained on: 5 bits.
	fewLevels = 32
	// fewImages is the number of images below which a note says so: one of them is
	// more than the 5 % of good images that verdicts let fail by default.
	fewImages = 20
	// nearCopy is the share of the usual distance to the nearest image below which
	// two images are near-copies of each other.
	nearCopy = 0.25
)

// Looks are what the photographs of a scan look like as files: what later images
// are expected to look like, too.
type Looks struct {
	Width  int    `json:"width"` // the most frequent size
	Height int    `json:"height"`
	Kind   string `json:"kind"` // the most frequent kind of file
}

// LooksOf finds what most images have.
func LooksOf(images []ItemImage) Looks {
	size, kind := most(tally(images, sizeOf)), most(tally(images, kindOf))
	return Looks{size[0], size[1], kind}
}

func sizeOf(im *Image) [2]int  { return [2]int{im.Width, im.Height} }
func kindOf(im *Image) string  { return im.kind }
func sizeText(s [2]int) string { return fmt.Sprintf("%d × %d", s[0], s[1]) }

// tally counts the images by what they have.
func tally[K comparable](images []ItemImage, what func(*Image) K) map[K]int {
	times := make(map[K]int)
	for i := range images {
		times[what(&images[i].Image)]++
	}
	return times
}

// most is the most frequent key, of several the first as text.
func most[K comparable](times map[K]int) K {
	keys := byTimes(times)
	if len(keys) == 0 {
		return *new(K)
	}
	return keys[0]
}

// byTimes lists the keys, the most frequent first.
func byTimes[K comparable](times map[K]int) []K {
	return slices.SortedFunc(maps.Keys(times), func(a, b K) int {
		return cmp.Or(cmp.Compare(times[b], times[a]), cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)))
	})
}

// named lists the most frequent keys with their numbers.
func named[K comparable](times map[K]int, text func(K) string) string {
	var parts []string
	for _, k := range byTimes(times) {
		if len(parts) == 3 {
			parts = append(parts, "…")
			break
		}
		parts = append(parts, fmt.Sprintf("%d of %s", times[k], text(k)))
	}
	return strings.Join(parts, ", ")
}

// batchNotes are remarks on photographs that are not alike as files, or poor: what
// it means, and what to do.
func (o *Outcome) batchNotes() (notes []string) {
	add := func(format string, a ...any) { notes = append(notes, fmt.Sprintf(format, a...)) }
	sizes, kinds := tally(o.Images, sizeOf), tally(o.Images, kindOf)
	delete(kinds, "")
	if len(sizes) > 1 {
		add("images are of %d sizes (%s) and are scaled to one: a part that looks larger or blurred stands out; photograph all alike, or scan each size apart", len(sizes), named(sizes, sizeText))
	}
	if len(kinds) > 1 {
		add("files are of %d kinds (%s): traces of compression in some of them can stand out; save all as one kind, PNG for one", len(kinds), named(kinds, func(k string) string { return k }))
	}
	if size := most(sizes); o.Options.Tile == 0 && min(size[0], size[1]) > 0 && max(size[0], size[1]) >= longImage*min(size[0], size[1]) {
		add("images are %s pixels and are squeezed to a square, in which small defects are lost; divide them with --tile %d", sizeText(size), max(16, min(size[0], size[1])))
	}
	poor := 0
	for _, im := range o.Images {
		if im.Image.levels > 0 && im.Image.levels <= fewLevels {
			poor++
		}
	}
	if 2*poor > len(o.Images) {
		add("%d images have %d grey levels or fewer: most of what a camera sees is lost; export them with their full depth, or name the bits of the camera with --intensity", poor, fewLevels)
	}
	scored := 0
	for _, im := range o.Images {
		if im.Item.Role == RoleScored && !im.Copy {
			scored++
		}
	}
	if len(o.Earlier.Images) == 0 && scored >= verdict.Fewest && scored < fewImages { // the verdicts note that there are fewer
		add("%d images are few to learn from what is normal: add images of the same kind of part, %d or more, or good ones with --reference", scored, fewImages)
	}
	return append(notes, o.unlikeEarlier(sizes, kinds)...)
}

// unlikeEarlier says that later images do not look like those of the scan that they
// are scored against.
func (o *Outcome) unlikeEarlier(sizes map[[2]int]int, kinds map[string]int) (notes []string) {
	before := o.Before
	if before == nil || before.Height == 0 {
		return nil
	}
	if size := most(sizes); size != [2]int{before.Width, before.Height} && size[1] > 0 {
		notes = append(notes, fmt.Sprintf("images are %s pixels, and those of the scan they are scored against are %d × %d: what looks larger or squeezed stands out; photograph them as before", sizeText(size), before.Width, before.Height))
	}
	if kind := most(kinds); kind != before.Kind && kind != "" && before.Kind != "" {
		notes = append(notes, fmt.Sprintf("files are %s, and those of the scan they are scored against are %s: traces of compression can stand out; save them as before", kind, before.Kind))
	}
	return notes
}

// nearCopies names images that are almost the same as another: they are compared
// like any, and what only they show counts as recurring.
func nearCopies(ctx context.Context, b *Batch, d *Distances, threads int) (string, error) {
	n := d.Table.N
	nearest, who := make([]float64, n), make([]int, n)
	err := parallel.ForEach(ctx, n, threads, func() func(i int) {
		sums := make([]float64, n)
		return func(i int) { nearest[i], who[i] = meanNearest(d.Table, i, sums) }
	})
	if err != nil {
		return "", err
	}
	usual := stats.Median(slices.Clone(nearest))
	var pairs []string
	for i, v := range nearest {
		if j := who[i]; v < nearCopy*usual && j >= 0 && (who[j] != i || i < j) {
			pairs = append(pairs, b.Images[i].Label()+" of "+b.Images[j].Label())
		}
	}
	if len(pairs) == 0 {
		return "", nil
	}
	shown := pairs[:min(3, len(pairs))]
	are := fmt.Sprintf("%d images are almost copies of others", len(pairs))
	if len(pairs) == 1 {
		are = "1 image is almost a copy of another"
	}
	return fmt.Sprintf("%s (%s): such images are compared like any, so that a defect which only they show counts as one that recurs; leave out all but one of each",
		are, strings.Join(shown, ", ")), nil
}

// near is the note on near-copies.
func (f *Families) near() string {
	if f == nil {
		return ""
	}
	return f.Near
}

// someRows is how many patches of an image tell which other it is nearest to.
const someRows = 64

// meanNearest is the image to which patches of image i have the least mean
// distance, and that; sums is scratch, [N].
func meanNearest(t *mutual.Table, i int, sums []float64) (float64, int) {
	clear(sums)
	patches := 0
	for x := 0; x < t.P; x += max(1, t.P/someRows) {
		row := t.Row(i, x)
		if empty(row, i) {
			continue
		}
		patches++
		for j, v := range row {
			sums[j] += float64(v)
		}
	}
	best := -1
	for j, s := range sums {
		if j != i && (best < 0 || s < sums[best]) {
			best = j
		}
	}
	if best < 0 || patches == 0 {
		return 0, -1
	}
	return sums[best] / float64(patches), best
}

// empty says whether a row is that of a patch that is not valid.
func empty(row []float32, i int) bool {
	for j, v := range row {
		if j != i && v != 0 {
			return false
		}
	}
	return true
}
