// Command serve loads a running "codegraph serve" from several clients at
// once: each uploads a rendered batch to /api/scores and waits for the scores.
// It fails if an image or a run is lost, and prints how long uploads and runs
// took. bench/serve.sh starts a server of its own for it.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"

	"codegraph/internal/eval/synth"
	"codegraph/internal/serve/store"
)

func main() {
	url := flag.String("url", "http://127.0.0.1:8080", "address of the server")
	clients := flag.Int("clients", 8, "clients at once")
	images := flag.Int("images", 50, "images that each sends")
	side := flag.Int("side", 160, "side of the images in pixels")
	options := flag.String("options", `{"size":320,"grid":20}`, "options of the runs, JSON")
	flag.Parse()
	if err := load(context.Background(), *url, *clients, *images, *side, *options); err != nil {
		fmt.Fprintln(os.Stderr, "bench/serve:", err)
		os.Exit(1)
	}
}

// answer is what this needs of the scores.
type answer struct {
	Error  string
	Run    store.Run
	Images []struct{ Name string }
}

func load(ctx context.Context, url string, clients, images, side int, options string) error {
	uploads := make([]upload, clients)
	for i := range uploads {
		var err error
		if uploads[i], err = render(ctx, images, side, uint64(i), options); err != nil {
			return err
		}
	}
	answers, errs := make([]answer, clients), make([]error, clients)
	start := time.Now()
	var wg sync.WaitGroup
	for i := range uploads {
		wg.Go(func() { answers[i], errs[i] = uploads[i].send(ctx, url) })
	}
	wg.Wait()
	took := time.Since(start)
	if err := errors.Join(errs...); err != nil {
		return err
	}
	report(answers, took)
	return nil
}

// upload is a form and the names of its images.
type upload struct {
	kind  string
	body  []byte
	names []string
}

func render(ctx context.Context, images, side int, seed uint64, options string) (upload, error) {
	samples, err := synth.Render(ctx, synth.Config{Kind: synth.Washer, Size: side, Seed: seed, Good: images - images/5, Rare: images/5 - images/10, Recurring: images / 10})
	if err != nil {
		return upload{}, err
	}
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	u := upload{kind: w.FormDataContentType()}
	err = w.WriteField("options", options)
	for _, s := range samples {
		part, perr := w.CreateFormFile("files", s.Name)
		if err = errors.Join(err, perr); err != nil {
			return u, err
		}
		err = png.Encode(part, s.Image)
		u.names = append(u.names, s.Name)
	}
	err = errors.Join(err, w.Close())
	u.body = body.Bytes()
	slices.Sort(u.names)
	return u, err
}

// send uploads and wants the scores of exactly these images.
func (u *upload) send(ctx context.Context, url string) (a answer, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/api/scores", bytes.NewReader(u.body))
	if err != nil {
		return a, err
	}
	req.Header.Set("Content-Type", u.kind)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return a, err
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		return a, err
	}
	if err := json.Unmarshal(data, &a); err != nil {
		return a, fmt.Errorf("%s: %w", res.Status, err)
	}
	if res.StatusCode != http.StatusOK {
		return a, fmt.Errorf("%s: %s", res.Status, a.Error)
	}
	var got []string
	for _, im := range a.Images {
		got = append(got, im.Name)
	}
	slices.Sort(got)
	if a.Run.Status != store.Done || !slices.Equal(got, u.names) {
		return a, fmt.Errorf("run %s is %s with %d images; %d were sent", a.Run.ID, a.Run.Status, len(got), len(u.names))
	}
	return a, nil
}

// report prints the runs in their order. A run was taken in at Created, which
// for the last one is when all uploads were.
func report(answers []answer, took time.Duration) {
	slices.SortFunc(answers, func(a, b answer) int { return a.Run.Started.Compare(*b.Run.Started) })
	first, images := answers[0].Run.Created, 0
	fmt.Println("run                       images  waited s  ran s")
	for _, a := range answers {
		r := a.Run
		images += r.Images
		if r.Created.Before(first) {
			first = r.Created
		}
		fmt.Printf("%s  %6d  %8.1f  %5.1f\n", r.ID, r.Images, r.Started.Sub(r.Created).Seconds(), r.Ended.Sub(*r.Started).Seconds())
	}
	fmt.Printf("%d runs, %d images, none lost, in %.1f s: %.0f images per minute\n", len(answers), images, took.Seconds(), float64(images)/took.Minutes())
}
