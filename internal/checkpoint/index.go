package checkpoint

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"

	"codegraph/internal/regular"
)

// indexSuffix ends the name of an index of shards, after that of the whole.
const indexSuffix = ".index.json"

// maxIndex bounds an index: a larger one is not a list of tensors.
const maxIndex = 100_000_000

// addIndex takes the tensors of all shards that an index names.
func (f *File) addIndex(path string) error {
	shards, err := readIndex(path)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for _, shard := range slices.Sorted(maps.Keys(shards)) {
		want := shards[shard]
		if err := f.add(filepath.Join(filepath.Dir(path), shard), want); err != nil {
			return err
		}
		for _, name := range slices.Sorted(maps.Keys(want)) {
			if f.tensors[name] == nil {
				return fmt.Errorf("%s: tensor %q is not in %s, where the index has it", path, name, shard)
			}
		}
	}
	return nil
}

// readIndex returns the names of the tensors in each shard.
func readIndex(path string) (map[string]map[string]bool, error) {
	file, err := regular.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxIndex+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxIndex {
		return nil, fmt.Errorf("the index has more than %d bytes", maxIndex)
	}
	return parseIndex(data)
}

func parseIndex(data []byte) (map[string]map[string]bool, error) {
	var index struct {
		WeightMap map[string]string `json:"weight_map"`
	}
	if err := json.Unmarshal(data, &index); err != nil {
		return nil, fmt.Errorf("the index is not JSON of the expected form: %w", err)
	}
	if len(index.WeightMap) == 0 {
		return nil, errors.New("the index has no weight_map")
	}
	shards := make(map[string]map[string]bool)
	for name, shard := range index.WeightMap {
		if shard == "." || !filepath.IsLocal(shard) || filepath.Base(shard) != shard {
			return nil, fmt.Errorf("tensor %q is in %q: a shard must lie beside the index", name, shard)
		}
		if shards[shard] == nil {
			shards[shard] = make(map[string]bool)
		}
		shards[shard][name] = true
	}
	return shards, nil
}
