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
// # The page
//
// With [Options].Page the folder has a report.html, too: one file that opens
// from the disk and asks for nothing on a network. It holds the patch scores,
// the images at a sensible size and what Result.Evidence says about why, each
// up to a bound that keeps the file below 30 MB: images beyond it lie beside
// the page (thumbnails/), the rest is left out and the page says so. Its
// program is in web, in TypeScript, and built into report/page; it
// makes elements from data and never parses a name as markup, and the page
// allows no other program to run.
//
// With [Options].Truth the page says how good the scores are: figures and
// curves per image and per pixel for both methods, by package metric, the
// known defects outlined, and in the gallery missed defects and false alarms
// first. The truth is read when the page is written and never by the method.
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
