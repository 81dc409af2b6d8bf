package snapshot

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"math"
	"slices"

	"codegraph/backbone"
	"codegraph/backbone/effnet"
	"codegraph/internal/atomicfile"
	"codegraph/internal/mutual"
	"codegraph/internal/option"
	"codegraph/internal/pose"
	"codegraph/internal/regular"
	"codegraph/internal/token"
)

// A saved snapshot is, with all numbers little-endian,
//
//	magic    8 bytes "CGSTATE\0"
//	version  uint32, 5
//	length   uint32, of the header
//	header   JSON: header
//	payload  float32: the normalised features by layer, image, patch and
//	         channel; the distances [M][P][M]; centre, turns and mean of the
//	         template, if there is one
//	digest   SHA-256 of everything before it
const (
	magic     = "CGSTATE\x00"
	version   = 6
	prefixLen = len(magic) + 4 + 4
	// maxHeader bounds the header: names and patches of a gallery.
	maxHeader = 256 << 20
)

// errDamaged says that a saved snapshot is not as it was written.
var errDamaged = errors.New("the snapshot is damaged; make it again")

// header gives the shapes of the payload.
type header struct {
	about
	H        int   `json:"h"`
	W        int   `json:"w"`
	Widths   []int `json:"widths"`   // channels of each layer
	Template bool  `json:"template"` // whether parts are turned
}

// Save writes s to a file. On an error what was there before stays.
func (s *Snapshot) Save(path string) error {
	return atomicfile.Write(path, s.write)
}

func (s *Snapshot) header() header {
	h := header{about: s.about, H: s.tokens.H, W: s.tokens.W}
	for l := range s.tokens.Layers() {
		h.Widths = append(h.Widths, s.tokens.Block(l, 0).C)
	}
	h.Template = s.template != nil
	return h
}

