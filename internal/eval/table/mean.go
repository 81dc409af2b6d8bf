package table

// Mean is the mean of a method's rows over categories.
type Mean struct {
	Method string `json:"method"`
	Figures
	Original    *PixelFigures `json:"original,omitempty"`
	Std         *Figures      `json:"std,omitempty"`
	OriginalStd *PixelFigures `json:"original_std,omitempty"`
	Repeats     int           `json:"repeats"`
	Categories  int           `json:"categories"`
	// Defined says over how many categories a figure is the mean, where these
	// are fewer than Categories; those of Original have the prefix "original_".
	Defined map[string]int `json:"defined,omitempty"`
}

func (m *Mean) result() result { return newResult(m.Figures, m.Original, m.Std, m.OriginalStd) }

// defined returns over how many categories a figure is the mean.
func (m *Mean) defined(key string) int {
	if n, ok := m.Defined[key]; ok {
		return n
	}
	return m.Categories
}

// meansOf averages the rows of each method over the categories, with equal
// weight. Standard deviations are left out: those of a mean do not follow from
// those of the categories (see Repeats).
func meansOf(rows []Row) []Mean {
	var means []Mean
	for _, method := range methods {
		var a averages
		repeats := 0
		for i := range rows {
			if rows[i].Method == method {
				a.add(rows[i].result(), rows[i].Original != nil)
				repeats = max(repeats, rows[i].Repeats)
			}
		}
		if a.n == 0 {
			continue
		}
		mean := Mean{Method: method, Repeats: repeats, Categories: a.n, Defined: a.gaps()}
		mean.Figures, mean.Original = a.mean()
		means = append(means, mean)
	}
	return means
}

// averages collects rows.
type averages struct {
	n           int // rows
	hasOriginal bool
	figures     [resolutions][len(metrics)]moments
}

// add takes the figures that are defined.
func (a *averages) add(r result, hasOriginal bool) {
	a.n++
	a.hasOriginal = a.hasOriginal || hasOriginal
	for i := range resolutions {
		for k := range metrics {
			if v := *metrics[k].of(&r.value[i]); v.Defined() {
				a.figures[i][k].add(float64(v))
			}
		}
	}
}

// collect makes figures of what is known of each of them.
func (a *averages) collect(of func(*moments) float64) (Figures, *PixelFigures) {
	var f [resolutions]Figures
	for i := range resolutions {
		for k := range metrics {
			*metrics[k].of(&f[i]) = Percent(of(&a.figures[i][k]))
		}
	}
	if !a.hasOriginal {
		return f[evaluated], nil
	}
	return f[evaluated], &f[original].PixelFigures
}

func (a *averages) mean() (Figures, *PixelFigures) {
	return a.collect((*moments).average)
}

// std needs two rows.
func (a *averages) std() (*Figures, *PixelFigures) {
	if a.n < 2 {
		return nil, nil
	}
	f, orig := a.collect((*moments).std)
	return &f, orig
}

// gaps counts the rows of the figures that some row lacks.
func (a *averages) gaps() map[string]int {
	gaps := make(map[string]int)
	for i := range resolutions {
		if i == original && !a.hasOriginal {
			continue
		}
		for k := range metrics {
			if n := a.figures[i][k].n; n < a.n && !(i == original && k < firstPixel) {
				gaps[keyOf(i, &metrics[k])] = n
			}
		}
	}
	return gaps
}

// keyOf names a figure at a resolution.
func keyOf(resolution int, m *metric) string {
	if resolution == original {
		return "original_" + m.key
	}
	return m.key
}
