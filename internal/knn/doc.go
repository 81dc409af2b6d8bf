// Package knn holds the dense arithmetic everything else is made of: a
// matrix product for networks and a fused product + nearest-neighbour search
// for mutual scoring.
//
// # Search
//
// For token rows a of one image and b of another the squared distance is
//
//	|a−b|² = |a|² + |b|² − 2·a·b
//
// so the nearest b of every a and the nearest a of every b are the row and
// column maxima of a·b − |a|²/2 − |b|²/2. Both directions come from one pass
// over the product, which is never stored: a tile of MR × NR dot products
// stays in registers, meets the running maxima and is forgotten. The norms
// are what its sums start from. The winners' distances are
// then recomputed from the rows themselves, which removes the cancellation
// of the formula above.
//
// # Search among integers
//
// Rows that share a Quantizer can be rounded to its steps: a ≈ step·A. Then
//
//	A·B − |A|²/2 − |B|²/2 = −|A−B|²/2
//
// is a sum of products of 8- or 16-bit numbers that starts at −|A|²/2 − |B|²/2,
// and the greatest of these scores is the nearest row but for rounding. What
// rounding changes shrinks with the distance: with steps of 1 and errors spread
// evenly, a score s is off by a deviation of √(s/3), minScore a constant. The
// lowest bits of a score are noise, then, and say which tile it is from, so
// that keeping a maximum and its place is one instruction. A row keeps the
// maxima of 32 classes of columns, a column those of 24 classes of rows. All
// that lie within three deviations of the best are measured from the rows
// themselves; where there are too many of them, so that some will be hidden
// behind another of their class, the row is searched once more, all scores are
// looked at and all within three deviations measured. Rows that do not fit the
// quantizer are measured against all.
//
// Which steps are fine enough depends on how close a row's look-alikes are:
// ChooseQuantizer tries 8 bits on two images. All of this is the same integers on
// every machine, found by VPDPBUSD and VPDPWSSD where there are any, and bytes
// by AMX's tiles.
//
// # Layout
//
// The left operand is packed in panels of MR rows, [k][MR], the right one in
// panels of NR rows, [k][NR], so that a tile reads both streams in order. The
// last panel repeats the last row, which leaves maxima as they are.
//
// Tiles are visited so that what is read again is still near: a right panel
// meets a block of left panels that stays in the second-level cache, or in the
// first where panels are that short.
//
// # Tiles
//
// AMX multiplies tiles of 16 rows and 16 columns of words. Two left panels of
// 12 rows meet the two halves of a right panel, which has the right layout
// already and stays in the first-level cache, in four tiles of sums; these go
// through memory to the maxima. A call passes a right panel over a block of left
// ones, since the configuration of the tiles belongs to a thread and must
// neither outlive a call nor be loaded for every panel. Processors without AMX
// run the tests of it with command emulate.
//
// # Dispatch
//
// The fastest implementation the processor offers is chosen once: AMX (for
// bytes, else AVX-512), AVX-512, AVX2 with FMA, NEON on arm64, or portable Go,
// which is also all there is with the build tag noasm. The environment variable
// CODEGRAPH_KERNEL (amx, avx512, avx2, neon, portable) selects a lower one.
package knn

//go:generate sh -c "cd ../_gen && go run ./knn -out ../knn/kernel_amd64.s -stubs ../knn/stubs_amd64.go -pkg knn"
//go:generate sh -c "cd ../_gen && go run ./neon -out ../knn/kernel_arm64.s"
