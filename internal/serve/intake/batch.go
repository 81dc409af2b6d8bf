package intake

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"codegraph/imageset"
	"codegraph/internal/atomicfile"
	"codegraph/internal/filename"
)

// ErrTooMuch is wrapped by errors about a batch beyond its limits.
var ErrTooMuch = errors.New("more than is allowed")

// ErrArchive is wrapped by errors about an archive that cannot be read.
var ErrArchive = errors.New("not a zip archive that can be read")

// Limits bound a batch. Zero fields mean DefaultLimits'.
type Limits struct {
	Files      int   // images
	FileBytes  int64 // of one image, unpacked
	TotalBytes int64 // of all images, unpacked, and of all archives
	Pixels     int64 // of one image, width × height
}

// DefaultLimits allow 5000 images of 100 megapixels and 256 MiB each, 8 GiB in
// all.
var DefaultLimits = Limits{Files: 5000, FileBytes: 256 << 20, TotalBytes: 8 << 30, Pixels: 100_000_000}

// WithDefaults fills in what is zero.
func (l Limits) WithDefaults() Limits {
	if l.Files == 0 {
		l.Files = DefaultLimits.Files
	}
	if l.FileBytes == 0 {
		l.FileBytes = DefaultLimits.FileBytes
	}
	if l.TotalBytes == 0 {
		l.TotalBytes = DefaultLimits.TotalBytes
	}
	if l.Pixels == 0 {
		l.Pixels = DefaultLimits.Pixels
	}
	return l
}

// Refused is a file that was not taken, and why.
type Refused struct {
	Name   string `json:"name"`
	Reason string `json:"reason"`
}

// maxRefused bounds the list: an archive may hold any number of other files.
const maxRefused = 100

// Batch is a folder of images in the making. It is for one goroutine.
type Batch struct {
	dir     string
	limits  Limits
	taken   map[string]bool // names as file systems may confuse them
	entries int             // looked at, images or not
	bytes   int64
	// Files are the names of the images, in the order they came.
	Files []string
	// Refused are the others; all after a hundred are counted in one.
	Refused []Refused
	refused int
}

// New starts a batch in the folder dir, which exists and is empty.
func New(dir string, limits Limits) *Batch {
	return &Batch{dir: dir, limits: limits.WithDefaults(), taken: map[string]bool{}}
}

// isArchive reports whether a file of that name is taken for an archive.
func isArchive(name string) bool { return strings.EqualFold(path.Ext(name), ".zip") }

// Add takes one file of that name: an image, or an archive of images. An error
// ends the batch.
func (b *Batch) Add(ctx context.Context, name string, content io.Reader) error {
	if isArchive(name) {
		return b.archive(ctx, content)
	}
	return b.image(ctx, name, content)
}

