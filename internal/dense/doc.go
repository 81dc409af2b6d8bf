// Package dense holds the arithmetic of transformers: a matrix product whose
// left operand is used as it lies in memory, and the nonlinear functions
// between products, a row at a time.
//
// # Product
//
// The right operand, weights or the keys and values of one head, is packed in
// panels of NR columns, [K][NR]. The left one is not packed: a tile of MR × NR
// sums stays in registers while MR rows are read side by side, each in order.
// That spares a copy of every activation, and lets a caller work through a
// network in bands of rows that stay in the cache. A stride that is no
// multiple of 4096 bytes keeps the rows of a tile in different sets of the
// cache; [Stride] gives one.
//
// [Mul] takes a band of rows and goes through the panels once, so that the
// weights are read from far away once per band.
//
// [MulWords] does the same among numbers of 16 bits, two in a word, where the
// processor multiplies those faster ([Fast]).
//
// With AVX512_VNNI they are integers. Each column of the right operand
// is rounded to 12 bits in units of its own, each row of the left one to as
// many as no sum of 256 products can overflow with; then sums are scaled and
// added up in single precision.
//
// With AMX they are in bfloat16: blocks of 32 rows and 32 columns, four tiles of
// sums in single precision, meet a part of a panel that stays in the first-level
// cache.
//
// # Functions
//
// exp is Cephes' expf (relative error 2e-7); erf is Abramowitz and Stegun
// 7.1.26 (absolute error 1.5e-7), in the form max(v, 0) − |v|·q, which loses
// no digits for negative v. QuickGELU, SiLU and the tanh form of GELU are
// v·σ(v·(c₁ + c₃·v²)) with constants of their own.
//
// # Dispatch
//
// The instruction set follows package kernel's choice: AVX-512, AVX2 with FMA
// or portable Go, selected by the environment variable CODEGRAPH_KERNEL.
// A result depends on the instruction set, but not on how rows are split into
// calls.
package dense

//go:generate sh -c "cd _gen && go run . -out ../dense_amd64.s -stubs ../stubs_amd64.go -pkg dense"
