package table

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// architecture is what the name of a vision transformer means.
type architecture struct {
	pretraining string // clip, dino, dinov2, …
	size        string // s, b, l, h, g
	patch       int
	resolution  int    // of pretraining; 0: the usual one
	rest        string // what else the name says
}

// sizes of vision transformers by name.
var sizes = map[string]string{
	"s": "s", "small": "s", "b": "b", "base": "b", "l": "l", "large": "l",
	"h": "h", "huge": "h", "g": "g", "giant": "g",
}

// fillers say nothing about which network it is.
var fillers = []string{"", "patch", "px", "openai", "facebook", "facebookresearch"}

// parseBackbone reads names as papers, model hubs and file lists write them.
// Parts that it does not know are kept, so that the network of another name
// is another network.
func parseBackbone(name string) architecture {
	var a architecture
	var rest []string
	words := splitName(name)
	for i := 0; i < len(words); i++ {
		word := words[i]
		n, err := strconv.Atoi(word)
		arch := strings.TrimPrefix(word, "vit")
		switch {
		case word == "clip":
			a.pretraining = word
		case word == "dino" || word == "dinov":
			a.pretraining = "dino"
			version := strings.Join(words[i+1:min(i+3, len(words))], "")
			if word == "dinov" && i+1 < len(words) {
				a.pretraining, i = "dinov"+words[i+1], i+1
			} else if word == "dino" && len(version) == 2 && version[0] == 'v' {
				a.pretraining, i = "dino"+version, i+2
			}
		case err == nil && a.size != "" && a.patch == 0 && slices.Contains([]int{8, 14, 16, 32}, n):
			a.patch = n
		case err == nil && n >= 200 && a.resolution == 0:
			a.resolution = n
		case sizes[arch] != "" && a.size == "":
			a.size = sizes[arch]
		case slices.Contains(fillers, arch):
		default:
			rest = append(rest, word)
		}
	}
	a.rest = strings.Join(rest, " ")
	return a.usual()
}

// usual fills in what names leave out and leaves out what is usual.
func (a architecture) usual() architecture {
	if a.pretraining == "dinov2" && a.size != "" && a.patch == 0 {
		a.patch = 14
	}
	if a.resolution == 224 || a.pretraining == "dinov2" && a.resolution == 518 {
		a.resolution = 0
	}
	return a
}

// covers reports whether figures published for a can be held beside a run
// with b. A source that names the pretraining only stands for all its sizes.
func (a architecture) covers(b architecture) bool {
	anySize := architecture{pretraining: a.pretraining}
	return a == b || a == anySize && a.pretraining != "" && a.pretraining == b.pretraining && b.rest == ""
}

// splitName returns the runs of letters and of digits in lower case.
func splitName(name string) []string {
	var words []string
	name = strings.ToLower(name)
	kind, start := other, 0
	for i, r := range name {
		k := kindOf(r)
		if k == kind {
			continue
		}
		if kind != other {
			words = append(words, name[start:i])
		}
		kind, start = k, i
	}
	if kind != other {
		words = append(words, name[start:])
	}
	return words
}

// What names are made of.
const (
	other = iota
	digit
	letter
)

func kindOf(r rune) int {
	switch {
	case unicode.IsDigit(r):
		return digit
	case unicode.IsLetter(r):
		return letter
	default:
		return other
	}
}

// nameKey compares names of categories: metal_nut is Metal nut.
func nameKey(name string) string { return strings.Join(splitName(name), "") }

// datasetKey compares names of datasets.
func datasetKey(name string) string {
	switch key := nameKey(name); key {
	case "mvtec", "mvtecanomalydetection":
		return "mvtecad"
	default:
		return key
	}
}
