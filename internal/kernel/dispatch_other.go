//go:build (!amd64 && !arm64) || noasm

package kernel

func available() []impl { return []impl{portable} }
