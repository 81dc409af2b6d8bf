package knn

import (
	"unsafe"
)

// portableInts is the reference of the search over integers.
var portableInts = integers{
	name:        "portable",
	searchBytes: searchBytesPortable, searchPairs: searchPairsPortable,
	rowTops: rowTopsPortable, colTops: colTopsPortable,
	rowAbove: rowAbovePortable, colAbove: colAbovePortable, scoresAbove: scoresAbovePortable,
}

func searchBytesPortable(k int, a, b, rowMax, colMax *int32, rowTag, colTag, low int32) {
	coarsePortable(k, a, b, rowMax, colMax, rowTag, colTag, low, func(x, y int32) int32 {
		return int32(int8(x))*int32(uint8(y)) + int32(int8(x>>8))*int32(uint8(y>>8)) +
			int32(int8(x>>16))*int32(uint8(y>>16)) + (x>>24)*int32(uint32(y)>>24)
	})
}

func searchPairsPortable(k int, a, b, rowMax, colMax *int32, rowTag, colTag, low int32) {
	coarsePortable(k, a, b, rowMax, colMax, rowTag, colTag, low, func(x, y int32) int32 {
		return int32(int16(x))*int32(int16(y)) + (x>>16)*(y>>16)
	})
}

func coarsePortable(k int, a, b, rowMax, colMax *int32, rowTag, colTag, low int32, dot func(x, y int32) int32) {
	x, y := unsafe.Slice(a, (k+1)*coarseMR), unsafe.Slice(b, (k+1)*coarseNR)
	rm, cm := unsafe.Slice(rowMax, coarseMR*coarseLanes), unsafe.Slice(colMax, coarseMR*coarseNR)
	for r := range coarseMR {
		for c := range coarseNR {
			sum := x[r] + y[c]
			for w := 1; w <= k; w++ {
				sum += dot(x[w*coarseMR+r], y[w*coarseNR+c])
			}
			row, col := &rm[r*coarseLanes+c%coarseLanes], &cm[r*coarseNR+c]
			*row = max(*row, sum&^low|(rowTag+int32(c/coarseLanes))&low)
			*col = max(*col, sum&^low|colTag&low)
		}
	}
}

func rowTopsPortable(maxima, top *int32) {
	v, t := unsafe.Slice(maxima, rowClasses*coarseMR), fill(unsafe.Slice(top, coarseMR), -1<<31)
	for i, x := range v {
		r := i / coarseLanes % coarseMR
		t[r] = max(t[r], x)
	}
}

func colTopsPortable(maxima, top *int32) {
	v, t := unsafe.Slice(maxima, colClasses*coarseNR), fill(unsafe.Slice(top, coarseNR), -1<<31)
	for i, x := range v {
		t[i%coarseNR] = max(t[i%coarseNR], x)
	}
}

func rowAbovePortable(maxima, least *int32, masks *uint32) {
	v, t, m := unsafe.Slice(maxima, rowClasses*coarseMR), unsafe.Slice(least, coarseMR), unsafe.Slice(masks, coarseMR)
	clear(m)
	for i, x := range v {
		if r := i / coarseLanes % coarseMR; x >= t[r] {
			m[r] |= 1 << (i/(coarseLanes*coarseMR)*coarseLanes + i%coarseLanes)
		}
	}
}

func colAbovePortable(maxima, least *int32, masks *uint32) {
	v, t, m := unsafe.Slice(maxima, colClasses*coarseNR), unsafe.Slice(least, coarseNR), unsafe.Slice(masks, colClasses)
	clear(m)
	for i, x := range v {
		if x >= t[i%coarseNR] {
			m[i/coarseNR] |= 1 << (i % coarseNR)
		}
	}
}

func scoresAbovePortable(scores, least *int32, masks *uint32) {
	v, t, m := unsafe.Slice(scores, coarseMR*coarseNR), unsafe.Slice(least, coarseMR), unsafe.Slice(masks, coarseMR)
	clear(m)
	for i, x := range v {
		if r := i / coarseNR; x >= t[r] {
			m[r] |= 1 << (i % coarseNR)
		}
	}
}
