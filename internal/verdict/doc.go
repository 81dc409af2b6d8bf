// Package verdict says of each image of a batch whether it passes, from the
// scores of the batch alone and at a stated false-discovery rate.
//
// # The null
//
// What a good image scores differs from batch to batch and is not known
// beforehand. An image's score is the greatest of many patch scores, so that
// good images have a right tail, and so have defective ones: the upper part of
// the scores tells nothing until it is known what the lower part lets expect.
// The null is a distribution of location, scale and a fixed shape, the shifted
// lognormal
//
//	score = a + b·(exp(σz) − 1)/σ, z standard normal,
//
// of which a and b are fitted to the lower part: regression of the ordered
// scores on the quantiles at Blom's positions, those above left out as
// censored. σ = 0 is the normal distribution, σ = 0.35 has the skewness of
// Gumbel's distribution of maxima and nearly its shape; the default is longer
// in the tail. σ is a constant, chosen on rendered batches without defects
// (docs/verdicts.md): half of a sample cannot tell it.
//
// # Up to half of the batch may be defective
//
// The fit begins with the lower half as that of a batch of good images. Images
// above the 90 % point of the null are more than they should be if some are
// defective; the number of good images is estimated from those below the point
// (as Storey 2002 estimates the share of true nulls), the fit is repeated with
// the lowest 90 % of so many, and so on until it stays. It never uses less
// than the lower half, which is what makes half of the batch the limit.
//
// # p-values
//
// A null that was fitted to 20 images is itself uncertain, and the fit reacts
// to high scores. The statistic t = (score − a)/b does not change with unit
// and origin of the scores. Its distribution in a batch of as many good images
// therefore depends on the shape alone: batches are simulated, put through the
// same fit, and the p-value of an image is its rank among their statistics.
//
// # Labels
//
// Benjamini and Hochberg's procedure (1995) turns p-values into q-values.
//
//	fail    q ≤ the false-discovery rate, or a member of a defect family
//	unsure  p ≤ the rate, or a member of a candidate family
//	pass    otherwise
//
// Members of defect families fail whatever they score, since the recurring
// defect itself makes scores low, and are left out of the fit. In a batch
// without defects all nulls are true; then an image fails with at most the
// stated probability, as far as the shape is right. What else can be expected,
// docs/verdicts.md measures.
//
// # References
//
// With 20 or more images that are known or believed to be good the null is
// fitted to what these score ([JudgeBy]), as robustly, and any share of the
// batch may be defective. With fewer it would be so uncertain that little could
// fail, and the batch is the better witness as long as half of it is good.
//
// # Images that come later
//
// An image that is scored against an earlier batch is judged as if it had been
// in it ([JudgeLater]). The null is that of the batch; as the image had no part
// in the fit, its statistic is compared with those of simulated images that
// had none either. Its q-value is the one it has among the p-values of the
// batch: where few of those failed, it takes a lower p-value to fail, as it
// would have in the batch. Of later images that fail the expected share of
// good ones is then the stated rate as long as as many are defective.
package verdict
