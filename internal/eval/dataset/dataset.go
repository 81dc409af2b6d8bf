package dataset

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ErrUnknown marks the error of a root that has no layout that can be read.
var ErrUnknown = errors.New("not a dataset that can be read")

// Dataset is a root folder whose layout is known. It is read-only and may be
// used from several goroutines.
type Dataset struct {
	Root     string
	Layout   Layout // never Auto
	Warnings []string
	format   *format
	places   []place // by name
}

// Open finds the categories below root. With Auto it finds the layout, too.
// Samples are read by Category only.
func Open(root string, layout Layout) (*Dataset, error) {
	if info, err := os.Stat(root); err != nil {
		return nil, fmt.Errorf("cannot find %s: %w", root, errors.Unwrap(err))
	} else if !info.IsDir() {
		return nil, fmt.Errorf("%s: %w: it is a file, name the folder of the dataset", root, ErrUnknown)
	}
	f, places, err := locate(root, layout)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(places, func(a, b place) int { return strings.Compare(a.name, b.name) })
	d := &Dataset{Root: root, Layout: f.Layout, format: f, places: places}
	d.warnPassedOver()
	return d, nil
}

// locate finds the layout and its categories.
func locate(root string, layout Layout) (*format, []place, error) {
	if layout != Auto {
		f := formatOf(layout)
		if f == nil {
			_, err := ParseLayout(string(layout))
			return nil, nil, err
		}
		places, err := f.find(root)
		if err == nil && len(places) == 0 {
			err = fmt.Errorf("%s: %w as %s: looked for %s, here and one folder below", root, ErrUnknown, layout, f.Files)
		}
		return f, places, err
	}
	return detect(root)
}

// detect takes the layout with most categories.
func detect(root string) (*format, []place, error) {
	var best *format
	var most []place
	for i := range formats {
		f := &formats[i]
		places, err := f.find(root)
		if err != nil {
			return nil, nil, err
		}
		if (f.Layout == MPDD || f.Layout == VisA) && !named(f.Layout, places) {
			continue // would do for anything like MVTec AD
		}
		if len(places) > 0 && places[0].list != "" {
			return f, places, nil
		}
		if f.Layout == Folder && best != nil {
			break // the sets of a known layout would do as such folders
		}
		if len(places) > len(most) {
			best, most = f, places
		}
	}
	if best != nil {
		return best, most, nil
	}
	var b strings.Builder
	for _, info := range Layouts() {
		fmt.Fprintf(&b, "\n  %-8s %s", info.Layout, info.Files)
	}
	return nil, nil, fmt.Errorf("%s: %w; looked, here and one folder below, for%s", root, ErrUnknown, b.String())
}

// categoriesOf are the names by which datasets stored like MVTec AD are told.
var categoriesOf = map[Layout]string{
	MPDD: "bracket_black bracket_brown bracket_white connector metal_plate tubes",
	VisA: "candle capsules cashew chewinggum fryum macaroni1 macaroni2 pcb1 pcb2 pcb3 pcb4 pipe_fryum",
}

// named reports whether a list or the name of every category says that
// places are of this dataset.
func named(l Layout, places []place) bool {
	known := strings.Fields(categoriesOf[l])
	return !slices.ContainsFunc(places, func(p place) bool {
		return p.list == "" && !slices.Contains(known, p.name)
	})
}

// warnPassedOver names the folders beside categories that are none, and
// images of other sizes.
func (d *Dataset) warnPassedOver() {
	first := d.places[0]
	var other []string
	if d.Layout == RealIAD && filepath.Dir(first.dir) == filepath.Clean(d.Root) {
		for _, size := range realIADSizes {
			if size != filepath.Base(first.dir) && isDir(d.Root, size) {
				other = append(other, size)
			}
		}
		if len(other) > 0 {
			d.Warnings = append(d.Warnings, fmt.Sprintf("images are read from %s; passed over: %s", first.dir, strings.Join(other, ", ")))
		}
		return
	}
	if first.list != "" || filepath.Clean(first.dir) == filepath.Clean(d.Root) {
		return
	}
	for _, name := range subfolders(d.Root) {
		if !slices.ContainsFunc(d.places, func(p place) bool { return p.name == name }) {
			other = append(other, name)
		}
	}
	if len(other) > 0 {
		d.Warnings = append(d.Warnings, fmt.Sprintf("passed over, being no category of layout %s: %s", d.Layout, strings.Join(other, ", ")))
	}
}

// Categories returns the names of the categories, sorted.
func (d *Dataset) Categories() []string {
	names := make([]string, len(d.places))
	for i, p := range d.places {
		names[i] = p.name
	}
	return names
}

// Info describes the layout.
func (d *Dataset) Info() Info { return d.format.Info }

// Category reads the test set of a category.
func (d *Dataset) Category(ctx context.Context, name string) (*Category, error) {
	i := slices.IndexFunc(d.places, func(p place) bool { return p.name == name })
	if i < 0 {
		return nil, fmt.Errorf("%s has no category %q; it has %s", d.Root, name, strings.Join(d.Categories(), ", "))
	}
	b := &builder{Category: Category{Name: name}}
	if err := d.format.read(ctx, d.places[i], b); err != nil {
		return nil, fmt.Errorf("category %s: %w", name, err)
	}
	return b.finish(), nil
}
