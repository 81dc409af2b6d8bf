package main

import (
	"fmt"
	"strconv"
	"strings"

	"codegraph/backbone"
	"codegraph/backbone/effnet"
	"codegraph/backbone/onnx"
)

// networkFlag says how open reads its argument.
const networkFlag = "`network`: lite0-245, lite2 or lite0, FILE.onnx, or an embedded one with stages and radii, as in lite2:3+4:1,3; default: the program's"

// open loads the network that a flag names.
func open(name string) (backbone.Backbone, error) {
	if strings.HasSuffix(name, onnx.Ext) {
		return onnx.Open(name, onnx.Providers()[0], "")
	}
	words := strings.Split(name, ":")
	if len(words) != 3 {
		return effnet.Named(name)
	}
	o := effnet.Options{Network: words[0]}
	for s := range strings.SplitSeq(words[1], "+") {
		o.Taps = append(o.Taps, "stage"+s)
	}
	for s := range strings.SplitSeq(words[2], ",") {
		r, err := strconv.Atoi(s)
		if err != nil {
			return nil, fmt.Errorf("network %q: radius: %w", name, err)
		}
		o.Radii = append(o.Radii, r)
	}
	return effnet.New(o)
}
