// Package evt holds the extreme value theory of mutual similarity vectors:
// what the distances of a normal patch do, how well a batch agrees with it,
// and how surprising the distances of one patch are.
//
// # The model
//
// Patch similarity has a regularly varying tail with an index α (Le-Gia & Ahn
// 2025, section 3): below some scale s₀ the distances of a normal patch to the
// other images follow d/s₀ ~ Beta(α, 1). Of the ascending d⁽¹⁾ ≤ … ≤ d⁽ω⁾ the
// growth rates τ⁽ⁱ⁾ = ln(d⁽ⁱ⁺¹⁾/d⁽ⁱ⁾) are then independent, τ⁽ⁱ⁾ ~ Exp(αi)
// (Rényi's representation), so that
//
//	the normalised spacings u⁽ⁱ⁾ = i·τ⁽ⁱ⁾, 1 ≤ i < ω, are Exp(α),
//	(d⁽ⁱ⁾/d⁽ω⁾)^α ~ Beta(i, ω−i), the i-th of ω−1 uniform numbers,
//	Σ u⁽ⁱ⁾ = Σ ln(d⁽ω⁾/d⁽ⁱ⁾) ~ Gamma(ω−1, α).
//
// Spacings makes the u of a patch; everything else works on them, and on
// ratios of distances.
//
// # The tail index
//
// Hill estimates α from the spacings of one patch; its standard error is exact
// under the model. Pool puts many patches together by their median,
// so that neither defects nor what they do to each other matters as long as
// most patches are normal (our choice).
//
// # Goodness of fit
//
// PatchFit tests one patch: Anderson and Darling's statistic of the log ratios
// ln(d⁽ω⁾/d⁽ⁱ⁾), which are a sample of Exp(α), against an exponential
// distribution of their own mean. Its distribution under the model depends on
// their number alone and is simulated, seeded. The patches of a batch are not
// independent: neighbours overlap, and patches at the same place meet the same
// images. BatchFit therefore says which share of them is rejected, an average that
// dependence does not bias. It also tests a sample that is nearly independent: one
// patch of each image, no two at the same place.
//
// # Burnout
//
// A consistent anomaly has distances that are too small for its d⁽ω⁾. With α
// known, P(Beta(i, ω−i) ≤ (d⁽ⁱ⁾/d⁽ω⁾)^α) is the p-value of rank i. The least
// over the ranks is the statistic of Berk and Jones (1979), one-sided; Scan
// gives its exact p-value by the recursion of Noé (1972) over the number of
// points below each boundary, in a form without cancellation: the chances of
// the first crossing are summed.
package evt
