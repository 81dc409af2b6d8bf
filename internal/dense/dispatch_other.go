//go:build !amd64 || noasm

package dense

func available() []impl { return []impl{portable} }