func (s *Snapshot) write(dst io.Writer) error {
	header, err := json.Marshal(s.header())
	if err != nil {
		return err
	}
	if len(header) > maxHeader {
		return fmt.Errorf("the names and patches of a snapshot of %d images take %d bytes, more than the %d that can be saved", s.tokens.N(), len(header), maxHeader)
	}
	sum := sha256.New()
	w := bufio.NewWriterSize(io.MultiWriter(dst, sum), 1<<18)
	w.WriteString(magic)
	prefix := binary.LittleEndian.AppendUint32(nil, version)
	w.Write(binary.LittleEndian.AppendUint32(prefix, uint32(len(header))))
	w.Write(header)
	for _, v := range s.tensors() {
		for part := range slices.Chunk(v, 1<<14) {
			if err := binary.Write(w, binary.LittleEndian, part); err != nil {
				return err
			}
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err = dst.Write(sum.Sum(nil))
	return err
}

// tensors lists the payload.
func (s *Snapshot) tensors() (all [][]float32) {
	for l := range s.tokens.Layers() {
		for i := range s.tokens.N() {
			all = append(all, s.tokens.Block(l, i).Data)
		}
	}
	for i := range s.table.N {
		for p := range s.table.P {
			all = append(all, s.table.Row(i, p))
		}
	}
	if t := s.template; t != nil {
		all = append(all, t.Parts()...)
	}
	return all
}

// Load reads what Save wrote. b is the network of the snapshot; nil stands for the
// embedded one of the name that the snapshot has. It is an error (Err) if the
// snapshot was made with another.
func Load(path string, b backbone.Backbone) (*Snapshot, error) {
	f, err := regular.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	s, err := read(f, info.Size())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if b == nil && effnet.Has(s.about.Network) {
		if b, err = effnet.Named(s.about.Network); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	s.backbone = b
	if _, err := s.options(option.Options{}); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

// read reads a snapshot of size bytes. Nothing is allocated that the size
// does not warrant.
func read(src io.Reader, size int64) (*Snapshot, error) {
	r := &reader{sum: sha256.New()}
	r.src = bufio.NewReaderSize(io.TeeReader(io.LimitReader(src, size-sha256.Size), r.sum), 1<<18)
	h, err := r.header(size)
	if err != nil {
		return nil, err
	}
	s := &Snapshot{about: h.about, tokens: token.NewStore(len(h.Images), len(h.Widths), h.H, h.W, h.Options.Radii)}
	if err := r.payload(s, h); err != nil {
		return nil, err
	}
	var digest [sha256.Size]byte
	if _, err := io.ReadFull(src, digest[:]); err != nil || !bytes.Equal(digest[:], r.sum.Sum(nil)) {
		return nil, errDamaged
	}
	return s, h.check()
}

type reader struct {
	src *bufio.Reader
	sum hash.Hash
	raw []byte
}

func (r *reader) header(size int64) (*header, error) {
	prefix := make([]byte, prefixLen)
	if size < int64(prefixLen+sha256.Size) {
		return nil, errDamaged
	}
	if _, err := io.ReadFull(r.src, prefix); err != nil {
		return nil, errDamaged
	}
	if string(prefix[:len(magic)]) != magic {
		return nil, errors.New("it is not a snapshot")
	}
	if v := binary.LittleEndian.Uint32(prefix[len(magic):]); v != version {
		return nil, fmt.Errorf("the snapshot has version %d and this program reads version %d; make it again", v, version)
	}
	length := int64(binary.LittleEndian.Uint32(prefix[len(magic)+4:]))
	left := size - int64(prefixLen+sha256.Size) - length
	if length > maxHeader || left < 0 {
		return nil, errDamaged
	}
	text := make([]byte, length)
	if _, err := io.ReadFull(r.src, text); err != nil {
		return nil, errDamaged
	}
	h := new(header)
	if json.Unmarshal(text, h) != nil {
		return nil, errDamaged
	}
	if n, ok := h.floats(); !ok || n > left/4 || 4*n != left {
		return nil, errDamaged
	}
	return h, nil
}

// floats counts the payload; ok is false for shapes that no snapshot has.
func (h *header) floats() (n int64, ok bool) {
	const most = 1 << 20 // of any dimension, so that products of three fit
	m := int64(len(h.Images))
	if m < 2 || m > 1<<16 || h.H < 1 || h.W < 1 || h.H > 1<<12 || h.W > 1<<12 || len(h.Widths) < 1 || len(h.Widths) > 1<<10 {
		return 0, false
	}
	p := int64(h.H) * int64(h.W)
	if p > most {
		return 0, false
	}
	for _, c := range h.Widths {
		if c < 1 || c > 1<<16 {
			return 0, false
		}
		n += m * p * int64(c)
	}
	n += m * p * m
	if h.Template {
		for _, part := range pose.EmptyTemplate().Parts() {
			n += int64(len(part))
		}
	}
	return n, n > 0
}

func (r *reader) payload(s *Snapshot, h *header) error {
	for l, c := range h.Widths {
		for i := range h.Images {
			m := backbone.Map{H: h.H, W: h.W, C: c, Data: make([]float32, h.H*h.W*c)}
			if err := r.floats(m.Data, false); err != nil {
				return err
			}
			s.tokens.SetBlock(l, i, m)
		}
	}
	s.table = mutual.NewTable(len(h.Images), h.H*h.W)
	for i := range s.table.N {
		for p := range s.table.P {
			if err := r.floats(s.table.Row(i, p), true); err != nil {
				return err
			}
		}
	}
	if !h.Template {
		return nil
	}
	s.template = pose.EmptyTemplate()
	for _, part := range s.template.Parts() {
		if err := r.floats(part, false); err != nil {
			return err
		}
	}
	return nil
}

// floats reads into dst: numbers, which may be +Inf where infinite says so.
func (r *reader) floats(dst []float32, infinite bool) error {
	for part := range slices.Chunk(dst, 1<<14) {
		if r.raw == nil {
			r.raw = make([]byte, 4<<14)
		}
		raw := r.raw[:4*len(part)]
		if _, err := io.ReadFull(r.src, raw); err != nil {
			return errDamaged
		}
		for k := range part {
			v := math.Float32frombits(binary.LittleEndian.Uint32(raw[4*k:]))
			if !(math.Abs(float64(v)) <= math.MaxFloat32) && !(infinite && v > 0) {
				return errDamaged
			}
			part[k] = v
		}
	}
	return nil
}

// check finds numbers in the header that lead nowhere.
func (h *header) check() error {
	m, p := len(h.Images), h.H*h.W
	ok := len(h.Reference) == m && len(h.Angles) == m && len(h.Pattern) == p && h.Neighbours >= 1 && h.Neighbours < m && len(h.Options.Radii) > 0
	listed := func(image int, patches []int) {
		ok = ok && image >= 0 && image < m && slices.IsSorted(patches) && len(patches) > 0 && patches[0] >= 0 && patches[len(patches)-1] < p
	}
	for image, patches := range h.Hidden {
		listed(image, patches)
	}
	for image, patches := range h.Removed {
		listed(image, patches)
	}
	for _, f := range h.Families {
		for _, g := range f.Anomalous {
			listed(g.Image, g.Patches)
		}
	}
	if !ok {
		return errDamaged
	}
	return nil
}
