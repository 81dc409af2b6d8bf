package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
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

// run is what the server owes of a run that it accepted.
type run struct {
	id, input string
	status    store.Status // the last that was seen
	images    []photo      // that were sent
	scores    map[string]float64
	left      bool // its client did not wait
	folder    bool // its images were copied from a folder that is gone
	removed   bool
	harmed    bool // the history was, since: the webhook may not be told
	answers   int  // that were taken
	asked     int  // that were sent
}

// client does one thing after the other, by chance, with runs that nobody else touches.
type client struct {
	*soak
	rng      *rand.Rand
	name     string
	n        int
	runs     []*run
	verified int64 // the start of the server after which all runs were found whole
	part     *float64
}

func (s *soak) newClient(name string, seed, k uint64) *client {
	return &client{soak: s, name: name, rng: rand.New(rand.NewPCG(seed, k)), verified: s.server.starts.Load()}
}

// work begins with 50 images, as all clients do at once, and acts until the time is over.
func (c *client) work(ctx context.Context) {
	actions := []func(context.Context) error{
		c.upload, c.upload, c.upload, c.score, c.goAway, c.cancel, c.cancel, c.remove, c.remove, c.again,
		c.answer, c.question, c.question, c.question, c.question, c.folder, c.scorePart, c.list, c.list,
	}
	_, err := c.scored(ctx, c.choose(50), options)
	for ; ctx.Err() == nil; pause(ctx, time.Duration(c.rng.IntN(1000))*time.Millisecond) {
		c.report(ctx, errors.Join(err, c.verify(ctx)))
		err = actions[c.rng.IntN(len(actions))](ctx)
	}
}

