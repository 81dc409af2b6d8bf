package table

import (
	"bytes"
	_ "embed" // MuSc's tables
	"fmt"
	"slices"
	"sync"
)

//go:embed published/musc.csv
var muscTables []byte

// rerun returns the tables in the repository of MuSc's authors.
var rerun = sync.OnceValue(func() []Published {
	list, err := ReadPublished(bytes.NewReader(muscTables), muscRerun)
	if err != nil {
		panic(fmt.Sprintf("table: embedded figures: %v", err)) // a test reads them
	}
	for i := range list {
		list[i].Method = MuSc
	}
	return list
})

// The network and size that both papers put first.
const (
	firstBackbone = "CLIP ViT-L-14-336"
	firstSize     = 518
)

// OfPaper returns the figures that the paper of a method, or its authors'
// repository, gives for a dataset, network and size of input: per category where
// there are such, and means. If there are none for the network and size, those of
// the first setting of the papers are returned and marked OtherBackbone.
func OfPaper(method string, q Query) []Published {
	papers := slices.DeleteFunc(paperFigures(), func(p Published) bool {
		return p.Source == describe(muscRerun, p.Backbone, p.Size) // in its tables, too
	})
	all := slices.DeleteFunc(append(papers, rerun()...), func(p Published) bool {
		return p.Method != method || datasetKey(p.Dataset) != datasetKey(q.Dataset)
	})
	own := ofSetting(all, q.Backbone, q.Size)
	if len(own) > 0 {
		return own
	}
	first := ofSetting(all, firstBackbone, firstSize)
	for i := range first {
		first[i].OtherBackbone = true
	}
	return first
}

// ofSetting returns the figures of a network and a size, and of those sources that
// name no size.
func ofSetting(all []Published, backbone string, size int) []Published {
	var some []Published
	for _, p := range all {
		if parseBackbone(p.Backbone).covers(parseBackbone(backbone)) && (p.Size == 0 || p.Size == size) {
			some = append(some, p)
		}
	}
	return some
}
