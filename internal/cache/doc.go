// Package cache keeps what is expensive to compute on disk: the features of
// images, the distances and scores of batches, the results of finished pieces
// of work.
//
// A value is stored under a [Key], the digest of everything it depends on:
// the bytes of the images, the network, the parameters, the build of the
// program. Another input is another key, so nothing is ever out of date and
// nothing needs to be invalidated. Numbers are kept as they are, NaN payloads
// included: a run that reads them goes on to the same bytes as one that
// computes them.
//
// # Entries
//
// An entry is one file, named after its key and kind, that ends in the
// SHA-256 of everything before it. It is written under a temporary name and
// renamed, so that it is complete or not there; several processes may share a
// folder. What is damaged, cut off or of another origin is removed when it is
// asked for and counts as missing. Lengths are checked against the size of
// the file before memory is taken for them.
//
// # Limit
//
// Once the entries exceed the limit, those that were used least recently are
// removed until an eighth of it is free; among entries of the same age the
// names decide. Results of finished work (PutBytes) go last: they are small,
// and they stand for hours. The time of use is the modification time of the
// file. The limit may be exceeded by the entries that are being written and,
// for every other process that shares the folder, by a sixteenth of itself.
//
// # Errors
//
// Reading never fails: what cannot be read is missing. Writing fails where
// the folder cannot be written or the disk is full; the value is not lost
// with it, so a caller reports the error once and goes on without the cache.
package cache
