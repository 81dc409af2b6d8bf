// Package explain says why a place of an image scores as it does, and how far
// the theory behind it can be trusted on a batch.
//
// An Explainer is made from the result of a scan that kept its intermediates.
// It fits the model of package evt to the distance table and tests how well
// the batch agrees. Place explains one patch: its mutual similarity vector
// beside the one a normal patch would have, the tail index α of the patch, its
// image, its position and the batch, whether and where its look-alikes run
// out, and what it matches in the nearest images.
//
// Growth and QQ gather what the figures of the paper show, over all normal
// patches and over those of a consistent anomaly (Le-Gia & Ahn 2025): growth
// rates against the power law 1/(αi), and normalised spacings against the
// exponential distribution. Write draws a Figure as PNG or SVG with gonum/plot.
package explain
