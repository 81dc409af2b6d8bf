package report_test

import (
	"slices"
	"testing"

	"codegraph/report"
)

func TestOnPage(t *testing.T) {
	t.Parallel()
	in := []string{
		"F1: 4 images share something that the others lack, and neither pass nor fail before you say what it is: --confirm F1 for a defect, --reject F1 if it is harmless",
		"or two variants of the part, each judged within itself; --confirm F2 if it is a defect",
		"add images of the same kind of part, 20 or more, or good ones with --reference",
		"cannot be told; compare with known good images, or mark some images as good",
		"small defects are lost; divide them with --tile 100",
		"raise it (--max-memory), or make the image smaller",
		"nothing to press",
	}
	want := []string{
		"F1: 4 images share something that the others lack, and neither pass nor fail before you say what it is: press “A defect” or “Harmless” beside F1",
		"or two variants of the part, each judged within itself; press “A defect” beside F2 if it is one",
		"add images of the same kind of part, 20 or more, or press “Reference” beside good ones",
		"cannot be told; say of 12 or more that they are good, and the others are judged by them",
		"small defects are lost; divide them with the option tile 100",
		"raise it (the option max-memory), or make the image smaller",
		"nothing to press",
	}
	if got := report.OnPage(in); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
