// Package perf measures how fast this machine compares images.
//
// For every implementation of the search in internal/knn, and the search among
// integers where the processor has instructions for it, it times searches
// of the shapes that standard backbones give, and a loop of multiply-adds in
// registers in turns with them: the best of each, so that a neighbour's work
// disturbs both alike. The ratio says how much of what the core could do is
// reached; it travels between machines, the speeds do not.
//
// Times are processor times of one thread where the system tells them
// (Linux), wall-clock times elsewhere. What a batch of N images takes follows
// from
//
//	variants · N(N−1)/2 · time per pair / cores
//
// which is comparing alone, without the network.
package perf
