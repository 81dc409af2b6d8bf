package table

import (
	"strings"
	"testing"
)

func TestParseBackbone(t *testing.T) {
	same := [][]string{
		{"CLIP ViT-L-14-336", "clip-vit-large-patch14-336", "openai/clip-vit-large-patch14-336", "vit_large_patch14_clip_336.openai", "CLIP ViT-L/14@336px"},
		{"CLIP ViT-L-14", "clip-vit-large-patch14", "vit_large_patch14_clip_224.openai"},
		{"CLIP ViT-B-16", "clip-vit-base-patch16"},
		{"CLIP ViT-B-32", "clip-vit-base-patch32"},
		{"CLIP ViT-B-16-plus-240"},
		{"DINOv2 ViT-L-14", "dinov2-large", "facebook/dinov2-large", "dinov2_vitl14", "DINO_v2 dinov2_vitl14", "vit_large_patch14_518 dinov2"},
		{"DINOv2 ViT-B-14", "dinov2-base", "dinov2_vitb14"},
		{"dinov2-with-registers-large"},
		{"DINO dino_vitbase16", "dino-vitb16", "facebook/dino-vitb16"},
		{"dino-vitb8"},
		{"dinov3-vitb16"},
		{"efficientnet-lite0", "EfficientNet Lite 0"},
		{"efficientnet-lite4"},
		{"ViT-L-14-336"}, // trained how?
	}
	for i, a := range same {
		for j, b := range same {
			for _, x := range a {
				for _, y := range b {
					if got := parseBackbone(x).covers(parseBackbone(y)); got != (i == j) {
						t.Errorf("%q for %q: %t (%+v, %+v)", x, y, got, parseBackbone(x), parseBackbone(y))
					}
				}
			}
		}
	}
	for name, covered := range map[string]bool{
		"dinov2-large": true, "dinov2_vitb14": true, "dinov2-with-registers-large": false,
		"dino-vitb16": false, "clip-vit-base-patch16": false, "": false,
	} {
		if parseBackbone("DINOv2").covers(parseBackbone(name)) != covered {
			t.Errorf("DINOv2 for %q: %t", name, !covered)
		}
	}
}

func TestSelect(t *testing.T) {
	other := func(backbone string, size int) Published {
		return Published{Source: describe("file", backbone, size), Dataset: "VisA", Category: meanCategory, Backbone: backbone, Size: size}
	}
	file := []Published{other("CLIP ViT-L-14", 336), other("CLIP ViT-L-14", 518), other("CLIP ViT-B-32", 0)}
	tests := []struct {
		name  string
		query Query
		want  []string // beginnings of sources
		other bool
	}{
		{"both papers", Query{"MVTec AD", "clip-vit-large-patch14-336", 518}, []string{"CoDeGraph", "MuSc (Li et al. 2024, arXiv"}, false},
		{"name of a folder", Query{"mvtec_anomaly_detection", "ViT-L-14-336 CLIP", 0}, []string{"CoDeGraph", "MuSc (Li et al. 2024, arXiv"}, false},
		{"a size nobody had", Query{"mvtec", "clip-vit-large-patch14-336", 336}, []string{"CoDeGraph", "MuSc (Li et al. 2024, arXiv"}, false},
		{"DINOv2 of any size", Query{"MVTec AD", "dinov2-base", 518}, []string{"CoDeGraph", "MuSc (Li et al. 2024, authors"}, false},
		{"nobody's backbone", Query{"MVTec AD", "efficientnet-lite0", 448}, []string{"CoDeGraph", "CoDeGraph", "MuSc", "MuSc", "MuSc", "WinCLIP"}, true},
		{"no backbone", Query{"MVTec AD", "", 0}, []string{"CoDeGraph", "CoDeGraph", "MuSc", "MuSc", "MuSc", "WinCLIP"}, true},
		{"nobody's dataset", Query{"MVTec AD 2", "dinov2-base", 518}, nil, false},
		{"one size", Query{"visa", "clip-vit-large-patch14", 518}, []string{"file, CLIP ViT-L-14, 518"}, false},
		{"all sizes", Query{"VisA", "clip-vit-large-patch14", 0}, []string{"file, CLIP ViT-L-14, 336", "file, CLIP ViT-L-14, 518"}, false},
		{"no stated size", Query{"VisA", "clip-vit-base-patch32", 256}, []string{"file, CLIP ViT-B-32"}, false},
		{"files are not a reference", Query{"VisA", "dinov2-base", 518}, nil, false},
	}
	for _, tt := range tests {
		got := Select(tt.query, file)
		if len(got) != len(tt.want) {
			t.Errorf("%s: %+v", tt.name, got)
			continue
		}
		for i, p := range got {
			if !strings.HasPrefix(p.Source, tt.want[i]) || p.OtherBackbone != tt.other {
				t.Errorf("%s: %d: %s, other backbone: %t", tt.name, i, p.Source, p.OtherBackbone)
			}
		}
	}
}

func TestStandard(t *testing.T) {
	for _, p := range paperFigures() {
		for i := range metrics {
			if v := *metrics[i].of(&p.Figures); v.Defined() && (v < 30 || v > 100) {
				t.Errorf("%s: %s is %v", p.Source, metrics[i].key, v)
			}
		}
		if p.PixelPRO.Defined() && p.PixelPROMuSc.Defined() || p.Categories != 15 || p.Category != meanCategory {
			t.Errorf("%+v", p)
		}
	}
}
