package serve

import (
	"bytes"
	"errors"
	"fmt"
	"image/jpeg"
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"codegraph/imageset"
	"codegraph/internal/serve/store"
	"codegraph/report"
)

// types are the kinds of files that runs have.
var types = map[string]string{
	".html": "text/html; charset=utf-8", ".json": "application/json", ".csv": "text/csv; charset=utf-8", ".npy": "application/octet-stream",
	".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp", ".bmp": "image/bmp", ".tif": "image/tiff", ".tiff": "image/tiff",
}

// sendTime is what a client has for a file.
const sendTime = 10 * time.Minute

// outputFile sends a file of a run's output.
func (s *Server) outputFile(w http.ResponseWriter, r *http.Request) {
	dir, err := s.store.OutputDir(r.PathValue("run"))
	s.fileOf(w, r, dir, err)
}

// inputFile sends an image as it was taken in.
func (s *Server) inputFile(w http.ResponseWriter, r *http.Request) {
	dir, err := s.store.InputDir(r.PathValue("input"))
	s.fileOf(w, r, dir, err)
}

func (s *Server) fileOf(w http.ResponseWriter, r *http.Request, dir string, err error) {
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.file(w, r, dir, r.PathValue("name"))
}

// file sends a regular file below dir, and nothing that a link or dots lead to
// outside of it.
func (s *Server) file(w http.ResponseWriter, r *http.Request, dir, name string) {
	f, err := open(dir, name)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		s.fail(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", types[strings.ToLower(path.Ext(name))])
	h.Set("Cache-Control", "private, max-age=3600")
	if name == report.PageName {
		h.Set("Content-Security-Policy", report.Policy()+"; frame-ancestors 'self'")
	}
	http.NewResponseController(w).SetWriteDeadline(time.Now().Add(sendTime))
	http.ServeContent(w, r, "", info.ModTime(), f)
}

func open(dir, name string) (*os.File, error) {
	missing := fmt.Errorf("file %q: %w", name, store.ErrNotFound)
	if !fs.ValidPath(name) || types[strings.ToLower(path.Ext(name))] == "" || strings.HasPrefix(path.Base(name), ".") {
		return nil, missing
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, missing
	}
	defer root.Close()
	f, err := root.Open(filepath.FromSlash(name))
	if err != nil {
		return nil, missing
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		f.Close()
		return nil, missing
	}
	return f, nil
}

// thumbnailSide is the longer side of a thumbnail, in pixels.
const thumbnailSide = 320

// thumbnail sends a small JPEG of an image that was taken in.
func (s *Server) thumbnail(w http.ResponseWriter, r *http.Request) {
	data, err := s.shrunk(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "image/jpeg")
	w.Header().Set("Cache-Control", "private, max-age=86400, immutable") // an input never changes
	w.Write(data)
}

func (s *Server) shrunk(r *http.Request) ([]byte, error) {
	dir, err := s.store.InputDir(r.PathValue("input"))
	if err != nil {
		return nil, err
	}
	name := r.PathValue("name")
	f, err := open(dir, name)
	if err != nil {
		return nil, err
	}
	f.Close()
	if err := s.drawing.Acquire(r.Context(), 1); err != nil {
		return nil, err
	}
	defer s.drawing.Release(1)
	p, err := imageset.Load(r.Context(), imageset.Item{Name: name, Path: filepath.Join(dir, filepath.FromSlash(name))}, imageset.Limits{MaxPixels: s.cfg.Limits.Pixels})
	if err != nil {
		return nil, &statusError{http.StatusNotFound, errors.New("the image cannot be read")}
	}
	img := p.Image
	if long := max(p.Width, p.Height); long > thumbnailSide {
		img = imageset.Resize(img, max(1, p.Width*thumbnailSide/long), max(1, p.Height*thumbnailSide/long), imageset.Bicubic)
	}
	var out bytes.Buffer
	err = jpeg.Encode(&out, img, &jpeg.Options{Quality: 80})
	return out.Bytes(), err
}
