// Package gemm multiplies matrices: the linear layers and the attention of
// transformers. The left operand is used as it lies in memory.
//
// # Product
//
// The right operand, weights or the keys and values of one head, is packed in
// panels of NR columns, [K][NR]. The left one is not packed: a tile of MR × NR
// sums stays in registers while MR rows are read side by side, each in order.
// That spares a copy of every activation, and lets a caller work through a
// network in bands of rows that stay in the cache. A stride that is not a
// multiple of 4096 bytes keeps the rows of a tile in different sets of the
// cache; [Stride] gives one.
//
// [Mul] takes a band of rows and goes through the panels once, so that the
// weights are read from far away once per band.
//
// [MulQuant] does the same among numbers of 16 bits, two in a word, where the
// processor multiplies those faster ([Fast]).
//
// With AVX512_VNNI they are integers. Each column of the right operand is
// rounded to 12 bits in units of its own, each row of the left one to the most
// bits with which no sum of 256 products overflows; then sums are scaled and
// added up in single precision.
//
// With AMX they are in bfloat16: blocks of 32 rows and 32 columns, four tiles of
// sums in single precision, meet a part of a panel that stays in the first-level
// cache.
//
// # Instructions
//
// Package cpu names the instructions in use. A result depends on them, but not
// on how rows are split into calls.
package gemm

//go:generate sh -c "cd ../_gen && go run ./gemm -out ../gemm/gemm_amd64.s -stubs ../gemm/stubs_amd64.go -pkg gemm"
