// Package tensor is what checkpoints of any format hold: named arrays of
// numbers that stay in the bytes of their file until they are asked for.
package tensor
