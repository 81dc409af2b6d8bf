package pipeline

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
	"os"
	"slices"

	"codegraph/backbone"
	"codegraph/internal/atomicfile"
	"codegraph/internal/mutual"
	"codegraph/internal/pose"
	"codegraph/internal/token"
)

// A saved state is, with all numbers little-endian,
//
//	magic    8 bytes "CGSTATE\0"
//	version  uint32, 3
//	length   uint32, of the header
//	header   JSON: stateHeader
//	payload  float32: the normalised features by layer, image, patch and
//	         channel; the distances [M][P][M]; of the template, if there is
//	         one, centre, turns and mean
//	digest   SHA-256 of everything before it
const (
	stateMagic   = "CGSTATE\x00"
	stateVersion = 3
	prefixLen    = len(stateMagic) + 4 + 4
	// mostHeader bounds the header: names and patches of a base.
	mostHeader = 256 << 20
)

// errDamaged says that a saved state is not as it was written.
var errDamaged = errors.New("the saved state is damaged; make it again")

// stateHeader gives the shapes of the payload.
type stateHeader struct {
	stateInfo
	H      int   `json:"h"`
	W      int   `json:"w"`
	Widths []int `json:"widths"` // channels of each layer
	// Template is the number of channels, 0 for none, and Turns that of turns.
	Template int `json:"template"`
	Turns    int `json:"turns"`
}

// Save writes s to a file. On an error what was there before stays.
func (s *State) Save(path string) error {
	return atomicfile.Write(path, s.write)
}

func (s *State) header() stateHeader {
	h := stateHeader{stateInfo: s.about, H: s.tokens.H, W: s.tokens.W}
	for l := range s.tokens.Layers() {
		h.Widths = append(h.Widths, s.tokens.Block(l, 0).C)
	}
	if s.template != nil {
		h.Template, h.Turns = len(s.template.Centre), len(s.template.Turns)
	}
	return h
}

