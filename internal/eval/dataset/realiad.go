package dataset

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// realIADSizes are the folders of images in the order of preference.
var realIADSizes = []string{"realiad_1024", "realiad_512", "realiad_256", "realiad_raw"}

// realIADLists is where the lists are; archives differ.
var realIADLists = []string{"realiad_jsons", "realiad_jsons/realiad_jsons"}

// findRealIAD looks for lists in root, or above it if root has the images of
// one category.
func findRealIAD(root string) ([]place, error) {
	if places := realIADPlaces(root); len(places) > 0 {
		return places, nil
	}
	images := parent(root)
	if !slices.Contains(realIADSizes, filepath.Base(images)) {
		return nil, nil
	}
	for _, lists := range realIADLists {
		list := filepath.Join(parent(images), filepath.FromSlash(lists), baseName(root)+".json")
		if isFile(list) {
			return []place{{baseName(root), images, list}}, nil
		}
	}
	return nil, nil
}

// realIADPlaces pairs the lists below root with the largest images.
func realIADPlaces(root string) []place {
	images := filepath.Join(root, realIADSizes[0])
	for _, size := range slices.Backward(realIADSizes) {
		if isDir(root, size) {
			images = filepath.Join(root, size)
		}
	}
	for _, lists := range realIADLists {
		entries, _ := os.ReadDir(filepath.Join(root, filepath.FromSlash(lists)))
		var places []place
		for _, e := range entries {
			list := filepath.Join(root, filepath.FromSlash(lists), e.Name())
			if name, ok := strings.CutSuffix(e.Name(), ".json"); ok && isFile(list) {
				places = append(places, place{name, images, list})
			}
		}
		if len(places) > 0 {
			return places
		}
	}
	return nil
}

// realIADList is CATEGORY.json. Entries are decoded one by one, so that a
// damaged one does not hide the others.
type realIADList struct {
	Meta struct {
		Prefix      string `json:"prefix"`
		NormalClass string `json:"normal_class"`
	} `json:"meta"`
	Test []json.RawMessage `json:"test"`
}

type realIADEntry struct {
	Class string  `json:"anomaly_class"`
	Image string  `json:"image_path"`
	Mask  *string `json:"mask_path"`
}

func parseRealIAD(data []byte) (realIADList, error) {
	var l realIADList
	if err := json.Unmarshal(data, &l); err != nil {
		if se, ok := errors.AsType[*json.SyntaxError](err); ok {
			return l, fmt.Errorf("damaged at byte %d: %w", se.Offset, err)
		}
		return l, err
	}
	if l.Test == nil {
		return l, errors.New(`it has no list "test"`)
	}
	if l.Meta.NormalClass == "" {
		l.Meta.NormalClass = "OK"
	}
	return l, nil
}

// entry decodes one entry of the test set.
func (l *realIADList) entry(i int) (realIADEntry, error) {
	var e realIADEntry
	if err := json.Unmarshal(l.Test[i], &e); err != nil {
		return e, err
	}
	if e.Image == "" || e.Class == "" {
		return e, errors.New("image_path or anomaly_class is empty")
	}
	return e, nil
}

// readRealIAD reads the list of a category.
func readRealIAD(ctx context.Context, p place, b *builder) error {
	data, err := readList(p.list)
	if err != nil {
		return err
	}
	l, err := parseRealIAD(data)
	if err != nil {
		return fmt.Errorf("%s: %w", p.list, err)
	}
	prefix := l.Meta.Prefix
	if prefix == "" {
		prefix = p.name
	}
	seen := make(map[string]bool)
	for i := range l.Test {
		if err := ctx.Err(); err != nil {
			return err
		}
		e, err := l.entry(i)
		if err != nil {
			b.warn("entries that cannot be read", "%s, test entry %d: %v; passed over", filepath.Base(p.list), i, err)
			continue
		}
		if seen[e.Image] {
			b.warn("images listed twice", "%s, test entry %d: %s is listed before; passed over", filepath.Base(p.list), i, e.Image)
			continue
		}
		seen[e.Image] = true
		e.add(p, prefix, l.Meta.NormalClass, b)
	}
	return nil
}

// add turns an entry into a sample.
func (e realIADEntry) add(p place, prefix, normal string, b *builder) {
	file, err := listed(p.dir, path.Join(prefix, e.Image))
	if err != nil {
		b.warn("listed images that are missing", "%s: %v; the image is passed over", filepath.Base(p.list), err)
		return
	}
	s := Sample{Path: file, Name: e.Image, Type: Good}
	if e.Class != normal {
		s.Type, s.Anomalous = e.Class, true
		if e.Mask == nil || *e.Mask == "" {
			b.noMask(s.Name, filepath.Base(p.list)+" lists no mask")
		} else if m, err := listed(p.dir, path.Join(prefix, *e.Mask)); err != nil {
			b.noMask(s.Name, "its mask "+err.Error())
		} else {
			s.Masks = []string{m}
		}
	}
	b.Samples = append(b.Samples, s)
}
