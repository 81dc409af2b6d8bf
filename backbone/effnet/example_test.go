package effnet_test

import (
	"context"
	"fmt"
	"log"

	"codegraph/backbone/effnet"
)

func ExampleDefault() {
	b, err := effnet.Default()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(b.Info().Name)
	// Output: efficientnet-lite0-245
}

func ExampleNew() {
	n, err := effnet.New(effnet.Options{Taps: []string{"stage2", "stage4"}})
	if err != nil {
		log.Fatal(err)
	}
	const h, w = 64, 96
	x := make([]float32, 3*h*w) // a prepared image
	f, err := n.Forward(context.Background(), x, h, w)
	if err != nil {
		log.Fatal(err)
	}
	for i, m := range f.Layers {
		fmt.Printf("%s: %d × %d tokens of %d values\n", n.Info().Layers[i], m.H, m.W, m.C)
	}
	// Output:
	// stage2: 16 × 24 tokens of 24 values
	// stage4: 4 × 6 tokens of 80 values
}
