// Package graph holds the weighted, undirected graph of images and finds its
// communities.
//
// The quality of a partition is the Constant Potts Model (Traag, Van Dooren
// and Nesterov 2011, Phys. Rev. E 84, 016114)
//
//	Q = Σ_c (w_c − γ n_c(n_c−1)/2)
//
// with w_c the weight of the edges inside community c and n_c its number of
// nodes: a community pays off if its density exceeds the resolution γ. It has
// no resolution limit, so that a small dense group is found in a large graph.
//
// Leiden (Traag, Waltman and van Eck 2019, Sci. Rep. 9, 5233) optimises it:
// nodes move to the community where Q gains most until none can; each
// community is refined into well-connected parts; the parts become the nodes
// of a smaller graph, which starts from the unrefined communities; and so on.
package graph