// report notes what went wrong, unless the server was killed.
func (c *client) report(ctx context.Context, err error) {
	if err != nil && ctx.Err() == nil && !errors.Is(err, errDown) {
		c.check(statuses, false, "%s: %v", c.name, err)
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// pick chooses one of the runs that fit; nil if none does.
func (c *client) pick(fits func(*run) bool) *run {
	all := slices.DeleteFunc(slices.Clone(c.runs), func(r *run) bool { return r.removed || !fits(r) })
	if len(all) == 0 {
		return nil
	}
	return all[c.rng.IntN(len(all))]
}

func isDone(r *run) bool { return r.status == store.Done }
func isOver(r *run) bool { return r.status.Over() }
func isOpen(r *run) bool { return !r.status.Over() }

// count counts the runs that fit.
func (c *client) count(fits func(*run) bool) (n int) {
	for _, r := range c.runs {
		if !r.removed && fits(r) {
			n++
		}
	}
	return n
}

// isBusy says that the client has enough to wait for.
func (c *client) isBusy() bool { return c.count(isOpen) > 3 }

func (c *client) batchName() string {
	c.n++
	return fmt.Sprintf("%s %d", c.name, c.n)
}

// accepted is the answer to an upload.
type accepted struct {
	Run    store.Run
	Images []struct {
		Name  string
		Score float64
	}
	Refused []struct{ Name, Reason string }
}

// owe notes a run that was accepted.
func (c *client) owe(got *accepted, images []photo) *run {
	r := &run{id: got.Run.ID, input: got.Run.Input, status: got.Run.Status, images: images}
	c.runs = append(c.runs, r)
	return r
}

// upload queues a run, at times with a file that is not an image, at times as an archive.
func (c *client) upload(ctx context.Context) error {
	if c.isBusy() {
		return c.cancel(ctx)
	}
	images := c.choose(4 + c.rng.IntN(6))
	files, broken := images, c.rng.IntN(3) == 0
	if broken {
		files = append(slices.Clone(images), photo{"zz.png", []byte("no image")})
	}
	if c.rng.IntN(3) == 0 {
		files = zipped(files)
	}
	kind, body := form(files, options, c.batchName())
	var got accepted
	code, text, err := c.ask(ctx, "POST", "/api/runs", kind, body, &got)
	if err != nil || code != http.StatusAccepted {
		return err
	}
	if broken {
		c.check(refused, len(got.Refused) == 1 && strings.HasSuffix(got.Refused[0].Name, "zz.png") && got.Refused[0].Reason != "", "zz.png is not what was refused: %s", text)
	}
	c.owe(&got, images)
	code, err = c.get(ctx, "/api/runs/"+got.Run.ID, nil)
	if err == nil {
		c.check(inHistory, code == http.StatusOK, "run %s was accepted and is answered with %d", got.Run.ID, code)
	}
	return err
}

// scored waits for the scores of images; nil if they were not given.
func (c *client) scored(ctx context.Context, images []photo, options string) (*accepted, error) {
	kind, body := form(images, options, c.batchName())
	var got accepted
	code, _, err := c.ask(ctx, "POST", "/api/scores", kind, body, &got)
	if err != nil || code != http.StatusOK {
		return nil, err
	}
	c.owe(&got, images).scores = got.byName()
	c.check(inHistory, got.Run.Status == store.Done && len(got.Images) == len(images), "run %s is %s with %d images of %d", got.Run.ID, got.Run.Status, len(got.Images), len(images))
	return &got, nil
}

func (a *accepted) byName() map[string]float64 {
	out := make(map[string]float64)
	for _, im := range a.Images {
		out[im.Name] = im.Score
	}
	return out
}

func (c *client) score(ctx context.Context) error {
	_, err := c.scored(ctx, c.choose(4+c.rng.IntN(6)), options)
	return err
}

// scorePart scores one part against the snapshot.
func (c *client) scorePart(ctx context.Context) error {
	got, err := c.scored(ctx, c.photos[:1], `{"snapshot":"line"}`)
	if got == nil || len(got.Images) != 1 {
		return err
	}
	if c.part == nil {
		c.part = &got.Images[0].Score
	}
	c.check(sameVerdict, *c.part == got.Images[0].Score, "a part scores %v, and %v before", got.Images[0].Score, *c.part)
	return nil
}

// goAway sends a batch to be scored and does not wait.
func (c *client) goAway(ctx context.Context) error {
	if c.isBusy() {
		return nil
	}
	images, name := c.choose(4), c.batchName()
	kind, body := form(images, options, name)
	short, cancel := context.WithTimeout(ctx, time.Duration(50+c.rng.IntN(400))*time.Millisecond)
	defer cancel()
	c.ask(short, "POST", "/api/scores", kind, body, nil)
	var list struct{ Runs []store.Run }
	_, err := c.get(ctx, "/api/runs?limit=200", &list)
	for _, r := range list.Runs {
		if r.Name == name {
			c.owe(&accepted{Run: r}, images).left = true
		}
	}
	return err
}

// see asks how a run is now.
func (c *client) see(ctx context.Context, r *run) (code int, err error) {
	var got store.Run
	if code, err = c.get(ctx, "/api/runs/"+r.id, &got); err == nil && code == http.StatusOK {
		r.status, r.input = got.Status, got.Input
	}
	return code, err
}

// cancel ends a run that is not over, or finds that it is.
func (c *client) cancel(ctx context.Context) error {
	r := c.pick(isOpen)
	if r == nil {
		return nil
	}
	code, _, err := c.ask(ctx, "POST", "/api/runs/"+r.id+"/cancel", "", nil, nil)
	if err != nil || code != http.StatusAccepted {
		return err
	}
	for end := time.Now().Add(30 * time.Second); err == nil && isOpen(r) && time.Now().Before(end); pause(ctx, 50*time.Millisecond) {
		_, err = c.see(ctx, r)
	}
	if err == nil && ctx.Err() == nil {
		c.check(cancelled, isOver(r), "run %s is %s half a minute after it was cancelled", r.id, r.status)
	}
	return err
}

// remove removes runs that are over until few are left, so that the disk is full only
// when it is filled; one at least where it is full.
func (c *client) remove(ctx context.Context) error {
	full := c.isFull()
	for n := 0; n < 20 && ctx.Err() == nil && (c.count(isOver) > 8 || full && n == 0); n++ {
		if err := c.removeOne(ctx, full); err != nil {
			return err
		}
	}
	return nil
}

func (c *client) removeOne(ctx context.Context, full bool) error {
	r := c.pick(isOver)
	if r == nil {
		return nil
	}
	code, text, err := c.ask(ctx, "DELETE", "/api/runs/"+r.id, "", nil, nil)
	if err != nil { // it may be there or not
		c.runs = slices.DeleteFunc(c.runs, func(o *run) bool { return o == r })
		return err
	}
	if full {
		c.check(roomMade, code != http.StatusInsufficientStorage, "run %s cannot be removed on a full disk: %s", r.id, text)
	}
	if r.removed = code == http.StatusNoContent; r.removed {
		c.removals.Add(1)
		return c.verifyRun(ctx, r, false)
	}
	return nil
}

// again has a run repeated that nothing was answered about.
func (c *client) again(ctx context.Context) error {
	r := c.pick(func(r *run) bool { return isDone(r) && r.asked == 0 && r.scores != nil })
	if r == nil || c.isBusy() {
		return nil
	}
	var got accepted
	code, _, err := c.ask(ctx, "POST", "/api/runs/"+r.id+"/again", "", []byte("{}"), &got)
	if err == nil && code == http.StatusAccepted {
		c.owe(&got, r.images).scores = r.scores
	}
	return err
}

// answer says something of an image.
func (c *client) answer(ctx context.Context) error {
	r := c.pick(isDone)
	if r == nil {
		return nil
	}
	name := r.images[c.rng.IntN(len(r.images))].name
	step := fmt.Sprintf(`{"image":{"name":%q,"answer":%q}}`, name, []string{"good", "bad"}[c.rng.IntN(2)])
	r.asked++
	code, _, err := c.ask(ctx, "POST", "/api/runs/"+r.id+"/answers", "", []byte(step), nil)
	if code == http.StatusOK {
		r.answers++
	}
	return err
}

// list looks at the whole history.
func (c *client) list(ctx context.Context) error {
	var list struct{ Runs []store.Run }
	code, err := c.get(ctx, "/api/runs?limit=500", &list)
	if err != nil || code != http.StatusOK {
		return err
	}
	running := 0
	for _, got := range list.Runs {
		if got.Status == store.Running {
			running++
		}
		if r := c.pick(func(r *run) bool { return r.id == got.ID }); r != nil {
			r.status = got.Status
		}
	}
	c.check(oneByOne, running <= 1, "%d runs are under way at once", running)
	return nil
}

// question is a request whose answer is known.
type question struct {
	promise, method, path, kind string // RUN in path is a run that is done
	body                        []byte
	code                        int
	text                        string // that the answer holds
	headers                     []string
}

// question asks one, as a page, a keeper or an attacker does.
func (c *client) question(ctx context.Context) error {
	kind, two := form(c.choose(2), `{"beta":"x"}`, "wrong")
	fewKind, few := form([]photo{{"a.png", []byte("no image")}}, options, "few")
	all := []question{
		{whole, "GET", "/api/runs/RUN/scores", "", nil, 200, "", nil},
		{whole, "GET", "/api/runs/RUN/answers", "", nil, 200, "", nil},
		{whole, "GET", "/api/runs/RUN/report.zip", "", nil, 200, "", nil},
		{whole, "GET", "/files/runs/RUN/report.html", "", nil, 200, "", nil},
		{whole, "GET", "/files/runs/RUN/results.json", "", nil, 200, "", nil},
		{named, "PATCH", "/api/runs/RUN", "", []byte(`{"name":"A","note":"B"}`), 200, `"name":"A","note":"B"`, nil},
		{healthy, "GET", "/healthz", "", nil, 200, "", nil},
		{statuses, "POST", "/api/runs", kind, two, 400, "", nil},
		{statuses, "POST", "/api/runs", fewKind, few, 422, "", nil},
		{statuses, "POST", "/api/runs", kind, two[:len(two)/2], 400, "", nil},
		{statuses, "POST", "/api/runs", "", []byte(`{"folder":"/etc"}`), 400, "", nil},
		{statuses, "GET", "/api/runs/20200101-000000-aaaaaaaa", "", nil, 404, "", nil},
		{statuses, "GET", "/files/runs/..%2f..%2fhistory.db", "", nil, 404, "", nil},
		{tokenAsked, "GET", "/api/runs", "", nil, 401, "", []string{"Authorization", "Bearer wrong"}},
		{foreign, "GET", "/api/runs", "", nil, 421, "", []string{"Host", "evil.example"}},
		{foreign, "POST", "/api/runs", kind, two, 403, "", []string{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"}},
	}
	for _, name := range []string{"runs_total", "queue_runs", "run_seconds", "images_scored_total", "upload_bytes_total", "http_requests_total", "http_request_seconds"} {
		all = append(all, question{counted, "GET", "/metrics", "", nil, 200, "codegraph_" + name, nil})
	}
	q := all[c.rng.IntN(len(all))]
	path := q.path
	if strings.Contains(path, "RUN") {
		r := c.pick(isDone)
		if r == nil {
			return nil
		}
		path = strings.ReplaceAll(path, "RUN", r.id)
	}
	code, text, err := c.ask(ctx, q.method, path, q.kind, q.body, nil, q.headers...)
	if err == nil && (q.method == "GET" || code != http.StatusInsufficientStorage && code != http.StatusServiceUnavailable) {
		c.check(q.promise, code == q.code && bytes.Contains(text, []byte(q.text)), "%s %s: status %d, want %d and %q: %.200s", q.method, path, code, q.code, q.text, text)
	}
	return err
}

// folder has a folder of this machine scored, and removes it at once.
func (c *client) folder(ctx context.Context) error {
	dir, images := filepath.Join(c.root, strings.ReplaceAll(c.batchName(), " ", "-")), c.choose(4)
	defer os.RemoveAll(dir)
	if err := put(dir, images); err != nil || c.isBusy() {
		return err
	}
	body, err := json.Marshal(map[string]any{"folder": dir, "options": json.RawMessage(options)})
	if err != nil {
		return err
	}
	var got accepted
	code, _, err := c.ask(ctx, "POST", "/api/runs", "", body, &got)
	if err == nil && code == http.StatusAccepted {
		c.owe(&got, images).folder = true
	}
	return err
}
