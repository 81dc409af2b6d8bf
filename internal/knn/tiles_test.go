//go:build amd64 && !noasm

package knn

import "os"

// Tests run under command emulate have tiles.
func init() { emulated = os.Getenv("CODEGRAPH_AMX") == "emulated" }
