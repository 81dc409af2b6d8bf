package codegraph_test

import (
	"context"
	"flag"
	"os"
	"testing"

	"codegraph"
	"codegraph/imageset"
	"codegraph/internal/eval/synth"
	"codegraph/internal/stub"
	"codegraph/internal/tempdir"
)

func TestMain(m *testing.M) {
	flag.Parse()
	tempdir.InMemory()
	if f := flag.Lookup("rapid.checks"); f.Value.String() == f.DefValue {
		f.Value.Set("15") // scans take a while; -rapid.checks asks for more
	}
	os.Exit(m.Run())
}

// stubbed are the options of scans where the network is not the point.
func stubbed() codegraph.Options {
	return codegraph.Options{Backbone: stub.Network{}, Align: codegraph.AlignOff}
}

// small are options of the embedded network that keep a scan quick.
func small() codegraph.Options {
	return codegraph.Options{Size: 256, Grid: 16, Align: codegraph.AlignOff}
}

func detect(t testing.TB, set imageset.Set, o codegraph.Options) *codegraph.Result {
	t.Helper()
	r, err := codegraph.Detect(context.Background(), set, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// render makes a batch with known truth.
func render(t testing.TB, c synth.Config) imageset.Set {
	t.Helper()
	samples, err := synth.Render(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	var set imageset.Set
	for _, s := range samples {
		set = append(set, imageset.Item{Name: s.Name, Pixels: s.Image})
	}
	return set
}

// barred selects the plates that have a defect which recurs.
var barred = stub.Every(4)

// plates are n plates; those of barred have the same defect.
func plates(n int) imageset.Set { return stub.Plates(n, 32, barred) }

// standsOut is how many times as much as the highest of the others image i
// scores.
func standsOut(r *codegraph.Result, i int) float64 {
	var others float64
	for k, im := range r.Images {
		if k != i {
			others = max(others, im.Score)
		}
	}
	return r.Images[i].Score / others
}
