//go:build !amd64 || noasm

package imageset

func implementation(string) weighing { return portable }
