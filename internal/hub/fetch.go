package hub

import (
	"context"
	"crypto/sha1" //nolint:gosec // Git's own identifiers of small files
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

var (
	commits = regexp.MustCompile(`^[0-9a-f]{40}$`)
	digests = regexp.MustCompile(`^[0-9a-f]{40}([0-9a-f]{24})?$`) // SHA-1 or SHA-256
)

// meta is what the hub says of a file.
type meta struct {
	commit, digest string
	size           int64
}

// errNoFile is the error about a file that the repository has not.
var errNoFile = errors.New("no such file on the hub")

// tries is how often a request is made that gets no further.
const tries = 5

// passing marks an error that another try may not meet.
type passing struct{ error }

func (e passing) Unwrap() error { return e.error }

func (c *Client) address(n name, file string) string {
	return fmt.Sprintf("%s/%s/resolve/%s/%s", c.Endpoint, n.repository, n.revision, file)
}

// do makes a request. The token goes to the hub alone: the client drops it on
// the way to another host.
func (c *Client) do(ctx context.Context, method, address string, from int64) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("User-Agent", "codegraph")
	r.Header.Set("Accept-Encoding", "identity")
	if c.Token != "" {
		r.Header.Set("Authorization", "Bearer "+c.Token)
	}
	if from > 0 {
		r.Header.Set("Range", fmt.Sprintf("bytes=%d-", from))
	}
	client := http.Client{}
	if c.http != nil {
		client = *c.http
	}
	if method == http.MethodHead { // what is said of a file is said before another host gives it
		client.CheckRedirect = func(next *http.Request, via []*http.Request) error {
			if next.URL.Host != via[0].URL.Host || len(via) > 9 {
				return http.ErrUseLastResponse
			}
			return nil
		}
	}
	resp, err := client.Do(r)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, passing{fmt.Errorf("%s cannot be reached: %w", c.Endpoint, err)}
	}
	return resp, nil
}

// refusal is the error for a status that is none of success.
func (c *Client) refusal(n name, file string, resp *http.Response) error {
	code := resp.Header.Get("X-Error-Code")
	switch {
	case code == "GatedRepo" || resp.StatusCode == http.StatusForbidden:
		return fmt.Errorf("access must be granted first: accept its terms at %s/%s and put a token of yours into HF_TOKEN", c.Endpoint, n.repository)
	case code == "RepoNotFound" || resp.StatusCode == http.StatusUnauthorized:
		if c.Token == "" {
			return fmt.Errorf("%s knows no such network, or it is private: look at its name, or put a token into HF_TOKEN", c.Endpoint)
		}
		return fmt.Errorf("%s knows no such network, or HF_TOKEN has no access to it", c.Endpoint)
	case code == "RevisionNotFound":
		return fmt.Errorf("it has no revision %s", n.revision)
	case resp.StatusCode == http.StatusNotFound:
		return fmt.Errorf("%s: %w", file, errNoFile)
	}
	err := fmt.Errorf("%s: the hub answers %s", file, resp.Status)
	if resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode >= 500 {
		return passing{err}
	}
	return err
}

// again calls f until it succeeds, fails for good, or has failed tries times
// without getting any further.
func (c *Client) again(ctx context.Context, f func() (progress bool, err error)) error {
	wait := c.wait
	if wait == 0 {
		wait = time.Second
	}
	for left := tries; ; {
		progress, err := f()
		var may passing
		if err == nil || !errors.As(err, &may) {
			return err
		}
		if left--; progress {
			left, wait = tries, max(c.wait, time.Millisecond)
		}
		if left == 0 {
			return fmt.Errorf("%w (%d tries)", err, tries)
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return ctx.Err()
		}
		wait *= 2
	}
}

// head asks what the hub says of a file.
func (c *Client) head(ctx context.Context, n name, file string) (m *meta, err error) {
	err = c.again(ctx, func() (bool, error) {
		resp, err := c.do(ctx, http.MethodHead, c.address(n, file), 0)
		if err != nil {
			return false, err
		}
		defer resp.Body.Close()
		if resp.StatusCode >= 400 {
			return false, c.refusal(n, file, resp)
		}
		m, err = describe(resp)
		return false, err
	})
	if err != nil && !errors.Is(err, errNoFile) {
		err = fmt.Errorf("%s: %w", file, err)
	}
	return m, err
}

