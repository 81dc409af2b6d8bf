package table

// figures are in the order of metrics; what is left out is not defined.
func figures(values ...Percent) Figures {
	f := Undefined()
	for i, v := range values {
		*metrics[i].of(&f) = v
	}
	return f
}

// pixels are figures of pixels.
func pixels(values ...Percent) *PixelFigures {
	f := figures(append(make([]Percent, firstPixel), values...)...)
	return &f.PixelFigures
}

func pointer(f Figures) *Figures { return &f }

// comparison has everything that a document can have: three repeats of three
// categories, one without defective pixels' truth in part, one with a name
// that every format must escape.
func comparison() *Document {
	no := notDefined()
	d := &Document{
		Version: "0.4.0", Dataset: "MVTec AD", Layout: "mvtec",
		Protocol: Protocol{Size: "518 × 518", Subset: 60, Stratified: true, Repeats: 3, Seed: 7},
		Backbone: Backbone{Name: "clip-vit-large-patch14-336", Digest: "sha256:0123abcd"},
		Options:  map[string]any{"outlier_factor": 5, "align": "off"},
		Results: []Row{
			{Category: "cable", Method: MuSc, Figures: figures(98.99, 97.30, 99.42, 95.76, 60.97, 57.70, 85.01, 89.62),
				Original: pixels(95.1, 60.2, 57.1, 84, 89), Std: pointer(figures(0.12, 0.1, 0.05, 0.3, 0.4, 0.5, 0.6, 0.7)),
				OriginalStd: pixels(0.3, 0.4, 0.5, 0.6, 0.7), Repeats: 3},
			{Category: "cable", Method: CoDeGraph, Figures: figures(99.41, 98.1, 99.7, 97.2, 68.5, 70.1, 88.4, 92.0),
				Original: pixels(97, 68, 69.5, 88, 91.6), Std: pointer(figures(0.1, 0.1, 0.04, 0.2, 0.3, 0.4, 0.5, 0.6)),
				OriginalStd: pixels(0.2, 0.3, 0.4, 0.5, 0.6), Repeats: 3},
			{Category: "metal_nut", Method: MuSc, Figures: figures(96.92, 97.38, 99.25, 86.12, 46.22, 47.54, 87.1, 89.34), Repeats: 1},
			{Category: "metal_nut", Method: CoDeGraph, Figures: figures(99.9, 99.5, 99.98, 96.4, 80.1, 83.9, 87.1, 93.345), Repeats: 1},
			{Category: `[x]*|50% & $5_#~^\{"é"} <b>--`, Method: MuSc, Figures: figures(100, 100, 100, no, no, no, no, no), Repeats: 1},
			{Category: `[x]*|50% & $5_#~^\{"é"} <b>--`, Method: CoDeGraph, Figures: figures(99.25, 98, 99.9, no, no, no, no, no), Repeats: 1},
		},
		Consistency: []Consistency{
			{"cable", "cable_swap", 12, 91.25, 12.5, 61.75},
			{"metal_nut", "flip", 23, 99.1, 21, 88.3},
			{"metal_nut", "scratch", 23, 3.5, no, 71},
		},
		Families: []Family{
			{"cable", "F1", "candidate", map[string]int{"good": 1, "cable_swap": 11}, 0.31, 1.204, 0},
			{"metal_nut", "F1", "defect", map[string]int{"flip": 23}, 0.4, 0.9, 4211},
		},
		Notes: []string{"cable: one image was left out, its mask has another size & shape"},
	}
	d.Published = append(Select(Query{d.Dataset, d.Backbone.Name, 518}, nil),
		Published{Source: "a file, CLIP ViT-L-14-336, 518", Dataset: "MVTec AD", Category: "Metal nut",
			Backbone: "CLIP ViT-L-14-336", Size: 518, Figures: figures(90.5, 91, 92.25, 93, 40, 41, no, 88.1)},
		Published{Source: "a file, CLIP ViT-L-14-336, 518", Dataset: "MVTec AD", Category: meanCategory,
			Backbone: "CLIP ViT-L-14-336", Size: 518, Categories: 2, Figures: figures(91, 92, 93, 94, 41, 42, no, 89)})
	return d
}

// baseline is a run of one method with a network that nobody published
// figures for.
func baseline() *Document {
	d := &Document{
		Version: "0.4.0", Dataset: "mvtec",
		Protocol: Protocol{Size: "448 × 448", Repeats: 1},
		Backbone: Backbone{Name: "efficientnet-lite0"},
		Results: []Row{
			{Category: "bottle", Method: MuSc, Figures: figures(100, 100, 100, 99.18, 82.1, 87.38, 96.2, 96.8), Repeats: 1},
			{Category: "瓶", Method: MuSc, Figures: figures(94.38, 95.2, 98.8, 98.67, 80.5, 87.79, 95.5, 96.1), Repeats: 1},
		},
	}
	d.Published = Select(Query{Dataset: d.Dataset, Backbone: d.Backbone.Name}, nil)
	return d
}
