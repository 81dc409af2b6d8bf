// Package metric judges anomaly scores against known truth.
//
// Labels are true for what is anomalous, scores are higher for it. The
// figures equal scikit-learn's: AUROC counts ties half; AP is the step-wise
// Σ (R_n − R_{n−1}) P_n over distinct thresholds; F1Max is the best F1 over
// them. AUROC needs labels of both kinds, the others a true one.
//
// AUROC, AP and F1Max take all scores in a slice, which suits images. Pixels
// takes score maps one by one, for there may be 10⁸ pixels: 200 maps of 1024²
// take about 220 MB. Nothing is binned. The scores of an image are sorted as
// integers that order like them and kept as the gaps between these, mostly of
// one byte; all images are then merged from the highest score down, and every
// distinct score is a threshold. Labels are counted in integers and sums
// compensated, so that only the last digits are rounded. Trace gives the curves
// behind the figures, thinned to what a drawing shows.
//
// # Per-region overlap
//
// PRO (Bergmann et al. 2021, Int. J. Comput. Vis. 129, 1038) gives small
// defects the weight of large ones. A region is a set of defective pixels that
// touch, diagonally included ([Components]). With s_k(t) the share of region
// k's pixels that score at least t and f(t) the share of all pixels outside of
// regions that do,
//
//	PRO = 1/0.3 ∫ mean_k s_k df   for f from 0 to 0.3
//
// by the trapezoidal rule over all distinct thresholds, from (0, 0) on, linear
// between the two points around 0.3. That is what the evaluation code of MVTec
// AD computes, but for that code's single precision of f.
//
// The figure that MuSc (Li et al. 2024, ICLR) reports is another one, which
// much code of the field shares; MuScPRO is it, for tables beside theirs. Its
// thresholds are lowest, lowest + δ, … below highest, with δ a 200th of the
// range of the scores; what exceeds one is anomalous. Points with f < 0.3 are
// kept, their f is stretched from its own range to [0, 1], and the area is
// that under the kept points alone. It therefore depends on the values of the
// scores, not only on their order; it leaves out what lies before the first
// and beyond the last of these points; and it is not defined where they all
// have one f. The thresholds are computed in double precision, as NumPy does
// for maps of float64; for maps of float32 it may round them to other values.
package metric
