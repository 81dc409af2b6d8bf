package serve

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"codegraph/internal/option"
)

// errRequest is wrapped by errors that are the client's.
var errRequest = errors.New("wrong request")

// Options are the choices of one run: a client may set those of the table that
// are served.
type Options = option.Settings

// parseOptions reads what a client chose; the others have their defaults.
func parseOptions(data []byte) (Options, error) {
	o := option.Defaults()
	if len(bytes.TrimSpace(data)) == 0 {
		return o, nil
	}
	if err := o.Read(data, option.Served, true); err != nil {
		return o, fmt.Errorf("%w: options: %w", errRequest, err)
	}
	return o, nil
}

// checkOptions finds what does not go together, or is not there.
func checkOptions(o Options, networks, snapshots []string) error {
	for _, name := range []struct {
		option, value string
		there         []string
	}{{"backbone", o.Network, networks}, {"snapshot", o.Snapshot, snapshots}} {
		if name.value != "" && !slices.Contains(name.there, name.value) {
			return fmt.Errorf("%w: options: %s is %q: it must be one of %q", errRequest, name.option, name.value, name.there)
		}
	}
	if err := o.Misplaced(); err != nil {
		return fmt.Errorf("%w: options: %w", errRequest, err)
	}
	return nil
}

// least is the number of images that can be scored.
func least(o Options) int {
	if o.Snapshot != "" {
		return 1
	}
	return 2
}
