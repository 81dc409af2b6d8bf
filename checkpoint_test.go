package codegraph_test

import (
	"errors"
	"io/fs"
	"path/filepath"
	"testing"

	"codegraph"
	"codegraph/backbone/vit"
	"codegraph/internal/stub"
)

// TestCheckpointFormats: one network as .safetensors and as torch.save wrote it
// gives the same scores, to the bit.
func TestCheckpointFormats(t *testing.T) {
	t.Parallel()
	inputs := filepath.Join("..", "shared", "inputs")
	scan := func(folder string) *codegraph.Result {
		network, err := vit.Open(filepath.Join(inputs, folder), vit.Options{})
		if errors.Is(err, fs.ErrNotExist) {
			t.Skipf("%s is not here", filepath.Join(inputs, folder))
		}
		if err != nil {
			t.Fatal(err)
		}
		return detect(t, stub.Plates(8, 56, barred), codegraph.Options{Backbone: network, Size: 56, Align: codegraph.AlignOff})
	}
	want, got := scan("dinov2-tiny"), scan("dinov2-tiny-bin")
	for i, im := range want.Images {
		if !(im.Score > 0) || got.Images[i].Score != im.Score {
			t.Errorf("image %d: score %v of pytorch_model.bin, %v of model.safetensors", i, got.Images[i].Score, im.Score)
		}
	}
}
