package job

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"math"
	"net/url"
	"path/filepath"
	"strings"

	"gocloud.dev/blob"
	_ "gocloud.dev/blob/fileblob" // file://
	_ "gocloud.dev/blob/s3blob"   // s3://
	"gocloud.dev/gcerrors"
)

// open opens the place of a job: a folder, or s3://BUCKET/PREFIX?… and
// gs://BUCKET/PREFIX, with the parameters of gocloud.dev/blob.
func open(ctx context.Context, place string) (*blob.Bucket, error) {
	scheme, rest, ok := strings.Cut(place, "://")
	if !ok || scheme == "file" {
		if ok {
			place = rest
		}
		dir, err := filepath.Abs(place)
		if err != nil {
			return nil, fmt.Errorf("job %s: %w", place, err)
		}
		u := url.URL{Scheme: "file", Path: filepath.ToSlash(dir), RawQuery: "create_dir=true&metadata=skip&no_tmp_dir=true"}
		b, err := blob.OpenBucket(ctx, u.String())
		if err != nil {
			return nil, fmt.Errorf("job %s: %w", place, err)
		}
		return b, nil
	}
	u, err := url.Parse(place)
	if err != nil {
		return nil, fmt.Errorf("job %s: %w", place, err)
	}
	prefix := strings.Trim(u.Path, "/")
	u.Path = ""
	if !blob.DefaultURLMux().ValidBucketScheme(u.Scheme) {
		return nil, fmt.Errorf("job %s: this build knows %s; gs is in the container image and in a build with -tags gcs,grpcnotrace,disable_grpc_modules", place, strings.Join(blob.DefaultURLMux().BucketSchemes(), ", "))
	}
	b, err := blob.OpenBucket(ctx, u.String())
	if err != nil {
		return nil, fmt.Errorf("job %s: %w", place, err)
	}
	if prefix != "" {
		b = blob.PrefixedBucket(b, prefix+"/")
	}
	return b, nil
}

// mark is what is written once a step is done: it vouches for the step's bytes.
type mark struct {
	SHA256  string          `json:"sha256"`
	Bytes   int64           `json:"bytes"`
	Seconds float64         `json:"seconds"`
	Host    string          `json:"host"`
	About   json.RawMessage `json:"about,omitempty"` // of the step
}

func markName(step string) string { return step + ".done" }
func dataName(step string) string { return step + ".bin" }

// mark reads the marker of a step; nil if the step is not done.
func (j *Job) mark(ctx context.Context, step string) (*mark, error) {
	data, err := j.bucket.ReadAll(ctx, markName(step))
	if gcerrors.Code(err) == gcerrors.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the marker of %s: %w", step, err)
	}
	m := new(mark)
	if err := json.Unmarshal(data, m); err != nil {
		return nil, fmt.Errorf("the marker of %s is damaged: %w; delete it and run the step again", step, err)
	}
	return m, nil
}

// about reads what the marker of a step that must be done says into v.
func (j *Job) about(ctx context.Context, step string, v any) error {
	m, err := j.mark(ctx, step)
	if err != nil {
		return err
	}
	if m == nil {
		return fmt.Errorf("%w: %s", ErrNotDone, step)
	}
	return json.Unmarshal(m.About, v)
}

// put writes the data of a step, and its marker last.
func (j *Job) put(ctx context.Context, step string, m mark, about any, write func(w io.Writer) error) (err error) {
	if m.About, err = json.Marshal(about); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // gives up what is written but not closed
	w, err := j.bucket.NewWriter(ctx, dataName(step), &blob.WriterOptions{ContentType: "application/octet-stream"})
	if err != nil {
		return fmt.Errorf("write %s: %w", step, err)
	}
	sum := &counted{Hash: sha256.New()}
	buffered := bufio.NewWriterSize(io.MultiWriter(w, sum), 1<<20)
	if err = write(buffered); err == nil {
		err = buffered.Flush()
	}
	if err != nil {
		cancel()
		w.Close()
		return fmt.Errorf("write %s: %w", step, err)
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("write %s: %w", step, err)
	}
	m.SHA256, m.Bytes = hex.EncodeToString(sum.Sum(nil)), sum.n
	data, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if err := j.bucket.WriteAll(ctx, markName(step), data, nil); err != nil {
		return fmt.Errorf("write the marker of %s: %w", step, err)
	}
	return nil
}

// counted is a digest that counts.
type counted struct {
	hash.Hash
	n int64
}

func (c *counted) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return c.Hash.Write(p)
}

// get reads the data of a step that must be done, all of it, and holds it
// against the marker.
func (j *Job) get(ctx context.Context, step string, about any, read func(r io.Reader) error) error {
	m, err := j.mark(ctx, step)
	if err != nil {
		return err
	}
	if m == nil {
		return fmt.Errorf("%w: %s", ErrNotDone, step)
	}
	if about != nil {
		if err := json.Unmarshal(m.About, about); err != nil {
			return fmt.Errorf("the marker of %s is damaged: %w; delete it and run the step again", step, err)
		}
	}
	r, err := j.bucket.NewReader(ctx, dataName(step), nil)
	if err != nil {
		return fmt.Errorf("read %s: %w", step, err)
	}
	defer r.Close()
	sum := &counted{Hash: sha256.New()}
	if err := read(bufio.NewReaderSize(io.TeeReader(r, sum), 1<<20)); err != nil {
		return fmt.Errorf("read %s: %w", step, err)
	}
	if sum.n != m.Bytes || hex.EncodeToString(sum.Sum(nil)) != m.SHA256 {
		return fmt.Errorf("%s is not what its marker says; delete %s and run the step again", dataName(step), markName(step))
	}
	return nil
}

// writeFloats writes numbers, little-endian.
func writeFloats(w io.Writer, values []float32) error {
	buf := make([]byte, 0, 1<<16)
	for len(values) > 0 {
		n := min(len(values), cap(buf)/4)
		buf = buf[:0]
		for _, v := range values[:n] {
			buf = binary.LittleEndian.AppendUint32(buf, math.Float32bits(v))
		}
		if _, err := w.Write(buf); err != nil {
			return err
		}
		values = values[n:]
	}
	return nil
}

// readFloats fills values.
func readFloats(r io.Reader, values []float32) error {
	buf := make([]byte, 1<<16)
	for len(values) > 0 {
		n := min(len(values), len(buf)/4)
		if _, err := io.ReadFull(r, buf[:4*n]); err != nil {
			return err
		}
		for k := range n {
			values[k] = math.Float32frombits(binary.LittleEndian.Uint32(buf[4*k:]))
		}
		values = values[n:]
	}
	return nil
}
