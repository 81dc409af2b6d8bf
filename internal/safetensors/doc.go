// Package safetensors reads checkpoints in the safetensors format, the one
// model hubs distribute weights in: memory-mapped, checked, used in place.
//
// # Format
//
//	8 bytes   length n of the header, little-endian
//	n bytes   JSON: tensor name → {"dtype", "shape", "data_offsets": [begin, end]},
//	          and optionally "__metadata__": string → string
//	the rest  the tensors, row-major and little-endian; offsets count from here
//
// A large checkpoint is split into shards, files of this format, beside an
// index, "….safetensors.index.json", whose weight_map says which shard holds
// which tensor.
//
// # Trust
//
// A checkpoint comes from somewhere else, so a header is believed only as far
// as it can be checked: names are unique; a type is known; a shape times the
// size of the type is exactly the bytes between the offsets, without
// overflow; and the tensors cover the rest of the file without gap or overlap,
// as the format demands. After that nothing can be read out of bounds. An
// index names files beside it only. What no tensor covers, what two claim, a
// name given twice: such files are refused, not repaired.
//
// Pickles (.pth, .pt, .bin, .ckpt) are programs that Python runs when it
// loads them. They are recognised and refused with [ErrPickle].
//
// # Values
//
// F32 tensors are views of the mapped file where its layout and the machine
// allow; F16 and BF16 are widened, which is exact. Other types are known by
// size, so that files which hold some can be opened, but have no values here.
package safetensors
