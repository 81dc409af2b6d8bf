// Package report writes what a scan found out to a folder, and a short
// summary of it to a terminal.
//
// The folder holds results.json (everything, in the form that
// docs/results-schema.md describes), scores.csv (a table, worst image
// first), and for each image its patch scores as a NumPy array (grids/), its
// anomaly map at the original size as a 16-bit grey PNG (maps/) and a colour
// overlay (overlays/). Maps have one scale for the whole batch: a map scaled
// by itself makes a good part look as bad as a defective one. Each family of
// images that share an anomaly has a contact sheet (families/).
//
// # What happens to the folder
//
// [Check] tells before the work starts whether the folder can be used.
// [Write] then makes all files in a hidden folder inside it, and moves them
// to their places when every one is complete, results.json last: where there
// is a results.json, the output is whole. An interrupt or a full disk leaves
// an earlier output as it was.
//
// An earlier output is replaced: the files that its results.json lists are
// removed, and nothing else. A folder that already holds other files under
// the names above is refused ([ErrForeign]). [Exclude] keeps maps and
// overlays from being scanned as photographs by a later run.
package report
