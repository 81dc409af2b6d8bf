package cpu

import (
	"os"
	"slices"
)

// EnvVar names the environment variable that selects a set of instructions.
const EnvVar = "CODEGRAPH_KERNEL"

// The sets of instructions.
const (
	AMX      = "amx"
	AVX512   = "avx512"
	AVX2     = "avx2"
	NEON     = "neon"
	Portable = "portable"
)

var name = choose(os.Getenv(EnvVar))

// choose returns the set called name if this machine has it, else the fastest.
func choose(name string) string {
	all := Available()
	if slices.Contains(all, name) {
		return name
	}
	return all[0]
}

// Name returns the set of instructions in use.
func Name() string { return name }

// Available lists the sets that this machine has, fastest first.
func Available() []string { return append(sets(), Portable) }

// emulated says that the process runs in emulation, which has tiles.
var emulated bool

// Emulated says whether EmulateTiles was called.
func Emulated() bool { return emulated }

// EmulateTiles makes [Available] list tiles: for tests under command emulate.
func EmulateTiles() { emulated = true }