// describe reads what the headers say.
func describe(resp *http.Response) (*meta, error) {
	h := resp.Header
	m := &meta{commit: h.Get("X-Repo-Commit"), digest: h.Get("X-Linked-Etag"), size: resp.ContentLength}
	if m.digest == "" {
		m.digest = h.Get("ETag")
	}
	m.digest = strings.Trim(strings.TrimPrefix(m.digest, "W/"), `"`)
	if s := h.Get("X-Linked-Size"); s != "" {
		if _, err := fmt.Sscan(s, &m.size); err != nil {
			m.size = -1
		}
	}
	if !commits.MatchString(m.commit) || !digests.MatchString(m.digest) || m.size < 0 {
		return nil, fmt.Errorf("the answer has no commit, size or digest to check a file by: is %s a model hub?", resp.Request.URL.Host)
	}
	return m, nil
}

// fetch puts a file into the cache, going on from what is there of it.
func (c *Client) fetch(ctx context.Context, n name, file string, m *meta) error {
	blob := filepath.Join(c.folder(n), "blobs", m.digest)
	snapshot := filepath.Join(c.folder(n), "snapshots", m.commit, file)
	for _, there := range []string{blob, snapshot} {
		if stat, err := os.Stat(there); err == nil && stat.Size() == m.size {
			return c.link(n, file, m)
		}
	}
	if err := os.MkdirAll(filepath.Dir(blob), 0o755); err != nil {
		return err
	}
	part, err := os.OpenFile(blob+".incomplete", os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	err = c.again(ctx, func() (bool, error) { return c.more(ctx, n, file, m, part) })
	if err == nil {
		err = verify(part, m)
	}
	if err = errors.Join(err, part.Close()); err != nil {
		if errors.Is(err, errDigest) {
			err = errors.Join(err, os.Remove(part.Name()))
		}
		return fmt.Errorf("%s: %w", file, err)
	}
	if err := os.Rename(part.Name(), blob); err != nil {
		return err
	}
	return c.link(n, file, m)
}

// more fetches what part lacks, and reports whether there is more of it than
// before.
func (c *Client) more(ctx context.Context, n name, file string, m *meta, part *os.File) (progress bool, err error) {
	have, err := part.Seek(0, io.SeekEnd)
	if err == nil && have > m.size {
		have, err = 0, part.Truncate(0)
	}
	if err != nil || have == m.size {
		return false, err
	}
	before := have
	resp, err := c.do(ctx, http.MethodGet, c.address(n, file), have)
	if err != nil {
		return false, err
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode == http.StatusRequestedRangeNotSatisfiable:
		return false, errors.Join(passing{errors.New("the hub refuses to go on; from the start again")}, part.Truncate(0))
	case resp.StatusCode >= 400:
		return false, c.refusal(n, file, resp)
	case resp.StatusCode != http.StatusPartialContent || !strings.HasPrefix(resp.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-", have)):
		if have, err = 0, part.Truncate(0); err != nil { // it starts anew
			return false, err
		}
	}
	if _, err := part.Seek(have, io.SeekStart); err != nil {
		return false, err
	}
	w := &counter{file: part, count: func(done int64) {
		if c.Progress != nil {
			c.Progress(file, done, m.size)
		}
	}, done: have}
	got, err := io.Copy(w, io.LimitReader(resp.Body, m.size-have+1))
	switch {
	case ctx.Err() != nil:
		return have+got > before, ctx.Err()
	case w.err != nil: // of the disk
		return have+got > before, w.err
	case have+got > m.size:
		return false, fmt.Errorf("it is longer than the %d bytes that the hub says", m.size)
	case err != nil || have+got < m.size:
		return have+got > before, passing{fmt.Errorf("the connection ended after %d of %d bytes", have+got, m.size)}
	}
	return true, nil
}

// counter writes to a file and tells how much.
type counter struct {
	file  *os.File
	done  int64
	count func(done int64)
	err   error
}

func (w *counter) Write(p []byte) (int, error) {
	n, err := w.file.Write(p)
	w.done += int64(n)
	w.count(w.done)
	w.err = err
	return n, err
}

// errDigest is the error about a file that is not what the hub says.
var errDigest = errors.New("what came is not what the hub says; try again, and ask who serves it if it stays so")

// verify compares a file's digest: SHA-256 of its contents or, of 40 digits,
// Git's SHA-1 of "blob SIZE\0" and its contents.
func verify(f *os.File, m *meta) error {
	h := sha256.New()
	if len(m.digest) == 40 {
		h = sha1.New() //nolint:gosec // as above
		fmt.Fprintf(h, "blob %d\x00", m.size)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if _, err := io.Copy(h, f); err != nil {
		return err
	}
	if sum := hex.EncodeToString(h.Sum(nil)); sum != m.digest {
		return fmt.Errorf("its digest is %s, not %s: %w", sum, m.digest, errDigest)
	}
	return nil
}
