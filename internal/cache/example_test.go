package cache_test

import (
	"crypto/sha256"
	"fmt"
	"log"
	"os"

	"codegraph/backbone"
	"codegraph/internal/cache"
)

func Example() {
	folder, err := os.MkdirTemp("", "cache")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	c, err := cache.Open(folder, 1<<30)
	if err != nil {
		log.Fatal(err)
	}

	key := cache.Image{
		Digest:   sha256.Sum256([]byte("the image's file")),
		Backbone: "digest of the network",
		Kernel:   "avx2",
		Size:     512,
	}.Key()
	for range 2 {
		f, ok := c.Features(key)
		if !ok {
			f = &backbone.Features{Layers: []backbone.Map{{H: 1, W: 2, C: 1, Data: []float32{0.5, -2}}}} // computed
			if err := c.PutFeatures(key, f); err != nil {
				log.Print(err) // once, then go on without the cache
			}
		}
		fmt.Println(ok, f.Layers[0].Data)
	}
	// Output:
	// false [0.5 -2]
	// true [0.5 -2]
}

// A run that was stopped finds what it had finished.
func ExampleDir_PutBytes() {
	folder, err := os.MkdirTemp("", "cache")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	c, err := cache.Open(folder, 0)
	if err != nil {
		log.Fatal(err)
	}
	for _, category := range []string{"bottle", "cable", "bottle"} {
		key := cache.KeyOf("auroc", "version 1", category)
		result, ok := c.Bytes(key)
		if !ok {
			result = []byte(`{"auroc":0.97}`) // computed
			if err := c.PutBytes(key, result); err != nil {
				log.Print(err)
			}
		}
		fmt.Printf("%s %s, known before: %v\n", category, result, ok)
	}
	// Output:
	// bottle {"auroc":0.97}, known before: false
	// cable {"auroc":0.97}, known before: false
	// bottle {"auroc":0.97}, known before: true
}
