package mutual

// Valid marks the patches of images that are compared, [N][P]: those of an image
// that is nil all are, and so are all of nil. What is not valid has distances of 0
// and scores 0, and nothing matches it: an image without a valid patch is at +Inf.
type Valid [][]bool

// of marks the valid patches of image i; nil: all are.
func (v Valid) of(i int) []bool {
	if v == nil {
		return nil
	}
	return v[i]
}

// has says whether patch x of image i is valid.
func (v Valid) has(i, x int) bool {
	of := v.of(i)
	return of == nil || of[x]
}

// Patches lists the valid patches of image i, of p.
func (v Valid) Patches(i, p int) []int { return v.allowed(i, p, nil) }

// Hidden marks the patches of image i, of p, that are not valid; nil: none.
func (v Valid) Hidden(i, p int) []bool { return v.hidden(i, p, nil) }

// allowed lists the valid patches of image i, of p, but for excluded.
func (v Valid) allowed(i, p int, excluded []int) []int {
	rest := complement(p, excluded)
	of := v.of(i)
	if of == nil {
		return rest
	}
	out := rest[:0]
	for _, x := range rest {
		if of[x] {
			out = append(out, x)
		}
	}
	return out
}

// among lists which of the patches excluded are valid.
func (v Valid) among(i int, excluded []int) (out []int) {
	for _, x := range excluded {
		if v.has(i, x) {
			out = append(out, x)
		}
	}
	return out
}

// hidden marks what is not valid and what is excluded, [p]; nil: nothing.
func (v Valid) hidden(i, p int, excluded []int) []bool {
	of := v.of(i)
	if of == nil && len(excluded) == 0 {
		return nil
	}
	out := make([]bool, p)
	for x := range out {
		out[x] = of != nil && !of[x]
	}
	for _, x := range excluded {
		out[x] = true
	}
	return out
}
