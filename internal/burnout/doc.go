// Package burnout reads mutual similarity vectors.
//
// The mutual similarity vector of a patch x is d⁽¹⁾ ≤ … ≤ d⁽ᴺ⁻¹⁾, its
// distances to the other images, ascending (Vector). Its growth rate is
// τ⁽ⁱ⁾ = ln(d⁽ⁱ⁺¹⁾/d⁽ⁱ⁾). For a normal patch patch similarity has a regularly
// varying tail with an index α, so that τ⁽ⁱ⁾ ~ Exp(αi): growth decays like a
// power law (Le-Gia & Ahn 2025, section 3). The patches of a consistent
// anomaly match the few images that share it and then hit a wall:
// neighbor-burnout.
//
// The endurance ratio ζ⁽ⁱ⁾ = d⁽ⁱ⁾/d⁽ω⁾, 1 ≤ i < ω, is low as long as
// look-alikes last. Weighted by (d⁽ω⁾)^(−β) it prefers patches that are far
// from the bulk of the batch. A suspicious link leads from a patch x of image
// i to the image at rank k of x, where the weighted ratio is low; Select
// takes links in ascending order until they touch a given share of all
// images.
//
// Model says which patches of a batch burn out, for people to read: α of each
// place, as the median over images, says what a normal patch does there
// (package evt), and Test gives the p-value of a patch.
package burnout
