package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"codegraph/internal/serve/store"
)

// options make a run as short as it can be.
const options = `{"size":64,"grid":4,"align":"off"}`

const token = "token of the soak"

// table is what docs/serve.md says a request may be answered with, and 408 and 415,
// which are the client's fault.
var table = []int{200, 202, 204, 400, 401, 403, 404, 408, 409, 413, 415, 421, 422, 503}

// errDown says that the server was not there, or went away.
var errDown = errors.New("the server is down")

// client does one thing after the other, by chance.
type client struct {
	*soak
	rng  *rand.Rand
	name string
	n    int
}

// answer is the answer to a request.
type answer struct {
	code int
	body []byte
}

func (a answer) decode(v any) error { return json.Unmarshal(a.body, v) }

// ask sends a request and judges the answer as such.
func (c *client) ask(ctx context.Context, method, path, kind string, body []byte, headers ...string) (a answer, err error) {
	url := c.server.url.Load()
	if url == nil {
		return a, errDown
	}
	req, err := http.NewRequestWithContext(ctx, method, *url+path, bytes.NewReader(body))
	if err != nil {
		return a, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i] == "Host" {
			req.Host = headers[i+1]
		}
		req.Header.Set(headers[i], headers[i+1])
	}
	c.requests.Add(1)
	full := c.isFull()
	res, err := c.http.Do(req)
	if err != nil {
		c.lost.Add(1)
		return a, errDown
	}
	defer res.Body.Close()
	if a.body, err = io.ReadAll(res.Body); err != nil {
		c.lost.Add(1)
		return a, errDown
	}
	a.code = res.StatusCode
	c.judge(method, path, a, full || c.isFull())
	return a, nil
}

// judge checks what holds for any answer.
func (c *client) judge(method, path string, a answer, full bool) {
	known := slices.Contains(table, a.code) || a.code == http.StatusInsufficientStorage && full
	c.check(statuses, known, "%s %s: status %d, the disk is full: %v: %.300s", method, path, a.code, full, a.body)
	if a.code >= 400 {
		var e struct{ Error string }
		err := a.decode(&e)
		c.check(errorsJSON, err == nil && e.Error != "", "%s %s: %d, %.100q", method, path, a.code, a.body)
	}
}

