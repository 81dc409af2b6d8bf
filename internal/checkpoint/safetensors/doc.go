// Package safetensors reads the safetensors format, the one model hubs
// distribute weights in.
//
// # Format
//
//	8 bytes   length n of the header, little-endian
//	n bytes   JSON: tensor name → {"dtype", "shape", "data_offsets": [begin, end]},
//	          and optionally "__metadata__": string → string
//	the rest  the tensors, row-major and little-endian; offsets count from here
//
// # Trust
//
// A checkpoint comes from somewhere else, so a header is believed only as far
// as it can be checked: names are unique; a type is known; a shape times the
// size of the type is exactly the bytes between the offsets, without
// overflow; and the tensors cover the rest of the file without gap or overlap,
// as the format demands. After that nothing can be read out of bounds. What no
// tensor covers, what two claim, a name given twice: such files are refused,
// not repaired.
package safetensors
