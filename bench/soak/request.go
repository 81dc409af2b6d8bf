package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"
)

const token = "token of the soak"

// table is what docs/serve.md says a request may be answered with but for a full disk,
// and 415, which is the client's fault.
var table = []int{200, 202, 204, 400, 401, 403, 404, 408, 409, 413, 415, 421, 422, 503}

// errDown says that the server was not there, or went away.
var errDown = errors.New("the server is down")

// ask sends a request, judges the answer as such, and decodes it into v if it is 200 or
// 202. A body is JSON unless kind says otherwise.
func (s *soak) ask(ctx context.Context, method, path, kind string, body []byte, v any, headers ...string) (code int, text []byte, err error) {
	url := s.server.url.Load()
	if url == nil {
		return 0, nil, errDown
	}
	req, err := http.NewRequestWithContext(ctx, method, *url+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if kind == "" {
		kind = "application/json"
	}
	req.Header.Set("Content-Type", kind)
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			req.Host = headers[i+1]
		}
		req.Header.Set(headers[i], headers[i+1])
	}
	s.requests.Add(1)
	full := s.isFull()
	res, err := s.http.Do(req)
	if err == nil {
		defer res.Body.Close()
		text, err = io.ReadAll(res.Body)
	}
	if err != nil {
		s.lost.Add(1)
		return 0, nil, errDown
	}
	code = res.StatusCode
	known := slices.Contains(table, code) || code == http.StatusInsufficientStorage && (full || s.isFull())
	s.check(statuses, known, "%s %s: status %d, the disk is full: %v: %.300s", method, path, code, full, text)
	var e struct{ Error string }
	switch {
	case code >= 400:
		s.check(errorsJSON, json.Unmarshal(text, &e) == nil && e.Error != "", "%s %s: %d, %.100q", method, path, code, text)
	case v != nil && code <= http.StatusAccepted:
		err = json.Unmarshal(text, v)
	}
	return code, text, err
}

// get asks for what v is decoded from.
func (s *soak) get(ctx context.Context, path string, v any) (code int, err error) {
	code, _, err = s.ask(ctx, "GET", path, "", nil, v)
	return code, err
}

// isFull reports whether the disk is full, or was a moment ago.
func (s *soak) isFull() bool { return time.Now().UnixNano() < s.fullUntil.Load() }

// photo is a file with a rendered part.
type photo struct {
	name string
	data []byte
}

// choose takes n photographs, numbered so that their names differ.
func (c *client) choose(n int) (out []photo) {
	for k, i := range c.rng.Perm(len(c.photos))[:n] {
		out = append(out, photo{fmt.Sprintf("%02d-%s", k, c.photos[i].name), c.photos[i].data})
	}
	return out
}

// form is an upload. Writing to memory does not fail.
func form(photos []photo, options, name string) (kind string, body []byte) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	w.WriteField("options", options)
	w.WriteField("name", name)
	for _, p := range photos {
		part, _ := w.CreateFormFile("files", p.name)
		part.Write(p.data)
	}
	w.Close()
	return w.FormDataContentType(), b.Bytes()
}

func zipped(photos []photo) []photo {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, p := range photos {
		w, _ := z.Create(p.name)
		w.Write(p.data)
	}
	z.Close()
	return []photo{{"batch.zip", b.Bytes()}}
}

// put writes photographs into a folder, each in its place at once: those of a watched
// folder are whole.
func put(dir string, photos []photo) error {
	err := os.MkdirAll(dir, 0o777)
	for _, p := range photos {
		temp := filepath.Join(dir, "."+p.name)
		err = errors.Join(err, os.WriteFile(temp, p.data, 0o666), os.Rename(temp, filepath.Join(dir, p.name)))
	}
	return err
}
