package dataset

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
)

// visaRow is a line of 1cls.csv.
type visaRow struct {
	line                              int
	object, split, label, image, mask string
}

// findVisA looks for 1cls.csv in root, or above it if root has the images of
// one object, and otherwise for the layout of MVTec AD.
func findVisA(root string) ([]place, error) {
	dir, only := root, ""
	if !isFile(dir, "split_csv", "1cls.csv") && isDir(root, "Data", "Images") {
		dir, only = parent(root), baseName(root)
	}
	list := filepath.Join(dir, "split_csv", "1cls.csv")
	if !isFile(list) {
		return mvtec.find(root)
	}
	rows, err := readVisAList(list, nil)
	if err != nil {
		return nil, err
	}
	var places []place
	seen := make(map[string]bool)
	for _, r := range rows {
		if !seen[r.object] && (only == "" || r.object == only) {
			places = append(places, place{r.object, dir, list})
		}
		seen[r.object] = true
	}
	if len(places) == 0 {
		return nil, fmt.Errorf("%s: it lists no images of %s", list, only)
	}
	return places, nil
}

// readVisA reads the rows of one object that belong to the test set.
func readVisA(ctx context.Context, p place, b *builder) error {
	if p.list == "" {
		return mvtec.read(ctx, p, b)
	}
	rows, err := readVisAList(p.list, b)
	if err != nil {
		return err
	}
	seen := make(map[string]bool)
	for _, r := range rows {
		if err := ctx.Err(); err != nil {
			return err
		}
		if r.object != p.name || !strings.EqualFold(r.split, "test") {
			continue
		}
		if seen[r.image] {
			b.warn("images listed twice", "1cls.csv, line %d: %s is listed before; passed over", r.line, r.image)
			continue
		}
		seen[r.image] = true
		r.add(p, b)
	}
	return nil
}

// add turns a row into a sample. Grey levels of masks number the types of
// defects.
func (r visaRow) add(p place, b *builder) {
	file, err := listed(p.dir, r.image)
	if err != nil {
		b.warn("listed images that are missing", "1cls.csv, line %d: %v; the image is passed over", r.line, err)
		return
	}
	s := Sample{Path: file, Name: strings.TrimPrefix(r.image, r.object+"/"), Type: Good, legend: &legend{any: true}}
	switch strings.ToLower(r.label) {
	case "normal":
	case "anomaly":
		s.Type, s.Anomalous = "anomaly", true
		if r.mask == "" {
			b.noMask(s.Name, "1cls.csv lists no mask")
		} else if m, err := listed(p.dir, r.mask); err != nil {
			b.noMask(s.Name, "its mask "+err.Error())
		} else {
			s.Masks = []string{m}
		}
	default:
		b.warn("unknown labels", "1cls.csv, line %d: label %q is neither normal nor anomaly; %s is passed over", r.line, r.label, r.image)
		return
	}
	b.Samples = append(b.Samples, s)
}

// readVisAList reads 1cls.csv. Lines that cannot be read are warnings of b,
// if there is one.
func readVisAList(file string, b *builder) ([]visaRow, error) {
	data, err := readList(file)
	if err != nil {
		return nil, err
	}
	rows, problems, err := parseVisA(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	for _, p := range problems {
		if b != nil {
			b.warn("lines of 1cls.csv that cannot be read", "1cls.csv, %v; passed over", p)
		}
	}
	return rows, nil
}

// parseVisA finds the columns by the names in the header.
func parseVisA(data []byte) (rows []visaRow, problems []error, err error) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))))
	r.FieldsPerRecord = -1
	header, err := r.Read()
	if err != nil {
		return nil, nil, fmt.Errorf("no header can be read: %w", err)
	}
	var at [5]int
	for i, name := range []string{"object", "split", "label", "image", "mask"} {
		at[i] = slices.IndexFunc(header, func(h string) bool { return strings.EqualFold(strings.TrimSpace(h), name) })
		if at[i] < 0 {
			return nil, nil, fmt.Errorf("the header %q has no column %q", strings.Join(header, ","), name)
		}
	}
	for {
		record, err := r.Read()
		if err == io.EOF {
			return rows, problems, nil
		}
		if pe, ok := errors.AsType[*csv.ParseError](err); ok {
			problems = append(problems, fmt.Errorf("line %d: %w", pe.StartLine, pe.Err))
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		line, _ := r.FieldPos(0)
		field := func(i int) string {
			if at[i] >= len(record) {
				return ""
			}
			return strings.TrimSpace(record[at[i]])
		}
		row := visaRow{line, field(0), field(1), field(2), field(3), field(4)}
		if row.object == "" || row.split == "" || row.label == "" || row.image == "" {
			problems = append(problems, fmt.Errorf("line %d: object, split, label or image is empty", line))
			continue
		}
		rows = append(rows, row)
	}
}
