package dataset

import (
	"context"
	"errors"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"codegraph/imageset"
)

// typed reads categories that have a folder of images for each type.
type typed struct {
	test  string   // holds the folders of the types
	truth []string // hold the masks
	is    func(dir string) bool
	// own allows for what people do in folders of their own: masks in a
	// folder of masks without types, or beside their images.
	own bool
}

var (
	mvtec  = typed{test: "test", truth: []string{"ground_truth"}, is: hasTypes}
	mpdd   = mvtec
	btad   = typed{test: "test", truth: []string{"ground_truth"}, is: hasOK}
	loco   = typed{test: "test", truth: []string{"ground_truth"}, is: hasLOCO}
	mvtec2 = typed{test: "test_public", truth: []string{"test_public/ground_truth"}, is: hasPublic}
	folder = typed{test: ".", truth: truthNames, is: hasGood, own: true}
)

// Names of folders, compared without case.
var (
	goodNames  = []string{"good", "ok", "normal"}
	truthNames = []string{"ground_truth", "groundtruth", "gt", "masks", "mask"}
	otherSets  = []string{"train", "val", "validation"}
)

func contains(names []string, name string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
}

func hasTypes(dir string) bool { return len(subfolders(filepath.Join(dir, "test"))) > 0 }

func hasOK(dir string) bool { return isDir(dir, "test", "ok") || isDir(dir, "test", "ko") }

func hasLOCO(dir string) bool {
	return isDir(dir, "test", "logical_anomalies") || isDir(dir, "test", "structural_anomalies") ||
		isFile(dir, "defects_config.json")
}

func hasPublic(dir string) bool {
	return isDir(dir, "test_public") || isDir(dir, "test_private") || isDir(dir, "test_private_mixed")
}

func hasGood(dir string) bool {
	return slices.ContainsFunc(subfolders(dir), func(n string) bool { return contains(goodNames, n) })
}

// find takes root as a category or else its sub-folders.
func (t typed) find(root string) ([]place, error) {
	if t.is(root) {
		return []place{{name: baseName(root), dir: root}}, nil
	}
	var places []place
	for _, name := range subfolders(root) {
		if dir := filepath.Join(root, name); t.is(dir) && !(t.own && contains(otherSets, name)) {
			places = append(places, place{name: name, dir: dir})
		}
	}
	return places, nil
}

// read collects the images of all types, then looks for their masks.
func (t typed) read(ctx context.Context, p place, b *builder) error {
	test := filepath.Join(p.dir, filepath.FromSlash(t.test))
	ix := newMaskIndex()
	if err := t.findProblems(ctx, test, b); err != nil {
		return err
	}
	for _, typ := range subfolders(test) {
		switch {
		case contains(truthNames, typ):
		case t.own && contains(otherSets, typ):
			b.warn("", "folder %s: it looks like a training or validation set; passed over", typ)
		default:
			if err := t.readType(ctx, test, typ, b, ix); err != nil {
				return err
			}
		}
	}
	if err := t.readTruth(ctx, p.dir, b, ix); err != nil {
		return err
	}
	ix.assign(b, t.own)
	return nil
}

// findProblems notes what lies among the test images and is none, or of no type.
func (t typed) findProblems(ctx context.Context, test string, b *builder) error {
	if !isDir(test) {
		return nil
	}
	all, problems, err := imageset.Walk(ctx, []string{test})
	if err != nil {
		return err
	}
	b.Problems = problems
	for _, it := range all {
		if !strings.Contains(it.Name, "/") {
			b.Problems = append(b.Problems, imageset.Problem{Name: path.Join(t.test, it.Name), Err: errNoType})
		}
	}
	return nil
}

// readType adds the images in the folder of a type.
func (t typed) readType(ctx context.Context, test, typ string, b *builder, ix *maskIndex) error {
	set, _, err := imageset.Walk(ctx, []string{filepath.Join(test, typ)})
	if err != nil {
		return err
	}
	good := contains(goodNames, typ)
	for _, it := range set {
		below := path.Join(typ, it.Name)
		if t.own && strings.HasSuffix(strings.ToLower(stem(it.Name)), "_mask") {
			if !good {
				ix.add(below, it.Path)
			}
			continue
		}
		s := Sample{Path: it.Path, Name: path.Join(t.test, below), Type: typ, Anomalous: !good}
		if good {
			s.Type = Good
		}
		b.Samples = append(b.Samples, s)
		ix.keys = append(ix.keys, below)
	}
	return nil
}

// readTruth indexes the folders of masks. A folder of one's own may be the
// test folder of something larger, with the masks beside it.
func (t typed) readTruth(ctx context.Context, dir string, b *builder, ix *maskIndex) error {
	roots := make([]string, 0, 2*len(t.truth))
	for _, name := range t.truth {
		roots = append(roots, filepath.Join(dir, filepath.FromSlash(name)))
	}
	if t.own {
		roots = roots[:0]
		for _, above := range []string{dir, parent(dir)} {
			for _, name := range subfolders(above) {
				if contains(t.truth, name) && (above == dir || contains([]string{"test"}, baseName(dir))) {
					roots = append(roots, filepath.Join(above, name))
				}
			}
		}
	}
	for _, root := range roots {
		if !isDir(root) {
			continue
		}
		ix.roots = append(ix.roots, root)
		set, err := walk(ctx, root, b)
		if err != nil {
			return err
		}
		for _, it := range set {
			ix.add(it.Name, it.Path)
		}
	}
	return nil
}

var errNoType = errors.New("it lies in no folder of a type and has no label")

// walk lists the images below dir; what cannot be read is a warning.
func walk(ctx context.Context, dir string, b *builder) (imageset.Set, error) {
	set, problems, err := imageset.Walk(ctx, []string{dir})
	for _, p := range problems {
		b.warn("folders that cannot be read", "%v; passed over", p)
	}
	return set, err
}
