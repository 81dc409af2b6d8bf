// Package onnx runs any network that is stored as ONNX, on ONNX Runtime, whose
// shared library is loaded while the program runs: the program is built
// without it and without cgo.
//
// # Network
//
// A network has one input of single precision, [1][3][H][W], of fixed or any
// size, and gives at least one of these in single precision, each a layer:
//
//   - a sequence of tokens, [1][T][C]: at most 16 other tokens (class,
//     registers), then a square grid of patches, row by row. The grid has the
//     largest number of tokens that is a square and whose side divides H. The
//     first token of the last layer is the class token;
//   - a feature map, [1][C][H][W] or [1][H][W][C], told apart by which two
//     sides are equal where the input is square.
//
// Outputs of other ranks, such as pooled features, are ignored. What shapes do
// not tell may stand in a file beside the network; see [Settings]. A network
// that takes any size is tried at 224 pixels.
//
// # Library
//
// [Open] looks for the library where CODEGRAPH_ONNXRUNTIME says (a file or a
// folder), beside the program, in the models folder and where the system looks
// for libraries. It must be release 1.17 or later. What it says about a network
// it cannot run is part of the error.
//
// # Order of sums
//
// A call runs on one thread of the library, and the pipeline makes as many
// calls at a time as there are threads, so that on the CPU the features of an
// image do not depend on their number. The library's release, the network's
// files, settings and provider are in the digest.
//
// Built with the tag noonnx the package opens nothing, and the program is
// linked statically; otherwise loading libraries takes a dynamic loader.
package onnx
