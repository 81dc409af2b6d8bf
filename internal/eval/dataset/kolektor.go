package dataset

import (
	"context"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"codegraph/imageset"
)

// findKSDD looks for folders kosNN with masks NAME_label.
func findKSDD(root string) ([]place, error) {
	for _, name := range subfolders(root) {
		if strings.HasPrefix(strings.ToLower(name), "kos") && hasMask(filepath.Join(root, name), "_label") {
			return []place{{name: "KolektorSDD", dir: root}}, nil
		}
	}
	return nil, nil
}

// findKSDD2 looks for a folder test with masks NAME_GT.
func findKSDD2(root string) ([]place, error) {
	if hasMask(filepath.Join(root, "test"), "_gt") {
		return []place{{name: "KolektorSDD2", dir: root}}, nil
	}
	return nil, nil
}

func hasMask(dir, suffix string) bool {
	return slices.ContainsFunc(looseImages(dir), func(n string) bool { return isMaskName(n, suffix) })
}

// isMaskName reports whether name ends in suffix, which is in lower case.
func isMaskName(name, suffix string) bool {
	return strings.HasSuffix(strings.ToLower(stem(name)), suffix)
}

func readKSDD(ctx context.Context, p place, b *builder) error {
	for _, name := range subfolders(p.dir) {
		if !strings.HasPrefix(strings.ToLower(name), "kos") {
			continue
		}
		if err := readBeside(ctx, p.dir, name, "_label", b); err != nil {
			return err
		}
	}
	return nil
}

func readKSDD2(ctx context.Context, p place, b *builder) error {
	return readBeside(ctx, p.dir, "test", "_gt", b)
}

// readBeside reads a folder in which every image has its mask beside it,
// which alone says whether the image is defective.
func readBeside(ctx context.Context, dir, sub, suffix string, b *builder) error {
	set, err := walk(ctx, filepath.Join(dir, sub), b)
	if err != nil {
		return err
	}
	masks := make(map[string]string)
	for _, it := range set {
		if isMaskName(it.Name, suffix) {
			s := stem(it.Name)
			masks[s[:len(s)-len(suffix)]] = it.Path
		}
	}
	for _, it := range set {
		if isMaskName(it.Name, suffix) {
			continue
		}
		name := path.Join(sub, it.Name)
		mask, ok := masks[stem(it.Name)]
		if !ok {
			b.warn("images without label", "%s: its mask %s%s is missing, so that it has no label; the image is passed over", name, stem(name), suffix)
			continue
		}
		delete(masks, stem(it.Name))
		if err := addBeside(ctx, name, it.Path, mask, b); err != nil {
			return err
		}
	}
	for _, it := range set {
		if s := stem(it.Name); isMaskName(it.Name, suffix) && masks[s[:len(s)-len(suffix)]] != "" {
			b.warn("masks without image", "%s: the mask belongs to no image; passed over", path.Join(sub, it.Name))
		}
	}
	return nil
}

// addBeside labels an image by its mask.
func addBeside(ctx context.Context, name, file, mask string, b *builder) error {
	m, err := readMask(ctx, mask, imageset.DefaultLimits)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		b.warn("masks that cannot be read", "%v; %s has no label and is passed over", err, name)
		return nil
	}
	s := Sample{Path: file, Name: name, Type: Good}
	if slices.Contains(m.on, true) {
		s.Type, s.Anomalous, s.Masks = "defect", true, []string{mask}
	}
	b.Samples = append(b.Samples, s)
	return nil
}
