// Package dataset reads the layouts of public anomaly-detection datasets, for
// benchmarks.
//
// Open finds the layout of a folder, or takes the one that is named. A Dataset
// has categories, a Category the samples of its test set: where the image is,
// whether it is anomalous, which files say where. Training images are never
// read. The labels are for judging; Category.Items hands out the images
// without them.
//
//	mvtec    CATEGORY/test/TYPE/000.png, CATEGORY/ground_truth/TYPE/000_mask.png
//	mvtec2   CATEGORY/test_public/{good,bad}, CATEGORY/test_public/ground_truth/bad
//	loco     as mvtec, with CATEGORY/ground_truth/TYPE/000/000.png, 001.png, ...
//	visa     split_csv/1cls.csv, or prepared as mvtec
//	btad     CATEGORY/test/{ok,ko}, CATEGORY/ground_truth/ko/0000.png or .bmp
//	mpdd     as mvtec
//	ksdd     kos01/Part0.jpg, kos01/Part0_label.bmp
//	ksdd2    test/20000.png, test/20000_GT.png
//	realiad  realiad_jsons/CATEGORY.json, realiad_1024/CATEGORY
//	folder   good (or ok, normal) beside one folder per defect type
//
// # Detection
//
// A file that lists the samples (visa, realiad) decides. Otherwise every
// layout counts the sub-folders that it could read as a category; the highest
// count wins, the more specific layout in a tie. The root may be one category
// as well.
//
// # Truth
//
// Match finds the masks of any images by name.
//
// The truth of an image is whether a dataset calls it anomalous; for ksdd and
// ksdd2, whether its mask marks a pixel. The truth of a pixel is the union of
// the image's masks: a pixel is anomalous if it is not black. Masks may be of
// 1, 8 or 16 bits, grey, palette or colour; a palette is read by its colours,
// transparent is black. In a JPEG mask, whose compression leaves faint traces
// beside edges, a pixel counts from half of the full scale.
//
// # What is wrong with a dataset
//
// Copies of datasets are often incomplete. What can be passed over is, and a
// warning names the file: a listed image that is not there, a defective image
// without mask, a mask without image. Ten warnings of a kind are kept, the
// others counted. Errors are for what leaves nothing to read.
package dataset
