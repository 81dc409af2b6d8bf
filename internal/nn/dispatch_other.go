//go:build !amd64 || noasm

package nn

func implementation(string) impl { return portable }
