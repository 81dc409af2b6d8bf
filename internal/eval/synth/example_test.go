package synth_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"codegraph/internal/eval/synth"
)

func ExampleRender() {
	samples, err := synth.Render(context.Background(), synth.Config{
		Kind: synth.Bracket, Size: 64, Good: 2, Recurring: 2, VariantShare: synth.NoVariant,
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, s := range samples {
		fmt.Println(s.Name, s.Type, s.Image.Rect.Size(), s.Mask != nil)
	}
	// Output:
	// test/good/000.png good (64,64) false
	// test/good/001.png good (64,64) false
	// test/recurring/000.png recurring (64,64) true
	// test/recurring/001.png recurring (64,64) true
}

// A batch too large for memory goes to disk image by image.
func ExampleEach() {
	dir, err := os.MkdirTemp("", "batch")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	err = synth.Each(ctx, synth.Config{Kind: synth.Fabric, Size: 64, Good: 3}, func(_ int, s synth.Sample) error {
		return synth.Write(ctx, dir, []synth.Sample{s})
	})
	if err != nil {
		log.Fatal(err)
	}
	entries, err := os.ReadDir(dir + "/test/good")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(entries), "images")
	// Output: 3 images
}