// work acts until the time is over.
func (c *client) work(ctx context.Context) {
	actions := []func(context.Context) error{
		c.upload, c.upload, c.upload, c.score, c.goAway, c.cancel, c.cancel, c.remove, c.remove, c.runAgain, c.rename,
		c.answer, c.read, c.read, c.wrong, c.folder, c.part, c.stall, c.list, c.list,
	}
	for ctx.Err() == nil {
		if err := actions[c.rng.IntN(len(actions))](ctx); err != nil && ctx.Err() == nil {
			if !errors.Is(err, errDown) {
				c.check(statuses, false, "%s: %v", c.name, err)
			}
			pause(ctx, 200*time.Millisecond)
		}
		pause(ctx, time.Duration(c.rng.IntN(1000))*time.Millisecond)
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// busy says that there is enough to do for now.
func (c *client) busy() bool {
	waiting := 0
	for _, d := range c.ledger.all() {
		if !d.removing && !d.status.Over() {
			waiting++
		}
	}
	return waiting > 30
}

// owe takes an accepted run into the ledger, and looks for it in the history.
func (c *client) owe(ctx context.Context, a answer, images []photo, opts string) error {
	var got struct {
		Run     store.Run
		Refused []struct{ Name, Reason string }
	}
	if err := a.decode(&got); err != nil {
		return err
	}
	d := &debt{id: got.Run.ID, input: got.Run.Input, options: opts, status: got.Run.Status}
	if images != nil {
		d.images = digests(images)
	}
	c.ledger.add(d)
	r, err := c.ask(ctx, "GET", "/api/runs/"+d.id, "", nil)
	if err == nil {
		c.check(inHistory, r.code == http.StatusOK, "run %s was accepted and is answered with %d", d.id, r.code)
	}
	return nil
}

func (c *client) batchName() string {
	c.n++
	return fmt.Sprintf("%s %d", c.name, c.n)
}

// upload queues a run, at times with a file that is not an image.
func (c *client) upload(ctx context.Context) error {
	if c.busy() {
		return c.cancel(ctx)
	}
	images := batch(c.photos, 4+c.rng.IntN(6), c.rng)
	files := images
	broken := c.rng.IntN(3) == 0
	if broken {
		files = append(slices.Clone(images), photo{"zz.png", []byte("no image")})
	}
	kind, body, err := form(files, options, c.batchName(), c.rng.IntN(3) == 0)
	if err != nil {
		return err
	}
	a, err := c.ask(ctx, "POST", "/api/runs", kind, body)
	if err != nil || a.code != http.StatusAccepted {
		return err
	}
	if broken {
		c.check(refused, bytes.Contains(a.body, []byte("zz.png")) && bytes.Contains(a.body, []byte("reason")), "zz.png is not among what was refused: %s", a.body)
	}
	return c.owe(ctx, a, images, options)
}

// scored asks for the scores of images and notes what is owed; nil if they were not
// given.
func (c *client) scored(ctx context.Context, images []photo, options string) (*scores, error) {
	kind, body, err := form(images, options, c.batchName(), false)
	if err != nil {
		return nil, err
	}
	a, err := c.ask(ctx, "POST", "/api/scores", kind, body)
	if err != nil || a.code != http.StatusOK {
		return nil, err
	}
	got := new(scores)
	if err := a.decode(got); err != nil {
		return nil, err
	}
	c.ledger.add(&debt{id: got.Run.ID, input: got.Run.Input, images: digests(images), options: options, status: got.Run.Status, scores: got.byName()})
	return got, nil
}

// score waits for the scores.
func (c *client) score(ctx context.Context) error {
	if c.busy() {
		return c.remove(ctx)
	}
	images := batch(c.photos, 4+c.rng.IntN(6), c.rng)
	got, err := c.scored(ctx, images, options)
	if got == nil {
		return err
	}
	c.check(inHistory, got.Run.Status == store.Done && len(got.Images) == len(images), "run %s is %s with %d images of %d", got.Run.ID, got.Run.Status, len(got.Images), len(images))
	return nil
}

type scores struct {
	Run    store.Run
	Images []struct {
		Name  string
		Score float64
	}
}

func (s *scores) byName() map[string]float64 {
	out := make(map[string]float64)
	for _, im := range s.Images {
		out[im.Name] = im.Score
	}
	return out
}

// goAway sends a batch to be scored and does not wait.
func (c *client) goAway(ctx context.Context) error {
	if c.busy() {
		return nil
	}
	images := batch(c.photos, 4, c.rng)
	name := c.batchName() + " left"
	kind, body, err := form(images, options, name, false)
	if err != nil {
		return err
	}
	short, cancel := context.WithTimeout(ctx, time.Duration(50+c.rng.IntN(400))*time.Millisecond)
	defer cancel()
	if a, err := c.ask(short, "POST", "/api/scores", kind, body); err == nil && a.code != http.StatusOK {
		return nil
	}
	runs, err := c.runs(ctx, 200)
	if runs == nil || err != nil {
		return err
	}
	for _, r := range runs {
		if r.Name == name {
			c.ledger.add(&debt{id: r.ID, input: r.Input, images: digests(images), options: options, status: r.Status, left: true})
		}
	}
	return nil
}

// cancel ends a run that is not over, or finds that it is.
func (c *client) cancel(ctx context.Context) error {
	d, ok := c.ledger.pick(c.rng, func(d debt) bool { return !d.status.Over() })
	if !ok {
		return nil
	}
	a, err := c.ask(ctx, "POST", "/api/runs/"+d.id+"/cancel", "", nil)
	if err != nil || a.code != http.StatusAccepted {
		return err
	}
	for end := time.Now().Add(30 * time.Second); ; pause(ctx, 50*time.Millisecond) {
		a, err := c.ask(ctx, "GET", "/api/runs/"+d.id, "", nil)
		if err != nil || a.code != http.StatusOK {
			return err // another client may have removed it
		}
		var r store.Run
		if err := a.decode(&r); err != nil {
			return err
		}
		c.ledger.see(r)
		if r.Status.Over() || time.Now().After(end) {
			c.check(cancelled, r.Status.Over(), "run %s is %s half a minute after it was cancelled", r.ID, r.Status)
			return nil
		}
	}
}

// remove removes runs that are over, where there are many or the disk is full.
func (c *client) remove(ctx context.Context) error {
	for range 5 {
		if c.ledger.owed() < 60 && !c.isFull() {
			break
		}
		if err := c.removeOne(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (c *client) removeOne(ctx context.Context) error {
	full := c.isFull()
	d, ok := c.ledger.pick(c.rng, func(d debt) bool { return d.status.Over() })
	if !ok {
		return nil
	}
	mine := false // or another client removes it just now
	c.ledger.change(d.id, func(d *debt) { mine, d.removing = !d.removing, true })
	if !mine {
		return nil
	}
	a, err := c.ask(ctx, "DELETE", "/api/runs/"+d.id, "", nil)
	if err != nil {
		return err
	}
	if full {
		c.check(roomMade, a.code != http.StatusInsufficientStorage, "run %s cannot be removed on a full disk: %s", d.id, a.body)
	}
	switch a.code {
	case http.StatusNoContent:
		c.ledger.change(d.id, func(d *debt) { d.removed = true })
		c.removals.Add(1)
		if a, err := c.ask(ctx, "GET", "/api/runs/"+d.id, "", nil); err == nil {
			c.check(stays, a.code == http.StatusNotFound, "run %s was removed and is answered with %d", d.id, a.code)
		}
	default:
		c.ledger.change(d.id, func(d *debt) { d.removing = false })
	}
	return nil
}

// runAgain wants the scores that it had.
func (c *client) runAgain(ctx context.Context) error {
	d, ok := c.ledger.pick(c.rng, func(d debt) bool { return d.status == store.Done && d.answers+d.maybe == 0 })
	if !ok || c.busy() {
		return nil
	}
	a, err := c.ask(ctx, "POST", "/api/runs/"+d.id+"/again", "application/json", []byte("{}"))
	if err != nil || a.code != http.StatusAccepted {
		return err
	}
	var got struct{ Run store.Run }
	if err := a.decode(&got); err != nil {
		return err
	}
	c.ledger.add(&debt{id: got.Run.ID, input: got.Run.Input, images: d.images, options: d.options, status: got.Run.Status, scores: d.scores})
	return nil
}

func (c *client) rename(ctx context.Context) error {
	d, ok := c.ledger.pick(c.rng, func(d debt) bool { return true })
	if !ok {
		return nil
	}
	note := fmt.Sprintf("note %d of %s", c.rng.IntN(1000), c.name)
	a, err := c.ask(ctx, "PATCH", "/api/runs/"+d.id, "application/json", []byte(`{"note":"`+note+`"}`))
	if err == nil && a.code == http.StatusOK {
		var r store.Run
		err = a.decode(&r)
		c.check(named, r.Note != "", "run %s has no note after it was given one", d.id)
	}
	return err
}

// answer says something of an image.
func (c *client) answer(ctx context.Context) error {
	d, ok := c.ledger.pick(c.rng, func(d debt) bool { return d.status == store.Done && len(d.images) > 0 })
	if !ok {
		return nil
	}
	var names []string
	for name := range d.images {
		names = append(names, name)
	}
	step, err := json.Marshal(map[string]any{"image": map[string]string{"name": names[c.rng.IntN(len(names))], "answer": []string{"good", "bad"}[c.rng.IntN(2)]}})
	if err != nil {
		return err
	}
	c.ledger.change(d.id, func(d *debt) { d.maybe++ })
	a, err := c.ask(ctx, "POST", "/api/runs/"+d.id+"/answers", "application/json", step)
	if err != nil {
		return err
	}
	if a.code == http.StatusOK {
		c.ledger.change(d.id, func(d *debt) { d.answers++ })
	}
	return nil
}

// runs are the newest of the history; none if they were not given.
func (c *client) runs(ctx context.Context, most int) ([]store.Run, error) {
	a, err := c.ask(ctx, "GET", fmt.Sprintf("/api/runs?limit=%d", most), "", nil)
	if err != nil || a.code != http.StatusOK {
		return nil, err
	}
	var list struct{ Runs []store.Run }
	err = a.decode(&list)
	return list.Runs, err
}

// list looks at all runs.
func (c *client) list(ctx context.Context) error {
	runs, err := c.runs(ctx, 500)
	if runs == nil || err != nil {
		return err
	}
	running := 0
	for _, r := range runs {
		c.ledger.see(r)
		if r.Status == store.Running {
			running++
		}
	}
	c.check(oneByOne, running <= 1, "%d runs are under way at once", running)
	return nil
}

// read looks at a run as a page does.
func (c *client) read(ctx context.Context) error {
	d, ok := c.ledger.pick(c.rng, func(d debt) bool { return d.status == store.Done })
	if !ok {
		return nil
	}
	paths := []string{"/api/runs/" + d.id + "/scores", "/files/runs/" + d.id + "/report.html", "/files/runs/" + d.id + "/results.json", "/api/runs/" + d.id + "/report.zip", "/api/runs/" + d.id + "/answers"}
	path := paths[c.rng.IntN(len(paths))]
	a, err := c.ask(ctx, "GET", path, "", nil)
	if err == nil && a.code != http.StatusOK && !c.ledger.get(d.id).removing {
		c.check(whole, false, "%s of a run that is done: status %d, %.200s", path, a.code, a.body)
	}
	switch c.rng.IntN(3) {
	case 0:
		if a, err = c.ask(ctx, "GET", "/healthz", "", nil); err == nil {
			c.check(healthy, a.code == http.StatusOK, "/healthz: %d, %s", a.code, a.body)
		}
	case 1:
		if a, err = c.ask(ctx, "GET", "/metrics", "", nil); err == nil {
			for _, metric := range []string{"codegraph_runs_total", "codegraph_queue_runs", "codegraph_run_seconds", "codegraph_images_scored_total", "codegraph_upload_bytes_total", "codegraph_http_requests_total", "codegraph_http_request_seconds", "process_"} {
				c.check(counted, strings.Contains(string(a.body), metric), "/metrics has no %s", metric)
			}
		}
	}
	return err
}

// wrong asks for what is refused.
func (c *client) wrong(ctx context.Context) error {
	kind, two, err := form(batch(c.photos, 2, c.rng), `{"beta":"x"}`, "wrong", false)
	if err != nil {
		return err
	}
	fewKind, few, err := form([]photo{{"a.png", []byte("no image")}}, options, "few", false)
	if err != nil {
		return err
	}
	cases := []struct {
		promise, method, path, kind string
		body                        []byte
		code                        int
		headers                     []string
	}{
		{statuses, "POST", "/api/runs", kind, two, 400, nil},
		{statuses, "POST", "/api/runs", fewKind, few, 422, nil},
		{statuses, "POST", "/api/runs", kind, two[:len(two)/2], 400, nil},
		{statuses, "POST", "/api/runs", "application/json", []byte(`{"folder":"/etc"}`), 400, nil},
		{statuses, "GET", "/api/runs/20200101-000000-aaaaaaaa", "", nil, 404, nil},
		{statuses, "GET", "/files/runs/..%2f..%2fhistory.db", "", nil, 404, nil},
		{tokenAsked, "GET", "/api/runs", "", nil, 401, []string{"Authorization", "Bearer wrong"}},
		{foreign, "GET", "/api/runs", "", nil, 421, []string{"Host", "evil.example"}},
		{foreign, "POST", "/api/runs", kind, two, 403, []string{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"}},
	}
	k := cases[c.rng.IntN(len(cases))]
	a, err := c.ask(ctx, k.method, k.path, k.kind, k.body, k.headers...)
	if err == nil && a.code != http.StatusInsufficientStorage && a.code != http.StatusServiceUnavailable {
		c.check(k.promise, a.code == k.code, "%s %s: status %d, want %d: %.200s", k.method, k.path, a.code, k.code, a.body)
	}
	return err
}

// folder has a folder of this machine scored, and removes it at once.
func (c *client) folder(ctx context.Context) error {
	if c.busy() {
		return nil
	}
	dir := filepath.Join(c.root, strings.ReplaceAll(c.batchName(), " ", "-"))
	defer os.RemoveAll(dir)
	images := batch(c.photos, 4, c.rng)
	if err := put(dir, images); err != nil {
		return err
	}
	body, err := json.Marshal(map[string]any{"folder": dir, "options": json.RawMessage(options)})
	if err != nil {
		return err
	}
	a, err := c.ask(ctx, "POST", "/api/runs", "application/json", body)
	if err != nil || a.code != http.StatusAccepted {
		return err
	}
	var got struct{ Run store.Run }
	if err := errors.Join(c.owe(ctx, a, images, options), a.decode(&got)); err != nil {
		return err
	}
	c.ledger.change(got.Run.ID, func(d *debt) { d.folder = true })
	return nil
}

// part scores one part against the snapshot.
func (c *client) part(ctx context.Context) error {
	if c.busy() {
		return nil
	}
	p := c.photos[0]
	got, err := c.scored(ctx, []photo{p}, `{"snapshot":"line"}`)
	if got == nil {
		return err
	}
	if len(got.Images) == 1 {
		first, _ := c.partScore.LoadOrStore(p.name, got.Images[0].Score)
		c.check(sameVerdict, first.(float64) == got.Images[0].Score, "%s scores %v, and %v before", p.name, got.Images[0].Score, first)
	}
	return nil
}

// stall sends half of a request and keeps the connection for a while.
func (c *client) stall(ctx context.Context) error {
	url := c.server.url.Load()
	if url == nil {
		return errDown
	}
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", strings.TrimPrefix(*url, "http://"))
	if err != nil {
		return errDown
	}
	fmt.Fprintf(conn, "POST /api/runs HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 100000\r\n\r\n--x\r\n", token)
	c.requests.Add(1)
	hold := time.Duration(c.rng.IntN(5000)) * time.Millisecond
	go func() {
		pause(ctx, hold)
		conn.Close()
	}()
	return nil
}
