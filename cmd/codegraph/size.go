package main

import "codegraph/internal/option"

// byteSize is a flag value such as 2GiB, 500MB or 1048576.
type byteSize int64

func (b *byteSize) Set(s string) (err error) {
	v, err := option.ParseBytes(s)
	if err == nil {
		*b = byteSize(v)
	}
	return err
}

func (b *byteSize) String() string { return option.FormatBytes(int64(*b)) }
func (b *byteSize) Type() string   { return "size" }
