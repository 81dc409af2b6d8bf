package synth

import "testing"

func BenchmarkRender(b *testing.B) {
	for _, k := range Kinds() {
		b.Run(string(k), func(b *testing.B) {
			for b.Loop() {
				if _, err := Render(b.Context(), Config{Kind: k, Recurring: 1, Threads: 1}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
