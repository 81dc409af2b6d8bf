// Package codegraph finds defective parts in an unlabelled batch of images.
//
// Nothing is trained and nothing needs to be labelled: patches of a frozen
// network are compared across the images of the batch. A normal patch finds
// look-alikes in nearly every other image, a defect does not (mutual scoring,
// MuSc: Li et al., ICLR 2024). Defects that recur find each other and would
// look normal; CoDeGraph (Le-Gia & Ahn 2025) finds the groups of images that
// share one, takes the anomalous patches out of the comparison and scores again.
//
// Detect does all of it:
//
//	set, problems, err := imageset.Walk(ctx, []string{"parts"})
//	...
//	result, err := codegraph.Detect(ctx, set, codegraph.Options{})
//	for _, im := range result.Images {
//		fmt.Println(im.Rank, im.Item.Name, im.Score)
//	}
//
// The steps, each a package of its own, in the order of the work: imageset reads,
// backbone embeds, token aggregates, mutual compares, family finds the groups and
// decides which are defects; then mutual scores again, imagescore makes a number of
// each map, and verdict says which images pass. Package report writes results to disk.
package codegraph
