// Package snapshot keeps what a scan leaves behind, and scores later images
// with it.
//
// A Snapshot is like an index of a search library: it holds the tokens of a
// gallery, the distances within it, which patches are out of the comparison and
// the families these belong to. Score compares queries with the gallery, one
// way: an image takes time proportional to the gallery, and its score does not
// depend on the other queries. Add makes queries part of the gallery. Save and
// Load keep it in a file.
//
// Scan makes one. With Options.Base the gallery is a part of the batch, chosen
// to differ as much as possible (package coreset), and the rest are queries.
package snapshot
