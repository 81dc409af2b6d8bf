// Package beds makes test beds: batches of real photographs of good parts with
// defects planted into copies of some, so that it is known what recurs, what
// does not, and where.
//
// All lists the beds. They are fixed: a bed's name stands for the same pixels
// as long as Version stays. About a third is for tuning, the others are held
// out; two sets are held out as a whole, and real defects planted in one part
// are never planted in the other.
//
//	photographs := beds.Open("shared/data")
//	for _, bed := range beds.All() {
//		batch, err := photographs.Render(ctx, bed)
//		...
//		result, err := codegraph.Detect(ctx, batch.Items(), codegraph.Options{})
//	}
//
// Photographs are reduced to 512 pixels a side, so that all beds take minutes.
package beds
