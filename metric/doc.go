// Package metric judges anomaly scores against known truth.
//
// Labels are true for what is anomalous, scores are higher for it. The
// figures are exact and equal scikit-learn's: AUROC counts ties half; AP is
// the step-wise Σ (R_n − R_{n−1}) P_n over distinct thresholds; F1Max is the
// best F1 over them. All take O(n log n).
package metric
