// Package region finds the connected defect regions in an anomaly map at the
// size of its image.
//
// A region grows from its peak, a local maximum that is in no region yet and
// reaches the seed score, to the neighbours that reach a share of the peak's
// height above the level of normal surroundings. The highest peak comes first. A
// single threshold would have to be low to keep weak defects whole, and would then
// surround strong ones by a wide halo, since the patches beside them see part of
// the defect. A share of the height fits both: the full width at half maximum of a
// blurred spot is about its own width. docs/results.md measures the share.
//
// Pixels that touch over a corner are connected.
package region
