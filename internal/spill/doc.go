// Package spill keeps numbers that do not fit into memory in a memory-mapped
// temporary file.
//
// The blocks of the file are reserved before it is used. In a sparse file a
// write to mapped memory takes a block at that moment, and when the disk is
// full by then the system kills the process (SIGBUS). A full disk is an error
// of New instead, ErrDiskFull.
//
// On Unix the file has lost its name when New returns, so that nothing is left
// behind by a process that is killed. On Windows the system removes it with
// its last handle.
package spill
