// Package verdict says of each image of a batch whether it passes, from the
// scores of the batch alone and at stated error rates.
//
// # Two groups
//
// What a good image scores differs from batch to batch and is not known
// beforehand. A good image scores
//
//	s = a + b·(exp(σz) − 1)/σ, z standard normal,
//
// a shifted lognormal variable of location a, scale b and skewness σ (σ = 0:
// s = a + b·z). A defect adds to z: a gap δ and an exponential variable of mean
// μ, so that defective images may lie far off or reach down among the good
// ones. A share π of the images is defective. None of a, b, σ, δ, μ and π is
// chosen: the probability that an image of score s is defective is averaged over
// a grid of them, each weighed by the likelihood of the batch's scores times its
// prior. A batch that shows little about the tail of its good images, because it
// is small or much of it is defective, so gets wide limits by itself. This is
// the two-groups model of Efron (2008) with the parameters integrated out.
//
// Two numbers are beliefs: that no image is defective in one batch of three
// (Params.Clean), and that otherwise a share π has a density that falls like
// 1 − π (Rare). docs/verdicts.md shows how much they matter.
//
// # Labels
//
//	fail    the image is good with a probability of at most FDR
//	pass    the image is defective with a probability of at most Doubt, and of
//	        all images that score as low an expected share of at most Omission
//	unsure  otherwise
//
// The first bounds the false-discovery rate, as each failed image's probability
// of being good is its local false-discovery rate (Efron), and the second the
// false-omission rate, as far as the model is right. A person's answers
// (Image.Known) are verdicts themselves, and observations of their group: they
// narrow the limits for the others, and nothing has to be compared again.
//
// # Where the scores contradict the model
//
// The lower half of the scores is taken for that of good images. If most of the
// batch is defective, it is not, and nothing in the shape of the scores needs to
// tell. But good images scatter little compared with how high a peak rises over
// the rest of its image (Image.Height, in the same unit): their scale is 0.05 to
// 0.2 of it on most batches measured. Above Spread (1/4) no image passes or
// fails, and Judgement.Note says why. With Fewest known good images, such as
// references, location and scale are theirs, and any share of the others may be
// defective.
//
// # Images that come later
//
// An image that is scored against an earlier batch is judged by the limits of
// that batch (JudgeLater).
package verdict
