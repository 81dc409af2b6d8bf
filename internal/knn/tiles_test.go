package knn

import (
	"os"

	"codegraph/internal/cpu"
)

// Tests run under command emulate have tiles.
func init() {
	if os.Getenv("CODEGRAPH_AMX") == "emulated" {
		cpu.EmulateTiles()
	}
}
