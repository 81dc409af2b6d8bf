package cache

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"runtime"
	"runtime/debug"
	"strconv"
)

// featureVersion and tableVersion are part of the keys. One is raised with
// every change of the program that changes features (decoding, resizing,
// turning, a network's arithmetic) or distances and scores (tokens, search,
// averaging) of the same input.
const (
	featureVersion = 1
	tableVersion   = 2
)

// Key names a value: a digest of everything the value depends on.
type Key [sha256.Size]byte

// String returns the key in hexadecimal.
func (k Key) String() string { return hex.EncodeToString(k[:]) }

// KeyOf digests parts. Where one ends and the next begins counts.
func KeyOf(parts ...string) Key {
	var b []byte
	for _, p := range parts {
		b = binary.LittleEndian.AppendUint64(b, uint64(len(p)))
		b = append(b, p...)
	}
	return sha256.Sum256(b)
}

// Image is what the features of one image depend on.
type Image struct {
	Digest   [sha256.Size]byte // of the image's file
	Backbone string            // backbone.Info.Digest
	Kernel   string            // which kernel does the arithmetic: their sums differ in the last bits
	Size     int               // input side, in pixels
	Turn     float64           // angle the image was turned by, in radians
}

// Key is the key of the image's features. It covers the build of the program
// as well, for compilers differ in when they fuse products and sums.
func (m Image) Key() Key {
	var turn uint64
	if m.Turn != 0 { // −0 is not turned either
		turn = math.Float64bits(m.Turn)
	}
	return KeyOf("features", strconv.Itoa(featureVersion), build(),
		string(m.Digest[:]), m.Backbone, m.Kernel,
		strconv.Itoa(m.Size), strconv.FormatUint(turn, 16))
}

// Batch is what the distances of a batch depend on.
type Batch struct {
	Images      []Key // of the images' features, in order
	Grid        int   // side of the patch grid, 0 for the network's own
	Radii       []int // LNAMD neighbourhoods, in order
	MatchRadius int   // how far away patches may match, 0 for anywhere
	Fast        bool  // whether nearest patches were looked for among integers
	Groups      []int // of the images, none of which is compared with its own; nil for none
}

// Key is the key of the batch's distance table.
func (b Batch) Key() Key {
	parts := []string{
		"table", strconv.Itoa(tableVersion), strconv.Itoa(b.Grid),
		strconv.Itoa(len(b.Images)), strconv.Itoa(len(b.Radii)),
	}
	for _, k := range b.Images {
		parts = append(parts, string(k[:]))
	}
	for _, r := range b.Radii {
		parts = append(parts, strconv.Itoa(r))
	}
	if b.MatchRadius > 0 {
		parts = append(parts, "match-radius", strconv.Itoa(b.MatchRadius))
	}
	if b.Fast {
		parts = append(parts, "fast")
	}
	if b.Groups != nil {
		parts = append(parts, "groups", fmt.Sprint(b.Groups))
	}
	return KeyOf(parts...)
}

// build describes the compiler and the processor it compiled for.
func build() string {
	s := runtime.Version() + " " + runtime.GOARCH
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return s
	}
	for _, set := range info.Settings {
		switch set.Key {
		case "GO386", "GOAMD64", "GOARM", "GOARM64", "GOPPC64", "GORISCV64":
			s += " " + set.Value
		}
	}
	return s
}
