//go:build amd64 && !noasm

package dense

import "os"

// Tests run under command emulate have tiles.
func init() { emulated = os.Getenv("CODEGRAPH_AMX") == "emulated" }
