//go:build amd64 && !noasm && !linux

package cpu

// permitTiles: how other systems are asked is not known here.
func permitTiles() bool { return false }
