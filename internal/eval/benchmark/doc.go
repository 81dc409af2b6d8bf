// Package benchmark judges scores against known truth, by the protocol of the
// papers' tables.
//
// A [Batch] is a set of images with their truth: a category of a dataset
// (package dataset) or rendered parts (package synth). The truth never reaches
// the method. [Evaluate] scores a batch, whole or divided into sub-batches of
// M images each of which is scored alone (divide), and gives for mutual
// scoring (MuSc) and for CoDeGraph:
//
//   - per image: AUROC, F1-max, AP of the image scores;
//   - per pixel: AUROC, F1-max, AP and PRO of the maps at side × side pixels,
//     518 in MuSc's protocol, and on request at the images' own resolution;
//     masks are resized as in MuSc's code, which leaves a pixel anomalous only
//     if all that it is made of is (see muscMask);
//   - per type of defect: the pixel AP on the good images and those of the
//     type, and its consistency: how many of the nearest look-alikes of its
//     defective patches are defective patches of the same type in other
//     images. Where that is high, mutual scoring takes the defect for normal.
//
// One run of the pipeline gives both methods: MuSc's score is CoDeGraph's
// before anything is filtered.
//
// [Run] evaluates the categories of a dataset, [Synth] rendered batches with
// a known share of recurring defects, [Sweep] a grid of constants.
package benchmark
