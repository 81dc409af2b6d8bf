// Package tempdir keeps the temporary files of tests in memory. A test that
// writes reports or snapshots otherwise waits most of its time for a disk: each
// file is synchronised before it is given its name.
package tempdir