func (s *State) write(dst io.Writer) error {
	header, err := json.Marshal(s.header())
	if err != nil {
		return err
	}
	if len(header) > mostHeader {
		return fmt.Errorf("the names and patches of a state of %d images take %d bytes, more than the %d that can be saved", s.tokens.N(), len(header), mostHeader)
	}
	sum := sha256.New()
	w := bufio.NewWriterSize(io.MultiWriter(dst, sum), 1<<18)
	w.WriteString(stateMagic)
	prefix := binary.LittleEndian.AppendUint32(nil, stateVersion)
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
func (s *State) tensors() (all [][]float32) {
	for l := range s.tokens.Layers() {
		for i := range s.tokens.N() {
			all = append(all, s.tokens.Block(l, i).Data)
		}
	}
	for i := range s.before.N {
		for p := range s.before.P {
			all = append(all, s.before.Row(i, p))
		}
	}
	if t := s.template; t != nil {
		all = append(append(append(all, t.Centre), t.Turns...), t.Mean)
	}
	return all
}

// LoadState reads what Save wrote. b is the network of the state, nil for the
// embedded one; it is an error (ErrState) if the state was made with another.
func LoadState(path string, b backbone.Backbone) (*State, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	s, err := readState(f, info.Size())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	s.backbone = b
	if _, err := s.options(Options{}); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

// readState reads a state of size bytes. Nothing is allocated that the size
// does not warrant.
func readState(src io.Reader, size int64) (*State, error) {
	r := &stateReader{sum: sha256.New()}
	r.src = bufio.NewReaderSize(io.TeeReader(io.LimitReader(src, size-sha256.Size), r.sum), 1<<18)
	h, err := r.header(size)
	if err != nil {
		return nil, err
	}
	s := &State{about: h.stateInfo, tokens: token.NewStore(len(h.Images), len(h.Widths), h.H, h.W, h.Options.Radii)}
	if err := r.payload(s, h); err != nil {
		return nil, err
	}
	var digest [sha256.Size]byte
	if _, err := io.ReadFull(src, digest[:]); err != nil || !bytes.Equal(digest[:], r.sum.Sum(nil)) {
		return nil, errDamaged
	}
	return s, h.check()
}

type stateReader struct {
	src *bufio.Reader
	sum hash.Hash
	raw []byte
}

func (r *stateReader) header(size int64) (*stateHeader, error) {
	prefix := make([]byte, prefixLen)
	if size < int64(prefixLen+sha256.Size) {
		return nil, errDamaged
	}
	if _, err := io.ReadFull(r.src, prefix); err != nil {
		return nil, errDamaged
	}
	if string(prefix[:len(stateMagic)]) != stateMagic {
		return nil, errors.New("it is not a saved state")
	}
	if v := binary.LittleEndian.Uint32(prefix[len(stateMagic):]); v != stateVersion {
		return nil, fmt.Errorf("the saved state has version %d and this program reads version %d; make it again", v, stateVersion)
	}
	length := int64(binary.LittleEndian.Uint32(prefix[len(stateMagic)+4:]))
	left := size - int64(prefixLen+sha256.Size) - length
	if length > mostHeader || left < 0 {
		return nil, errDamaged
	}
	text := make([]byte, length)
	if _, err := io.ReadFull(r.src, text); err != nil {
		return nil, errDamaged
	}
	h := new(stateHeader)
	if json.Unmarshal(text, h) != nil {
		return nil, errDamaged
	}
	if n, ok := h.floats(); !ok || n > left/4 || 4*n != left {
		return nil, errDamaged
	}
	return h, nil
}

// floats counts the payload; ok is false for shapes that no state has.
func (h *stateHeader) floats() (n int64, ok bool) {
	const most = 1 << 20 // of any dimension, so that products of three fit
	m := int64(len(h.Images))
	if m < 2 || m > 1<<16 || h.H < 1 || h.W < 1 || h.H > 1<<12 || h.W > 1<<12 || len(h.Widths) < 1 || len(h.Widths) > 1<<10 || h.Template < 0 || h.Template > most || h.Turns < 0 || h.Turns > 1<<10 {
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
	if h.Template > 0 {
		n += int64(h.Template) * (1 + pose.Grid*pose.Grid*(int64(h.Turns)+1))
	}
	return n, n > 0
}

func (r *stateReader) payload(s *State, h *stateHeader) error {
	for l, c := range h.Widths {
		for i := range h.Images {
			m := backbone.Map{H: h.H, W: h.W, C: c, Data: make([]float32, h.H*h.W*c)}
			if err := r.floats(m.Data, false); err != nil {
				return err
			}
			s.tokens.SetBlock(l, i, m)
		}
	}
	s.before = mutual.NewTable(len(h.Images), h.H*h.W)
	for i := range s.before.N {
		for p := range s.before.P {
			if err := r.floats(s.before.Row(i, p), true); err != nil {
				return err
			}
		}
	}
	if h.Template == 0 {
		return nil
	}
	t := &pose.Template{Centre: make([]float32, h.Template), Turns: make([][]float32, h.Turns), Mean: make([]float32, pose.Grid*pose.Grid*h.Template)}
	if err := r.floats(t.Centre, false); err != nil {
		return err
	}
	for k := range t.Turns {
		t.Turns[k] = make([]float32, len(t.Mean))
		if err := r.floats(t.Turns[k], false); err != nil {
			return err
		}
	}
	s.template = t
	return r.floats(t.Mean, false)
}

// floats reads into dst: numbers, which may be +Inf where infinite says so.
func (r *stateReader) floats(dst []float32, infinite bool) error {
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
func (h *stateHeader) check() error {
	m, p := len(h.Images), h.H*h.W
	ok := len(h.Reference) == m && len(h.Pattern) == p && h.Neighbours >= 1 && h.Neighbours < m && len(h.Options.Radii) > 0
	guilty := func(image int, patches []int) {
		ok = ok && image >= 0 && image < m && slices.IsSorted(patches) && len(patches) > 0 && patches[0] >= 0 && patches[len(patches)-1] < p
	}
	for image, patches := range h.Removed {
		guilty(image, patches)
	}
	for _, f := range h.Families {
		for _, g := range f.Guilty {
			guilty(g.Image, g.Patches)
		}
	}
	if !ok {
		return errDamaged
	}
	return nil
}
