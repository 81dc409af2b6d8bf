//go:build !noasm

package cpu

func sets() []string { return []string{NEON} }
