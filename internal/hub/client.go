package hub

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"codegraph/internal/checkpoint"
)

// Endpoint is the hub where HF_ENDPOINT names no other.
const Endpoint = "https://huggingface.co"

// Client fetches from one hub into one cache.
type Client struct {
	Endpoint string
	Token    string // "": none
	Cache    string // folder
	Offline  bool   // nothing may be fetched
	// Progress is told how much of a file is there; nil: nobody is.
	Progress func(file string, done, total int64)

	http *http.Client
	wait time.Duration // before the first retry; it doubles
}

// FromEnvironment is the client that the environment describes.
func FromEnvironment() (*Client, error) {
	c := &Client{Endpoint: Endpoint, Token: os.Getenv("HF_TOKEN"), Cache: os.Getenv("HF_HUB_CACHE")}
	if e := os.Getenv("HF_ENDPOINT"); e != "" {
		c.Endpoint = strings.TrimRight(e, "/")
	}
	u, err := url.Parse(c.Endpoint)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return nil, fmt.Errorf("hub: HF_ENDPOINT is %q: it takes the address of a hub, https://…", c.Endpoint)
	}
	switch strings.ToUpper(os.Getenv("HF_HUB_OFFLINE")) {
	case "1", "TRUE", "YES", "ON":
		c.Offline = true
	}
	if c.Cache == "" {
		home, err := home()
		if err != nil {
			return nil, fmt.Errorf("hub: there is no cache: %w; set HF_HOME", err)
		}
		c.Cache = filepath.Join(home, "hub")
	}
	return c, nil
}

// home is the folder that the hub's tools keep things in.
func home() (string, error) {
	if dir := os.Getenv("HF_HOME"); dir != "" {
		return dir, nil
	}
	if dir := os.Getenv("XDG_CACHE_HOME"); dir != "" {
		return filepath.Join(dir, "huggingface"), nil
	}
	user, err := os.UserHomeDir()
	return filepath.Join(user, ".cache", "huggingface"), err
}

// name is a repository and a revision of it.
type name struct{ repository, revision string }

var (
	repositories = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,95}/[A-Za-z0-9][A-Za-z0-9._-]{0,95}$`)
	revisions    = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,95}$`)
)

// parse reads OWNER/NAME or OWNER/NAME@REVISION.
func parse(s string) (name, bool) {
	repository, revision, given := strings.Cut(s, "@")
	if !given {
		revision = "main"
	}
	ok := repositories.MatchString(repository) && revisions.MatchString(revision) && !strings.Contains(s, "..") && !strings.Contains(repository, "--")
	return name{repository, revision}, ok
}

// Valid reports whether s has the form OWNER/NAME or OWNER/NAME@REVISION.
func Valid(s string) bool {
	_, ok := parse(s)
	return ok
}

// folder is where the cache keeps the repository.
func (c *Client) folder(n name) string {
	return filepath.Join(c.Cache, "models--"+strings.ReplaceAll(n.repository, "/", "--"))
}

// ErrAbsent is wrapped by the error about a network that is not in the cache.
var ErrAbsent = errors.New("not in the cache")

// Cached is the folder of a network that is whole in the cache.
func (c *Client) Cached(s string) (string, error) {
	n, ok := parse(s)
	if !ok {
		return "", fmt.Errorf("hub: %q is not OWNER/NAME", s)
	}
	commit := n.revision
	if ref, err := os.ReadFile(filepath.Join(c.folder(n), "refs", n.revision)); err == nil {
		commit = strings.TrimSpace(string(ref))
	}
	dir := filepath.Join(c.folder(n), "snapshots", commit)
	if !commits.MatchString(commit) || !checkpoint.Holds(dir) {
		return "", fmt.Errorf("hub: %s is %w %s", s, ErrAbsent, c.Cache)
	}
	return dir, nil
}
