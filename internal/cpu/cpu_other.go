//go:build (!amd64 && !arm64) || noasm

package cpu

func sets() []string { return nil }
