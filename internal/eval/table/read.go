package table

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// publishedHeader is the first line of a file of published figures; the
// figures come last.
var publishedHeader = []string{
	"backbone", "pretraining", "size", "dataset", "category",
	"image_auroc", "image_f1", "image_ap", "pixel_auroc", "pixel_f1", "pixel_ap", "pixel_pro",
}

// firstFigure is the column of image_auroc.
const firstFigure = 5

// maxPublished bounds the size of such a file.
const maxPublished = 16 << 20

// ReadPublished reads published figures, in per cent, from CSV with the header
//
//	backbone,pretraining,size,dataset,category,image_auroc,image_f1,image_ap,pixel_auroc,pixel_f1,pixel_ap,pixel_pro
//
// The category mean is the mean over the dataset. A figure may be empty, as
// may the size. Lines that say the same again are passed over, lines that
// contradict another are an error. pixel_pro is taken for MuSc's variant.
// Source is what the tables cite; each setting of backbone and size is a
// source of its own.
func ReadPublished(r io.Reader, source string) ([]Published, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxPublished+1))
	if err != nil {
		return nil, fmt.Errorf("published figures: %w", err)
	}
	if len(data) > maxPublished {
		return nil, fmt.Errorf("published figures: more than %d MiB: is this the right file?", maxPublished>>20)
	}
	list, err := parsePublished(data, source)
	if err != nil {
		return nil, fmt.Errorf("published figures: %w", err)
	}
	return list, nil
}

func parsePublished(data []byte, source string) ([]Published, error) {
	in := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	header, err := in.Read()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if !slices.Equal(header, publishedHeader) {
		return nil, fmt.Errorf("the header is %q; it must be %s", strings.Join(header, ","), strings.Join(publishedHeader, ","))
	}
	var all []Published
	seen := make(map[Published]int) // what a line is about: the line
	var lines [][]string            // figures as they are written
	for {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			countCategories(all)
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		line, _ := in.FieldPos(0)
		p, err := publishedRow(record, source)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		about := p
		about.Figures = Figures{}
		if i, ok := seen[about]; !ok {
			seen[about] = len(all)
			all, lines = append(all, p), append(lines, record[firstFigure:])
		} else if !slices.Equal(lines[i], record[firstFigure:]) {
			return nil, fmt.Errorf("line %d: other figures for %s of %s than before (%s)", line, p.Category, p.Dataset, p.Source)
		}
	}
}

// publishedRow reads a line that has all columns.
func publishedRow(record []string, source string) (Published, error) {
	for i := range firstFigure {
		if record[i] = strings.TrimSpace(record[i]); record[i] == "" && publishedHeader[i] != "size" {
			return Published{}, fmt.Errorf("%s is empty", publishedHeader[i])
		}
	}
	size := 0
	if record[2] != "" {
		var err error
		if size, err = strconv.Atoi(record[2]); err != nil || size < 1 {
			return Published{}, fmt.Errorf("size %q is not a number of pixels; leave it empty if it is not known", record[2])
		}
	}
	backbone := record[0]
	if trained := parseBackbone(record[1]).pretraining; trained == "" || trained != parseBackbone(backbone).pretraining {
		backbone = record[1] + " " + backbone
	}
	p := Published{
		Source: describe(source, backbone, size), Dataset: record[3], Category: record[4],
		Backbone: backbone, Size: size, Figures: Undefined(),
	}
	for i, text := range record[firstFigure:] {
		m := &metrics[i]
		if m.key == "pixel_pro" {
			m = &metrics[i+1]
		}
		v, err := parseFigure(text)
		if err != nil {
			return Published{}, fmt.Errorf("%s: %w", publishedHeader[firstFigure+i], err)
		}
		*m.of(&p.Figures) = v
	}
	if p.ImageAUROC <= 1 || p.PixelAUROC <= 1 {
		return Published{}, errors.New("an AUROC of at most 1 %: figures must be in per cent, not shares")
	}
	return p, nil
}

func parseFigure(text string) (Percent, error) {
	if text = strings.TrimSpace(text); text == "" {
		return notDefined(), nil
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || !(v >= 0 && v <= 100) {
		return 0, fmt.Errorf("%q is not a figure in per cent, from 0 to 100; leave it empty if there is none", text)
	}
	return Percent(v), nil
}

// countCategories says over how many categories the means are, where their
// source has these too.
func countCategories(all []Published) {
	type setting struct{ source, dataset string }
	count := make(map[setting]int)
	for _, p := range all {
		if p.Category != meanCategory {
			count[setting{p.Source, p.Dataset}]++
		}
	}
	for i := range all {
		if p := &all[i]; p.Category == meanCategory {
			p.Categories = count[setting{p.Source, p.Dataset}]
		}
	}
}
