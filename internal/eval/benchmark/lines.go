package benchmark

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// ReadLines has each JSON line of a file used.
func ReadLines[T any](name string, use func(*T) error) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	lines := json.NewDecoder(bufio.NewReader(f))
	for n := 1; ; n++ {
		v := new(T)
		switch err := lines.Decode(v); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("%s: line %d: %w; remove the torn line, or name another file with --out", name, n, err)
		}
		if err := use(v); err != nil {
			return err
		}
	}
}
