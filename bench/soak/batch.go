package main

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"image/png"
	"math/rand/v2"
	"mime/multipart"
	"os"
	"path/filepath"

	"codegraph/internal/eval/synth"
)

// photo is a rendered part as a file.
type photo struct {
	name string
	data []byte
}

// render makes n photographs.
func render(ctx context.Context, n int, seed uint64) ([]photo, error) {
	samples, err := synth.Render(ctx, synth.Config{Kind: synth.Washer, Size: 64, Seed: seed, Good: n - n/5, Rare: n / 5})
	if err != nil {
		return nil, err
	}
	var photos []photo
	for _, s := range samples {
		var b bytes.Buffer
		if err := png.Encode(&b, s.Image); err != nil {
			return nil, err
		}
		photos = append(photos, photo{filepath.Base(s.Name), b.Bytes()})
	}
	return photos, nil
}

// batch is a choice of photographs, numbered so that their names differ.
func batch(from []photo, n int, rng *rand.Rand) []photo {
	var out []photo
	for k, i := range rng.Perm(len(from))[:n] {
		out = append(out, photo{fmt.Sprintf("%02d-%s", k, from[i].name), from[i].data})
	}
	return out
}

func digests(photos []photo) map[string][sha256.Size]byte {
	out := make(map[string][sha256.Size]byte)
	for _, p := range photos {
		out[p.name] = sha256.Sum256(p.data)
	}
	return out
}

// form is an upload.
func form(photos []photo, options, name string, asZip bool) (kind string, body []byte, err error) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	err = errors.Join(w.WriteField("options", options), w.WriteField("name", name))
	if asZip {
		var z []byte
		z, err2 := zipped(photos)
		photos, err = []photo{{"batch.zip", z}}, errors.Join(err, err2)
	}
	for _, p := range photos {
		part, perr := w.CreateFormFile("files", p.name)
		if err = errors.Join(err, perr); err != nil {
			return "", nil, err
		}
		_, perr = part.Write(p.data)
		err = errors.Join(err, perr)
	}
	err = errors.Join(err, w.Close())
	return w.FormDataContentType(), b.Bytes(), err
}

func zipped(photos []photo) ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, p := range photos {
		w, err := z.Create(p.name)
		if err != nil {
			return nil, err
		}
		if _, err := w.Write(p.data); err != nil {
			return nil, err
		}
	}
	err := z.Close()
	return b.Bytes(), err
}

// put writes photographs into a folder.
func put(dir string, photos []photo) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	for _, p := range photos {
		// In its place at once: a watched folder's images are whole.
		temp := filepath.Join(dir, "."+p.name)
		if err := errors.Join(os.WriteFile(temp, p.data, 0o666), os.Rename(temp, filepath.Join(dir, p.name))); err != nil {
			return err
		}
	}
	return nil
}
