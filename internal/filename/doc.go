// Package filename knows which names of files a file system may refuse, and which
// it may take for the same.
package filename
