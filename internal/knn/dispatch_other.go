//go:build (!amd64 && !arm64) || noasm

package knn

func implementation(string) impl { return portable }
