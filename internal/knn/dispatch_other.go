//go:build (!amd64 && !arm64) || noasm

package knn

func available() []impl { return []impl{portable} }
