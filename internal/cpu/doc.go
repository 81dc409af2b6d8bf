// Package cpu says once which instructions the kernels of this process use.
//
// Each package of kernels has one implementation for each name that it knows,
// and a portable one for all others: it takes the one for [Name]. So networks,
// searches and whatever is cached of them agree on one set of instructions.
//
// [Name] is the fastest set that the processor and the system offer:
//
//	amx       tiles of bytes and of bfloat16, else avx512
//	avx512    with or without VNNI
//	avx2      with FMA
//	neon      every arm64 processor
//	portable  Go; all there is with the build tag noasm
//
// The environment variable CODEGRAPH_KERNEL selects a lower one.
package cpu
