//go:build !amd64 || noasm

package effnet

var active = portable
