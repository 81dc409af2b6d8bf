package report

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"codegraph/internal/outdir"
)

// dataOpen and dataClose are around the data of a page.
const (
	dataOpen  = `<script type="application/json" id="data">`
	dataClose = "</script>"
)

// Zip writes an archive of the output folder dir and of the photographs, with a
// page whose links lead into the archive: what can be handed over. photo opens the
// file of an image; one that is gone has no link. The same output gives the same
// bytes.
func Zip(ctx context.Context, w io.Writer, dir string, photo func(im *Image) (io.ReadCloser, error)) error {
	doc, err := Read(dir)
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("zip: %w", err)
	}
	defer root.Close()
	z := zip.NewWriter(w)
	links, err := zipPhotos(ctx, z, doc, photo)
	if err != nil {
		return err
	}
	for _, name := range doc.Files {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		f, err := root.Open(filepath.FromSlash(name))
		if err != nil {
			return fmt.Errorf("zip: %w", err)
		}
		var content io.Reader = f
		if name == PageName {
			content, err = relinked(f, links)
		}
		if err == nil {
			err = zipFile(z, name, content)
		}
		f.Close()
		if err != nil {
			return fmt.Errorf("zip: %s: %w", name, err)
		}
	}
	return z.Close()
}

// zipPhotos adds the photographs and returns where each is; nil for nowhere.
func zipPhotos(ctx context.Context, z *zip.Writer, doc *Document, photo func(im *Image) (io.ReadCloser, error)) ([]*string, error) {
	names := make([]string, len(doc.Images))
	for i := range names {
		names[i] = doc.Images[i].Name
	}
	links := make([]*string, len(names))
	for i, stem := range fileStems(names) {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		f, err := photo(&doc.Images[i])
		if err != nil {
			continue
		}
		name := path.Join(outdir.Input, stem+strings.ToLower(path.Ext(names[i])))
		err = zipFile(z, name, f)
		f.Close()
		if err != nil {
			return nil, fmt.Errorf("zip: photograph %s: %w", names[i], err)
		}
		links[i] = relativeURL(name)
	}
	return links, nil
}

// zipFile adds a file; images are compressed already.
func zipFile(z *zip.Writer, name string, content io.Reader) error {
	h := &zip.FileHeader{Name: name, Method: zip.Store}
	switch path.Ext(name) {
	case ".html", ".json", ".csv", ".npy":
		h.Method = zip.Deflate
	}
	f, err := z.CreateHeader(h)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, content)
	return err
}

// relinked is a page whose images are linked with these photographs.
func relinked(page io.Reader, links []*string) (io.Reader, error) {
	text, err := io.ReadAll(page)
	if err != nil {
		return nil, err
	}
	text, err = patched(text, func(_ map[string]json.RawMessage, images []map[string]json.RawMessage) (err error) {
		if len(images) != len(links) {
			return errors.New("the page is of other images")
		}
		for i := range images {
			if images[i]["full"], err = json.Marshal(links[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return bytes.NewReader(text), err
}
