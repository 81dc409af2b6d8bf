package option

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

var byteUnits = map[string]float64{
	"": 1, "b": 1,
	"k": 1 << 10, "kib": 1 << 10, "kb": 1e3,
	"m": 1 << 20, "mib": 1 << 20, "mb": 1e6,
	"g": 1 << 30, "gib": 1 << 30, "gb": 1e9,
	"t": 1 << 40, "tib": 1 << 40, "tb": 1e12,
}

// ParseBytes reads a size such as 2GiB, 500MB or 1048576.
func ParseBytes(s string) (int64, error) {
	s = strings.TrimSpace(s)
	n := len(s) - len(strings.TrimLeft(s, "0123456789."))
	unit, ok := byteUnits[strings.ToLower(strings.TrimSpace(s[n:]))]
	v, err := strconv.ParseFloat(s[:n], 64)
	if err != nil || !ok || v*unit >= math.MaxInt64 {
		return 0, fmt.Errorf("%q is not a size: write a number and a unit, such as 2GiB or 500MB", s)
	}
	return int64(v * unit), nil
}

// FormatBytes writes a size so that ParseBytes reads the same.
func FormatBytes(v int64) string {
	for _, u := range []struct {
		name string
		size int64
	}{{"TiB", 1 << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}} {
		if v >= u.size && v%u.size == 0 {
			return strconv.FormatInt(v/u.size, 10) + u.name
		}
	}
	return strconv.FormatInt(v, 10)
}
