package dataset

import (
	"strings"
	"testing"

	"codegraph/imageset"
)

// matched labels the images below one folder of a tree by the masks below
// another.
func matched(t *testing.T, files tree) (string, *Category, error) {
	t.Helper()
	root := files.write(t)
	images, _, err := imageset.Walk(t.Context(), []string{root + "/photos"})
	if err != nil {
		t.Fatal(err)
	}
	c, err := Match(t.Context(), images, root+"/masks")
	return root, c, err
}

func TestMatch(t *testing.T) {
	root, c, err := matched(t, tree{}.
		put(picture, "photos/line/a.jpg", "photos/line/b.png", "photos/line/c.png", "photos/line/d.png", "photos/e.png").
		put(marked, "masks/line/a_mask.png", "masks/b.png", "masks/c/1.png", "masks/other.png").
		put(blank, "masks/c/2.png", "masks/line/d.png"))
	if err != nil {
		t.Fatal(err)
	}
	want := `e.png good
line/a.jpg defect! masks/line/a_mask.png
line/b.png defect! masks/b.png
line/c.png defect! masks/c/1.png
line/d.png good`
	if got := summary(root, c); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if !warned(c.Warnings, "other.png", "no image") {
		t.Errorf("warnings %q", c.Warnings)
	}
}

func TestMatchRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		files tree
		want  string
	}{
		"shared": {tree{}.put(picture, "photos/x/a.png", "photos/y/a.png").put(marked, "masks/a.png"), "fits both x/a.png and y/a.png"},
		"none":   {tree{}.put(picture, "photos/a.png").put(marked, "masks/b.png"), "a_mask.png"},
		"broken": {tree{}.put(picture, "photos/a.png").put([]byte("no image"), "masks/a.png"), "a.png"},
		"absent": {tree{}.put(picture, "photos/a.png"), "masks"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, _, err := matched(t, tt.files); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}