// AddFolder takes the images below a folder of this machine, as
// [imageset.WalkInside] finds them.
func (b *Batch) AddFolder(ctx context.Context, dir string) error {
	set, problems, err := imageset.WalkInside(ctx, dir)
	if err != nil {
		return err
	}
	for _, p := range problems {
		b.Refuse(p.Name, p.Err.Error())
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	for _, it := range set {
		if it.Page > 0 {
			continue // the file is taken with its first page
		}
		if err := b.AddFile(ctx, root, it); err != nil {
			return err
		}
	}
	return nil
}

// AddFile takes an image below a folder of this machine, root. It follows no link
// out of the folder, and waits for no pipe.
func (b *Batch) AddFile(ctx context.Context, root *os.Root, it imageset.Item) error {
	name := it.Name
	rel, err := filepath.Rel(root.Name(), it.Path)
	if err != nil {
		b.Refuse(name, "it cannot be read")
		return nil
	}
	f, err := root.OpenFile(rel, os.O_RDONLY|nonBlocking, 0)
	if err != nil {
		b.Refuse(name, "it cannot be read")
		return nil
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		b.Refuse(name, "it is not a regular file")
		return nil
	}
	return b.image(ctx, name, f)
}

// Refuse notes a file that is not taken, and why; beyond maxRefused files it counts
// them, under the last name.
func (b *Batch) Refuse(name, reason string) {
	if b.refused++; b.refused <= maxRefused {
		b.Refused = append(b.Refused, Refused{name, reason})
		return
	}
	more := Refused{fmt.Sprintf("%d more files", b.refused-maxRefused), "they are not listed"}
	b.Refused = append(b.Refused[:maxRefused], more)
}

// count bounds the files and folders that are looked at: one that is none of ours
// costs little, but not nothing.
func (b *Batch) count() error {
	if b.entries++; b.entries > 20*b.limits.Files {
		return fmt.Errorf("%w: over %d files", ErrTooMuch, 20*b.limits.Files)
	}
	return nil
}

// admit returns the name under which an image is to be kept; "" if it is not,
// which refuse has noted.
func (b *Batch) admit(raw string) (string, error) {
	if err := b.count(); err != nil {
		return "", err
	}
	name, err := CleanName(raw)
	switch {
	case err != nil:
		b.Refuse(strings.ToValidUTF8(raw, "_"), err.Error())
		return "", nil
	case hidden(name):
		// ._x.png has what macOS knows of x.png, not its pixels.
		if imageset.IsImageName(name) && !strings.HasPrefix(path.Base(name), "._") {
			b.Refuse(name, "hidden")
		}
		return "", nil
	case !imageset.IsImageName(name):
		b.Refuse(name, "not named like an image that is read: PNG, JPEG, BMP, TIFF, WebP, GIF, PNM and TGA are")
		return "", nil
	case len(b.Files) >= b.limits.Files:
		return "", fmt.Errorf("%w: over %d images", ErrTooMuch, b.limits.Files)
	}
	return b.unique(name), nil
}

// unique numbers a name that an earlier file has, whatever the case or the encoding of accents.
func (b *Batch) unique(name string) string {
	ext := path.Ext(name)
	stem := strings.TrimSuffix(name, ext)
	for n := 2; b.taken[filename.Fold(name)]; n++ {
		name = stem + "-" + strconv.Itoa(n) + ext
	}
	b.taken[filename.Fold(name)] = true
	return name
}

func (b *Batch) image(ctx context.Context, raw string, content io.Reader) error {
	name, err := b.admit(raw)
	if err != nil || name == "" {
		return err
	}
	file := filepath.Join(b.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		// An earlier file may have the name of this one's folder.
		b.Refuse(name, "its folder cannot be made")
		return nil
	}
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		b.Refuse(name, "a folder of the batch has its name")
		return nil
	}
	err = atomicfile.Write(file, func(w io.Writer) error { return b.copy(ctx, w, content, b.limits.FileBytes) })
	if tooLarge, ok := errors.AsType[*tooLargeError](err); ok && !tooLarge.total {
		b.Refuse(name, fmt.Sprintf("larger than %d bytes", b.limits.FileBytes))
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := imageset.Dimensions(ctx, imageset.Item{Name: name, Path: file}, imageset.Limits{MaxPixels: b.limits.Pixels, MaxBytes: b.limits.FileBytes}); err != nil {
		b.Refuse(name, reason(err))
		return os.Remove(file)
	}
	b.Files = append(b.Files, name)
	return nil
}

// reason is what a client may know of an error about an image: not the
// server's paths.
func reason(err error) string {
	for _, known := range []error{imageset.ErrNotImage, imageset.ErrTooLarge, imageset.ErrTruncated} {
		if errors.Is(err, known) {
			return err.Error()
		}
	}
	return "it cannot be read"
}

type tooLargeError struct{ total bool }

func (e *tooLargeError) Error() string { return "over the limit of bytes" }
func (e *tooLargeError) Unwrap() error { return ErrTooMuch }

// copy copies at most limit bytes and counts them.
func (b *Batch) copy(ctx context.Context, w io.Writer, r io.Reader, limit int64) error {
	room := b.limits.TotalBytes - b.bytes
	n, err := io.Copy(w, io.LimitReader(reader{ctx, r}, min(limit, room)+1))
	b.bytes += min(n, room)
	switch {
	case err != nil:
		return err
	case n > room:
		return fmt.Errorf("over %d bytes in all: %w", b.limits.TotalBytes, &tooLargeError{total: true})
	case n > limit:
		return &tooLargeError{}
	}
	return nil
}

// reader ends with its context.
type reader struct {
	ctx context.Context
	r   io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if r.ctx.Err() != nil {
		return 0, context.Cause(r.ctx)
	}
	return r.r.Read(p)
}

// archive unpacks a zip archive. Its own bytes count, too.
func (b *Batch) archive(ctx context.Context, content io.Reader) error {
	temp, err := os.CreateTemp(b.dir, ".archive-*")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	defer temp.Close()
	if err := b.copy(ctx, temp, content, b.limits.TotalBytes); err != nil {
		return err
	}
	size, err := temp.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if err := b.directorySize(temp, size); err != nil {
		return err
	}
	z, err := zip.NewReader(temp, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // names are checked one by one
		return fmt.Errorf("%w: %w", ErrArchive, err)
	}
	for _, f := range z.File {
		var err error
		switch regular := f.Mode().IsRegular(); {
		case regular && f.Flags&1 == 0:
			err = b.entry(ctx, f)
		case regular:
			b.Refuse(strings.ToValidUTF8(f.Name, "_"), "encrypted: pack it without a password")
			err = b.count()
		case f.FileInfo().IsDir():
			err = b.count()
		default:
			b.Refuse(strings.ToValidUTF8(f.Name, "_"), "not a regular file")
			err = b.count()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// directorySize refuses an archive whose list of entries is longer than a batch
// may be, before it is read: it takes several times its size in memory.
func (b *Batch) directorySize(r io.ReaderAt, size int64) error {
	// The end record of the list (APPNOTE.TXT 4.3.16): 22 bytes and a comment, and
	// before it perhaps a locator of 20.
	tail := make([]byte, min(size, 20+22+1<<16))
	if _, err := r.ReadAt(tail, size-int64(len(tail))); err != nil {
		return fmt.Errorf("%w: %w", ErrArchive, err)
	}
	at := bytes.LastIndex(tail, []byte("PK\x05\x06"))
	if at < 0 || len(tail)-at < 22 {
		return nil // zip.NewReader says what is wrong
	}
	list := int64(binary.LittleEndian.Uint32(tail[at+12:]))
	if list == 1<<32-1 && at >= 20 {
		// Its ZIP64 twin, of 56 bytes, which a locator before the record points to.
		var end [56]byte
		if _, err := r.ReadAt(end[:], int64(binary.LittleEndian.Uint64(tail[at-12:])&(1<<63-1))); err != nil {
			return fmt.Errorf("%w: %w", ErrArchive, err)
		}
		list = int64(binary.LittleEndian.Uint64(end[40:]) & (1<<63 - 1))
	}
	if limit := 20 * int64(b.limits.Files); list > limit*maxEntry {
		return fmt.Errorf("%w: an archive with a list of %d bytes", ErrTooMuch, list)
	}
	return nil
}

// maxEntry is a generous size of an entry in the list of an archive: a header
// of 46 bytes, a name, times and owners.
const maxEntry = 512

func (b *Batch) entry(ctx context.Context, f *zip.File) error {
	r, err := f.Open()
	if err != nil {
		b.Refuse(strings.ToValidUTF8(f.Name, "_"), "its compression is unknown")
		return nil
	}
	defer r.Close()
	before := len(b.Files)
	err = b.image(ctx, f.Name, r)
	if errors.Is(err, ErrTooMuch) || err == nil || ctx.Err() != nil || len(b.Files) > before {
		return err
	}
	if errors.Is(err, atomicfile.ErrDiskFull) {
		return err
	}
	return fmt.Errorf("%w: %q: %w", ErrArchive, f.Name, err)
}
