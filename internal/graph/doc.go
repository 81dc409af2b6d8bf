// Package graph holds the weighted, undirected graph of images and finds its
// communities.
//
// # Quality
//
// The quality of a partition is that of the Constant Potts Model (Traag, Van Dooren
// and Nesterov 2011, Phys. Rev. E 84, 016114)
//
//	Q = Σ_c (w_c − γ n_c(n_c−1)/2)
//
// where w_c is the weight of the edges inside community c, n_c its number of nodes
// and γ the resolution. A community raises Q if its density, w_c over its pairs,
// exceeds γ. γ is compared with densities, not with the size of the graph: a small
// dense group is found in a large graph, too.
//
// # Search
//
// Leiden (Traag, Waltman and van Eck 2019, Sci. Rep. 9, 5233) maximises Q in
// passes of three steps:
//
//  1. move: each node moves to the community where Q gains most, until none gains;
//  2. refine: each community is split into well-connected parts;
//  3. aggregate: the parts become the nodes of a smaller graph, which starts from
//     the communities of step 1.
//
// A pass ends when no part has two nodes. Passes repeat while Q grows, and the best
// of several seeded runs counts.
package graph
