// Package synth renders batches of inspection photographs whose truth is
// known.
package synth
