package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
)

// weights are the files that hold a network, the best first; of one that ends
// in .index.json the shards that it names belong to it.
var weights = []string{
	"model.safetensors", "model.safetensors.index.json", "open_clip_model.safetensors",
	"pytorch_model.bin", "pytorch_model.bin.index.json", "open_clip_pytorch_model.bin",
}

// beside are the files that say what network it is; none need be there.
var beside = []string{"config.json", "preprocessor_config.json", "open_clip_config.json"}

// Pull fetches a network, unless it is in the cache as the hub has it, and
// returns its folder there. What was fetched before it failed is kept, and the
// next call goes on from it.
func (c *Client) Pull(ctx context.Context, s string) (string, error) {
	n, ok := parse(s)
	if !ok {
		return "", fmt.Errorf("hub: %q is not OWNER/NAME", s)
	}
	if c.Offline {
		return "", fmt.Errorf("hub: %s: HF_HUB_OFFLINE is set, so that nothing is fetched", s)
	}
	dir, err := c.pull(ctx, n)
	if err != nil {
		return "", fmt.Errorf("hub: %s: %w", s, err)
	}
	return dir, nil
}

func (c *Client) pull(ctx context.Context, n name) (string, error) {
	file, m, err := c.find(ctx, n)
	if err != nil {
		return "", err
	}
	at := name{n.repository, m.commit} // all files of one commit
	for _, other := range beside {
		o, err := c.head(ctx, at, other)
		if errors.Is(err, errNoFile) {
			continue
		}
		if err == nil {
			err = c.fetch(ctx, at, other, o)
		}
		if err != nil {
			return "", err
		}
	}
	if err := c.fetch(ctx, at, file, m); err != nil {
		return "", err
	}
	dir := filepath.Join(c.folder(n), "snapshots", m.commit)
	if filepath.Ext(file) == ".json" {
		if err := c.shards(ctx, at, filepath.Join(dir, file)); err != nil {
			return "", err
		}
	}
	return dir, c.refer(n, m.commit)
}

// find is the file that holds the network.
func (c *Client) find(ctx context.Context, n name) (string, *meta, error) {
	for _, file := range weights {
		m, err := c.head(ctx, n, file)
		if err == nil || !errors.Is(err, errNoFile) {
			return file, m, err
		}
	}
	return "", nil, fmt.Errorf("%s has no such network, or none of the files %v in it", c.Endpoint, weights)
}

// shards fetches the files that an index names.
func (c *Client) shards(ctx context.Context, n name, index string) error {
	data, err := os.ReadFile(index)
	if err != nil {
		return err
	}
	var list struct {
		Map map[string]string `json:"weight_map"`
	}
	if err := json.Unmarshal(data, &list); err != nil {
		return fmt.Errorf("%s: %w", index, err)
	}
	var files []string
	for _, file := range list.Map {
		if !filepath.IsLocal(file) || filepath.Base(file) != file || file == "." {
			return fmt.Errorf("%s names the shard %q: it must lie beside", index, file)
		}
		files = append(files, file)
	}
	slices.Sort(files)
	for _, file := range slices.Compact(files) {
		m, err := c.head(ctx, n, file)
		if err == nil {
			err = c.fetch(ctx, n, file, m)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// refer notes which commit a revision is.
func (c *Client) refer(n name, commit string) error {
	if n.revision == commit {
		return nil
	}
	refs := filepath.Join(c.folder(n), "refs")
	if err := os.MkdirAll(refs, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(refs, n.revision), []byte(commit), 0o644)
}

// link puts a blob into a snapshot under its name: as a relative link, or where
// there are no links as the file itself.
func (c *Client) link(n name, file string, m *meta) error {
	at := filepath.Join(c.folder(n), "snapshots", m.commit, file)
	if _, err := os.Stat(at); err == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
		return err
	}
	if err := os.Remove(at); err != nil && !errors.Is(err, fs.ErrNotExist) { // a link to nothing
		return err
	}
	err := os.Symlink(filepath.Join("..", "..", "blobs", m.digest), at)
	if err != nil && runtime.GOOS == "windows" {
		return os.Rename(filepath.Join(c.folder(n), "blobs", m.digest), at)
	}
	return err
}
