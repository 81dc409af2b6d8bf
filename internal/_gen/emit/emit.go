// Package emit has what the generators of assembly share.
//
// They are a module of their own so that the library does not depend on avo.
package emit

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/reg"
)

// Arg loads a parameter.
func Arg(name string) reg.Register { return Load(Param(name), GP64()) }

// Zero clears a vector.
func Zero(v reg.VecVirtual) {
	if v.Size() == 64 {
		VPXORD(v, v, v)
		return
	}
	VXORPS(v, v, v)
}
