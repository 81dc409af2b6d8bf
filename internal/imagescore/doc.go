// Package imagescore makes one number of an image's anomaly map: how far its
// peak rises above what the image and the place let expect.
//
// The maximum of a map, which MuSc takes, is the greatest of hundreds of noisy
// values. It is also high for a good image that matches badly everywhere, because
// of its light, focus or pose. Here, with a(x) the score of patch
// x of the image, P patches and m(x) the median of a(x) over the images of the
// batch (Pattern),
//
//	level  l = median over x of a(x) − m(x)
//	score  s = mean of the ⌈P/200⌉ highest a(x) − m(x)/8, less l/2
//	height h = mean of the ⌈P/200⌉ highest a(x) − m(x)/8, less their median
//
// Half of the image's own level comes off: a defect covers less than half of the
// image and does not move it, but what matches badly everywhere is suspicious,
// too. An eighth of the pattern comes off: edges and print score high in every
// image, but a defect there is a defect. The constants and the share of the
// patches are our choice; docs/verdicts.md shows how much they matter.
//
// A score of exactly 0 marks a patch that shows nothing of the image, since the
// image was turned; it counts nowhere.
package imagescore
