//go:build !amd64 || noasm

package gemm

func implementation(string) impl { return portable }

func quantImpls() []quantImpl { return []quantImpl{portableQuant, portableBF16} }
