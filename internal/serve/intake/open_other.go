//go:build !unix

package intake

// nonBlocking is not needed where pipes are not files.
const nonBlocking = 0
