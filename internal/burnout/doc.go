// Package burnout reads mutual similarity vectors.
//
// The mutual similarity vector of a patch x is d⁽¹⁾ ≤ … ≤ d⁽ᴺ⁻¹⁾, its
// distances to the other images, ascending (Vector). Its growth rates are
// τ⁽ⁱ⁾ = ln(d⁽ⁱ⁺¹⁾/d⁽ⁱ⁾). The similarity of normal patches has a regularly varying
// tail with an index α, so that τ⁽ⁱ⁾ ~ Exp(αi): E τ⁽ⁱ⁾ = 1/(αi) falls like a power
// law (Le-Gia & Ahn 2025, section 3). A patch of a consistent anomaly is near to the
// few images that share the anomaly and far from all others: τ⁽ᵐ⁾ is large at their
// number m. That is neighbour burnout.
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
