//go:build !noasm

package knn

//go:noescape
func tileNEON(k int, a, b, dst *float32)

//go:noescape
func searchNEON(k int, a, b, rowMax *float32, rowIdx *int32, colMax *float32, colIdx *int32, row, block int32)

//go:noescape
func sqdistNEON(n int, a, b *float32) float32

func peakNEON(n int)
