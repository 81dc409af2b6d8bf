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
// Three things are believed beforehand: that no image is defective in one batch
// of three (Params.Clean); that otherwise a share π has a density that falls like
// (1 − π)² (Rare); and how much good images scatter (Scatter).
//
// # How much good images scatter
//
// Any share of the batch may be defective, and nothing in the shape of the scores
// needs to tell. But a good image's score is a maximum of P noisy patches, and
// extreme value theory relates its scale to how high it rises above the rest of
// the image (Image.Height, in the same unit): with normal patches the ratio is
// 0.12, with exponential tails 0.20 (P = 784; 0.13 and 0.22 for 400), whatever
// the network. Between these lies Scatter, 0.15, and the logarithm of the scale b
// has a normal density around it, with a standard deviation of Within. So scores
// that scatter more can be those of good images, if their shape says so, but are
// those of many defective ones rather: verdicts fade where that is open.
// docs/verdicts.md shows how much the three matter.
//
// # Labels
//
//	fail    the image is good with a probability of at most FDR, and so are all
//	        that score higher
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
// # Families
//
// A member of a defect family (Image.Member) was not drawn from the batch like
// others: it is defective with a probability of 1 − Doubt beforehand, whatever π is,
// tells nothing of π, and its score says like any other whether it is. So a defect on
// a third of the images does not make the others more suspicious. It does not pass
// before a person says so: the bounds are on scores, and what many images share scores
// low. A member of a candidate neither passes nor fails before it is said what that is,
// and says nothing of the others: its score is low if that is a defect that many share,
// and high if it is a harmless variant with few look-alikes. Said to be a defect, it is
// judged as one; but that one defect scores high does not tell that others would, and of
// the other images no more pass than before the answer. A limit of the user's own is kept
// in any case.
//
// # Where the scores contradict the assumption
//
// Where more than half of the batch is expected to be defective, mutual scoring
// itself cannot be relied upon: what most images share scores low. Then no image
// passes or fails, and Judgement.Note says why. With Fewest known good images,
// such as references, location and scale are theirs, and any share of the others
// may be defective.
//
// # Images that come later
//
// An image that is scored against an earlier batch is judged by the limits of
// that batch (JudgeLater).
package verdict
