package serve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"codegraph/internal/answer"
	"codegraph/internal/serve/intake"
	"codegraph/internal/serve/store"
)

// submission is what a client wants scored, besides the images themselves.
type submission struct {
	Name    string          `json:"name"`
	Note    string          `json:"note"`
	Folder  string          `json:"folder"` // on this machine; "": the images are uploaded
	Options json.RawMessage `json:"options"`

	least      int      // images
	references []string // names of images known to be good
}

// referencesField has files that are known to be good: as files, and answered so.
const referencesField = "references"

// Bounds on what is not an image, in bytes.
const (
	maxJSON  = 1 << 20
	maxField = 64 << 10
	maxText  = 4000 // of a name or note
)

// tooFewError says that an upload is too small for a batch.
type tooFewError struct {
	images, least int
	refused       []intake.Refused
}

func (e *tooFewError) Error() string {
	if e.least == 1 {
		return "no image that can be read"
	}
	return fmt.Sprintf("%d images that can be read: images are scored against each other, send at least %d of the same kind of part", e.images, e.least)
}

// accepted is the answer to a submission.
type accepted struct {
	Run     store.Run        `json:"run"`
	Refused []intake.Refused `json:"refused"`
}

// postRun queues a run of uploaded images or of a folder of this machine.
func (s *Server) postRun(w http.ResponseWriter, r *http.Request) {
	a, err := s.submit(w, r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header().Set("Location", "/api/runs/"+a.Run.ID)
	s.answer(w, http.StatusAccepted, a)
}

// postScores is postRun for programs: it waits and answers with the scores.
func (s *Server) postScores(w http.ResponseWriter, r *http.Request) {
	changes := s.hub.listen()
	defer changes.close()
	a, err := s.submit(w, r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	rc := http.NewResponseController(w)
	rc.SetReadDeadline(time.Time{})
	run, err := s.await(r.Context(), changes, a.Run)
	rc.SetWriteDeadline(time.Now().Add(writeTime))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.answerScores(w, r, run)
}

// await waits for the end of a run.
func (s *Server) await(ctx context.Context, changes *listener, run store.Run) (store.Run, error) {
	for !run.Status.Over() {
		select {
		case <-changes.wake:
			for _, e := range changes.take() {
				if e.Run != nil && e.Run.ID == run.ID {
					run = *e.Run
				}
			}
		case <-ctx.Done():
			return run, ctx.Err()
		case <-s.stopping:
			return run, &statusError{http.StatusServiceUnavailable, fmt.Errorf("the server is ending; run %s goes on when it starts again", run.ID)}
		}
	}
	return run, nil
}

// submit takes in the images of a request and queues a run of them.
func (s *Server) submit(w http.ResponseWriter, r *http.Request) (*accepted, error) {
	if n, err := s.store.Waiting(r.Context()); err != nil {
		return nil, err
	} else if n >= maxWaiting {
		return nil, &statusError{http.StatusServiceUnavailable, fmt.Errorf("%d runs are waiting: try again later", n)}
	}
	dir, discard, err := s.store.Stage()
	if err != nil {
		return nil, err
	}
	defer discard()
	batch := intake.New(dir, s.cfg.Limits)
	sub, source, err := s.receive(w, r, batch)
	if err != nil {
		return nil, err
	}
	return s.enqueue(r.Context(), sub, source, batch, dir)
}

// receive reads the request into the batch.
func (s *Server) receive(w http.ResponseWriter, r *http.Request, batch *intake.Batch) (sub submission, source string, err error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case err == nil && kind == "application/json":
		if err := decode(w, r, &sub); err != nil {
			return sub, "", err
		}
		if err := s.checkSubmission(&sub); err != nil {
			return sub, "", err
		}
		dir, err := s.allowedFolder(sub.Folder)
		if err != nil {
			return sub, "", err
		}
		extend(w, writeTime) // a large folder takes its time
		return sub, "folder " + sub.Folder, batch.AddFolder(r.Context(), dir)
	case err == nil && kind == "multipart/form-data":
		sub, err := s.receiveForm(w, r, batch)
		return sub, "upload", err
	}
	return sub, "", &statusError{http.StatusUnsupportedMediaType, errors.New("send multipart/form-data with images, or application/json with a folder")}
}

// receiveForm reads an upload part by part: it is never in memory.
func (s *Server) receiveForm(w http.ResponseWriter, r *http.Request, batch *intake.Batch) (sub submission, err error) {
	body := &slowBody{r.Body, w, s}
	// Headers and fields of the form come on top.
	total := s.cfg.Limits.WithDefaults().TotalBytes
	r.Body = http.MaxBytesReader(w, body, total+total/16+maxJSON)
	form, err := r.MultipartReader()
	if err != nil {
		return sub, fmt.Errorf("%w: %w", errRequest, err)
	}
	for {
		part, err := form.NextPart()
		if err == io.EOF {
			return sub, s.checkSubmission(&sub)
		}
		if err != nil { // reading is all that can fail here
			return sub, fmt.Errorf("%w: the upload is damaged: %w", errRequest, err)
		}
		if err := s.part(r.Context(), part, &sub, batch); err != nil {
			return sub, broken(err)
		}
	}
}

// broken marks the errors of a form that ends too early as the client's.
func broken(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, multipart.ErrMessageTooLarge) || strings.HasPrefix(err.Error(), "multipart:") {
		return fmt.Errorf("%w: the upload is incomplete or damaged: %w", errRequest, err)
	}
	return err
}

