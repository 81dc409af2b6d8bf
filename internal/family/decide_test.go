package family

import (
	"slices"
	"testing"
)

// claim is a group that would be a defect by itself.
func claim(burnout float64, deflated bool, images ...int) Family {
	f := Family{Evidence: Evidence{Deflated: deflated, Burnout: burnout, Limit: 15, Alone: 3, Area: 0.02, Share: float64(len(images)) / 20}}
	for _, i := range images {
		f.Members = append(f.Members, Member{Image: i})
	}
	return f
}

// TestPoses: groups that hold more than half of a batch are not defects, unless
// one stands alone; a person is asked about the strongest.
func TestPoses(t *testing.T) {
	t.Parallel()
	a, b, c := []int{0, 1, 2, 3}, []int{4, 5, 6}, []int{7, 8, 9, 10}
	for _, test := range []struct {
		name           string
		plain, flat    []Family
		defects, asked [][]int
	}{
		{"one defect", nil, []Family{claim(60, true, a...)}, [][]int{a}, nil},
		{"two defects", nil, []Family{claim(60, true, a...), claim(50, true, b...)}, [][]int{a, b}, nil},
		{"poses", nil, []Family{claim(60, true, a...), claim(50, true, b...), claim(40, true, c...)}, nil, [][]int{a}},
		{"poses on both", []Family{claim(50, false, b...), claim(40, false, c...)}, []Family{claim(40, true, a...)}, [][]int{a}, [][]int{b}},
		{"two variants", []Family{claim(90, false, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9), claim(30, false, 10, 11, 12, 13, 14, 15, 16, 17, 18)}, nil, nil, [][]int{{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}}},
		{"a variant, and what deflation leaves of it", []Family{claim(90, false, upto(0, 10)...), claim(30, false, upto(10, 20)...)}, []Family{claim(20, true, upto(1, 9)...)}, nil, [][]int{upto(0, 10)}},
		{"a defect of one variant", []Family{claim(90, false, upto(0, 10)...), claim(30, false, upto(10, 20)...)}, []Family{claim(60, true, a...)}, [][]int{a}, [][]int{upto(0, 10)}},
		{"all that a batch has in common", []Family{claim(60, false, a...)}, nil, [][]int{a}, nil},
		{"what deflation leaves little of", []Family{claim(60, false, a...)}, []Family{faint(a...)}, nil, [][]int{a}},
		{"the same, and it stands out", []Family{standing(claim(60, false, a...))}, []Family{faint(a...)}, [][]int{a}, nil},
		{"a variant beside a defect", []Family{claim(60, false, upto(8, 14)...)}, []Family{claim(50, true, b...)}, [][]int{b}, [][]int{upto(8, 14)}},
		{"a defect beside poses", nil, []Family{claim(200, true, a...), claim(50, true, b...), claim(40, true, c...)}, [][]int{a}, nil},
	} {
		p := DefaultParams()
		p.H, p.W = 20, 20
		var defects, asked [][]int
		for _, f := range decide([2][]Family{test.plain, test.flat}, 20, p) {
			if f.Defect {
				defects = append(defects, f.Images())
			} else {
				asked = append(asked, f.Images())
			}
		}
		if !slices.EqualFunc(defects, test.defects, slices.Equal) || !slices.EqualFunc(asked, test.asked, slices.Equal) {
			t.Errorf("%s: defects %v, asked %v; want %v and %v", test.name, defects, asked, test.defects, test.asked)
		}
	}
}

// faint is a group of deflated distances that does not rise.
func faint(images ...int) Family {
	f := claim(20, true, images...)
	f.Evidence.Alone = 0
	return f
}

// standing is a family whose images stand out as they are.
func standing(f Family) Family {
	f.Evidence.Z += 2
	f.Evidence.Alone += 2
	return f
}

func upto(first, end int) (images []int) {
	for i := first; i < end; i++ {
		images = append(images, i)
	}
	return images
}
