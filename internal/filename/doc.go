// Package filename knows which names of files a file system may refuse or take
// for one another.
package filename
