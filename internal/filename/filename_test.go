package filename

import "testing"

func TestReserved(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"nul": true, "Con.png": true, "aux.tar.gz": true, "COM1": true, "lpt³.txt": true, "prn .png": true, "conin$": true,
		"": false, "com": false, "com10": false, "comx": false, "null": false, "console.png": false, "image_con": false,
	} {
		if got := Reserved(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}

func TestFold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"A.PNG", "a.png", true},
		{"caf\u00e9", "cafe\u0301", true}, // composed, decomposed
		{"CAF\u00c9", "cafe\u0301", true},
		{"ﬁ.png", "FI.png", true},
		{"straße", "STRASSE", false}, // no file system takes them for the same
		{"ς", "σ", true},             // both are Σ in upper case
		{"a", "b", false},
	} {
		if got := Fold(c.a) == Fold(c.b); got != c.same {
			t.Errorf("%q, %q: %q, %q", c.a, c.b, Fold(c.a), Fold(c.b))
		}
	}
}
