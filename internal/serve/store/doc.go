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
//	records/         a copy of what the database knows, a file a run
//	staging/         uploads in the making, and what is being removed
//	reserve          space for removing a run when the disk is full
//
// A folder gets its place by one rename, when everything in it is complete, and
// only then the database learns of it. What lies in its place is never removed
// but by [Store.Remove]: a run or images that the database does not know (it is
// new, older than they are, or has lost its last changes) are taken up again by
// [Open], from records/ and from what the folders hold. Open removes what lies
// in staging/ and the unfinished files of outputs, and says so ([Store.Remarks]).
// It marks what was running as interrupted, unless its output turns out to be
// whole; what was waiting still waits.
//
// The database is held with an exclusive lock: a second server on the same
// folder is refused, instead of taking the first one's work for interrupted.
package store
