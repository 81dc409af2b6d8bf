// Package store keeps the history of a server: runs, their images, notes and
// labels.
//
// What is small lies in an SQLite database (history.db, in write-ahead mode,
// every change on the disk before it is answered), what is large in folders
// beside it:
//
//	history.db
//	inputs/ID/       the images of one upload, shared by runs of the same images
//	runs/ID/         the output of one run, as package report writes it
//	staging/         uploads in the making
//
// A folder gets its place by one rename, when everything in it is complete, and
// only then the database learns of it. So a process that is killed leaves at
// most what nobody refers to, and [Open] removes that. It also marks what was
// running as interrupted, unless its output turns out to be whole; what was
// waiting still waits.
//
// The database is held with an exclusive lock: a second server on the same
// folder is refused, instead of taking the first one's work for interrupted.
package store
