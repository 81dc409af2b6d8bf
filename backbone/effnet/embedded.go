package effnet

import (
	_ "embed" // the weights
	"fmt"
	"strings"
	"sync"

	"codegraph/backbone"
)

//go:embed weights/lite2.cgw
var lite2 []byte

//go:embed weights/lite0.cgw
var lite0 []byte

// embedded is a network in the program, with what measurement decided for it. The
// name of the default has the stages that it is read at, since its weights are
// another's, too.
type embedded struct {
	name    string // short; in Info it is prefixed
	weights []byte
	taps    []string
	radii   []int
	load    func() (backbone.Backbone, error)
}

// all are the embedded networks, the default first.
var all = []*embedded{
	{name: "lite0-245", weights: lite0, taps: []string{"stage2", "stage4", "stage5/3"}, radii: []int{1}},
	{name: "lite2", weights: lite2, taps: []string{"stage3", "stage4", "stage5"}, radii: []int{1, 3}},
	{name: "lite0", weights: lite0, taps: []string{"stage3", "stage4"}, radii: []int{1, 3, 5}},
}

// prefix of a short name makes the name of Info.
const prefix = "efficientnet-"

func init() {
	for _, e := range all {
		e.load = sync.OnceValues(func() (backbone.Backbone, error) {
			n, err := New(Options{Network: e.name})
			if err != nil {
				return nil, err
			}
			n.info.Name = prefix + e.name // weights may be those of several
			return n, nil
		})
	}
}

// Names returns the names of the embedded networks, the default first, as Info
// has them.
func Names() []string {
	var names []string
	for _, e := range all {
		names = append(names, prefix+e.name)
	}
	return names
}

// Has reports whether an embedded network has the name, short ("lite2") or as
// Info has it.
func Has(name string) bool { return find(name) != nil }

// find returns the network of a name, nil if there is none.
func find(name string) *embedded {
	for _, e := range all {
		if name == e.name || name == prefix+e.name {
			return e
		}
	}
	return nil
}

// Default returns the first of the embedded networks with its default options. It
// is decoded on the first call and shared by all.
func Default() (backbone.Backbone, error) { return all[0].load() }

// Named returns an embedded network with its default options; "" is the default one.
// It is decoded on the first call and shared by all.
func Named(name string) (backbone.Backbone, error) {
	if name == "" {
		return Default()
	}
	e := find(name)
	if e == nil {
		return nil, unknown(name)
	}
	return e.load()
}

func unknown(name string) error {
	return fmt.Errorf("effnet: no network %q is embedded: there are %s", name, strings.Join(Names(), ", "))
}
