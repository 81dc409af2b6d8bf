package benchmark

import (
	"fmt"
	"slices"
	"strings"

	"codegraph"
	"codegraph/backbone"
	"codegraph/internal/eval/table"
	"codegraph/internal/rscin"
)

// Protocol is how a paper measured, so that its table can be held beside ours.
type Protocol string

// The protocols. Both compare images as they lie, all with all, of
// neighbourhoods r = 1, 3 and 5, and judge maps at the side of the network's
// input; the image score is the maximum of the map.
const (
	// ProtocolMuSc is mutual scoring alone, images ranked again by RsCIN.
	ProtocolMuSc Protocol = "musc"
	// ProtocolCoDeGraph is the pipeline as published. Whether its image figures
	// are ranked again, what we have of the paper does not say: they are not.
	ProtocolCoDeGraph Protocol = "codegraph"
)

// Protocols returns all of them.
func Protocols() []Protocol { return []Protocol{ProtocolMuSc, ProtocolCoDeGraph} }

// Set sets in o what the protocol fixes for a dataset, by its name in the
// literature. A size of the input and a precision that o has are kept.
func (p Protocol) Set(o *codegraph.Options, dataset string) {
	o.Align, o.Radii = codegraph.AlignOff, []int{1, 3, 5}
	if o.Precision == "" || o.Precision == codegraph.PrecisionAuto {
		o.Precision = codegraph.PrecisionExact
	}
	switch p {
	case ProtocolMuSc:
		o.Method, o.Rerank, o.RsCINWindows = codegraph.MethodMuSc, codegraph.RerankRsCIN, rscin.Windows()
		if dataset == "VisA" {
			o.RsCINWindows = []int{1, 8, 9}
		}
	case ProtocolCoDeGraph:
		o.Method = codegraph.MethodPublished
	}
}

// method is the one that the paper is about.
func (p Protocol) method() codegraph.Method {
	if p == ProtocolMuSc {
		return codegraph.MethodMuSc
	}
	return codegraph.MethodCoDeGraph
}

// Describe says in words what was fixed in o, for a network.
func (p Protocol) Describe(o codegraph.Options, network backbone.Info) string {
	score := "maximum of the map"
	if o.Rerank == codegraph.RerankRsCIN {
		score += fmt.Sprintf(" and RsCIN over %s", joined(o.RsCINWindows))
	}
	return fmt.Sprintf("input of %d pixels, %s, r = %s, %s, precision %s",
		o.Size, strings.Join(network.Layers, ", "), joined(o.Radii), score, o.Precision)
}

func joined(numbers []int) string {
	return strings.Trim(strings.Join(strings.Fields(fmt.Sprint(numbers)), ", "), "[]")
}

// Keep leaves in a document what the paper has: the rows of its method, with its
// own figures beside them.
func (p Protocol) Keep(doc *table.Document, size int) {
	other := func(method string) bool { return method != string(p.method()) }
	doc.Results = slices.DeleteFunc(doc.Results, func(r table.Row) bool { return other(r.Method) })
	doc.Mean = slices.DeleteFunc(doc.Mean, func(m table.Mean) bool { return other(m.Method) })
	if p == ProtocolMuSc {
		doc.Consistency = nil // compares the methods
	}
	doc.Protocol.Paper = string(p.method())
	doc.Published = table.OfPaper(string(p.method()), table.Query{Dataset: doc.Dataset, Backbone: doc.Backbone.Name, Size: size})
}