func (s *Server) part(ctx context.Context, part *multipart.Part, sub *submission, batch *intake.Batch) error {
	if name, ok := fileName(part); ok {
		before := len(batch.Files)
		err := batch.Add(ctx, name, part)
		if part.FormName() == referencesField {
			sub.references = append(sub.references, batch.Files[before:]...)
		}
		return err
	}
	value, err := io.ReadAll(io.LimitReader(part, maxField+1))
	if err != nil {
		return err
	}
	if len(value) > maxField {
		return fmt.Errorf("%w: field %q is too long", errRequest, part.FormName())
	}
	switch part.FormName() {
	case "name":
		sub.Name = string(value)
	case "note":
		sub.Note = string(value)
	case "options":
		sub.Options = value
	default:
		return fmt.Errorf("%w: field %q is unknown: there are name, note, options, files and references", errRequest, part.FormName())
	}
	return nil
}

// fileName returns the name of an uploaded file with its folders, which
// Part.FileName leaves out. Package intake judges it.
func fileName(part *multipart.Part) (string, bool) {
	_, params, err := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
	if err != nil {
		return part.FileName(), part.FileName() != ""
	}
	name, ok := params["filename"]
	return name, ok
}

func (s *Server) checkSubmission(sub *submission) error {
	if len(sub.Name) > maxText || len(sub.Note) > maxText {
		return fmt.Errorf("%w: a name or note has over %d bytes", errRequest, maxText)
	}
	opts, err := parseOptions(sub.Options)
	if err != nil {
		return err
	}
	networks, err := s.cfg.Engine.Networks()
	if err != nil {
		return err
	}
	snapshots, err := s.cfg.Engine.Snapshots()
	if err != nil {
		return err
	}
	if err := checkOptions(opts, networks, snapshots); err != nil {
		return err
	}
	sub.least = least(opts)
	sub.Options, err = json.Marshal(opts.Chosen())
	return err
}

func (s *Server) enqueue(ctx context.Context, sub submission, source string, batch *intake.Batch, dir string) (*accepted, error) {
	if n := len(batch.Files); n < sub.least {
		return nil, &statusError{http.StatusUnprocessableEntity, &tooFewError{n, sub.least, batch.Refused}}
	}
	run, err := s.store.Add(ctx, store.Run{Name: sub.Name, Note: sub.Note, Source: source, Options: sub.Options, Images: len(batch.Files)}, dir, sub.said()...)
	if err != nil {
		return nil, err
	}
	s.queued(run)
	return &accepted{run, append([]intake.Refused{}, batch.Refused...)}, nil
}

// said is what a submission says of its images.
func (sub *submission) said() (steps []answer.Step) {
	now := time.Now().UTC().Truncate(time.Second)
	for _, name := range sub.references {
		steps = append(steps, answer.Step{Time: now, Image: &answer.Image{Name: name, Answer: answer.Reference}})
	}
	return steps
}

// queued tells of a new run.
func (s *Server) queued(run store.Run) {
	s.log.Info("run queued", "run", run.ID, "images", run.Images, "source", run.Source)
	s.hub.run(run)
	s.worker.wakeUp()
}

// slowBody is the body of a long upload: it may take as long as it likes while
// bytes arrive.
type slowBody struct {
	io.ReadCloser
	w http.ResponseWriter
	s *Server
}

func (p *slowBody) Read(b []byte) (int, error) {
	extend(p.w, readTime)
	n, err := p.ReadCloser.Read(b)
	p.s.metrics.bytes.Add(float64(n))
	return n, err
}

// extend gives the connection more time. A server without deadlines has none
// to move.
func extend(w http.ResponseWriter, by time.Duration) {
	rc := http.NewResponseController(w)
	rc.SetReadDeadline(time.Now().Add(by))
	rc.SetWriteDeadline(time.Now().Add(by + writeTime))
}

// decode reads a JSON body.
func decode(w http.ResponseWriter, r *http.Request, v any) error {
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxJSON))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return fmt.Errorf("%w: body: %w", errRequest, err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return fmt.Errorf("%w: body: more than one JSON value", errRequest)
	}
	return nil
}

// resolveRoots makes roots absolute, with links resolved.
func resolveRoots(roots []string) ([]string, error) {
	var out []string
	for _, root := range roots {
		dir, err := resolve(root)
		if err != nil {
			return nil, fmt.Errorf("root folder: %w", err)
		}
		out = append(out, dir)
	}
	return out, nil
}

func resolve(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	dir, err = filepath.EvalSymlinks(dir)
	if err != nil {
		return "", err
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return "", errors.Join(err, fmt.Errorf("%s is not a folder", dir))
	}
	return dir, nil
}

// allowedFolder returns the folder if it lies below a root. It tells nothing
// about others, not even whether they exist.
func (s *Server) allowedFolder(dir string) (string, error) {
	refused := fmt.Errorf("%w: folder %q is not one below the folders that the server was started with", errRequest, dir)
	if dir == "" {
		return "", fmt.Errorf("%w: folder is missing", errRequest)
	}
	resolved, err := resolve(dir)
	if err != nil {
		return "", refused
	}
	for _, root := range s.roots {
		if rel, err := filepath.Rel(root, resolved); err == nil && filepath.IsLocal(rel) {
			return resolved, nil
		}
	}
	return "", refused
}
