package table

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Percent is a figure in per cent; NaN where it is not defined, which is null
// in JSON.
type Percent float64

// notDefined is what a figure is where there is none.
func notDefined() Percent { return Percent(math.NaN()) }

// Defined reports whether there is a figure.
func (p Percent) Defined() bool { return p == p }

// MarshalJSON writes the shortest number that reads back as the same.
func (p Percent) MarshalJSON() ([]byte, error) {
	if !p.Defined() {
		return []byte("null"), nil
	}
	return json.Marshal(float64(p))
}

// UnmarshalJSON reads a number or null.
func (p *Percent) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*p = notDefined()
		return nil
	}
	return json.Unmarshal(data, (*float64)(p))
}

// none stands for what is not defined.
const none = "–"

// String is the figure with two decimals.
func (p Percent) String() string {
	if !p.Defined() {
		return none
	}
	return fmt.Sprintf("%.2f", float64(p))
}

// published is a figure with the decimals that its source gives, one at
// least.
func (p Percent) published() string {
	if !p.Defined() {
		return none
	}
	s := strconv.FormatFloat(float64(p), 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// difference is b − a with its sign.
func difference(a, b Percent) string {
	if !a.Defined() || !b.Defined() {
		return none
	}
	switch s := fmt.Sprintf("%+.2f", float64(b-a)); {
	case s == "+0.00" || s == "-0.00":
		return "0.00"
	case s[0] == '-':
		return "−" + s[1:]
	default:
		return s
	}
}
