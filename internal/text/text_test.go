package text

import "testing"

func TestWrap(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, indent, want string }{
		{"", "", ""},
		{" one  two three ", "", "one two\nthree"},
		{"one two three", "  ", "one two\n  three"},
		{"longer-than-a-line and", "", "longer-than-a-line\nand"},
		{"日本 日本", "", "日本\n日本"}, // two columns each
	} {
		if got := Wrap(c.in, 8, c.indent); got != c.want {
			t.Errorf("%q: %q, want %q", c.in, got, c.want)
		}
	}
}

func TestPrintable(t *testing.T) {
	t.Parallel()
	if got := Printable("a\x1b[1mä\u202e\u2028\n"); got != "a�[1mä���" {
		t.Errorf("%q", got)
	}
}

func TestCell(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"": "", "a=b": "a=b", "=1+1": "'=1+1", "+x": "'+x", "-x": "'-x", "@x": "'@x", "\tx": "'\tx", "＝x": "'＝x",
	} {
		if got := Cell(in); got != want {
			t.Errorf("Cell(%q) = %q, want %q", in, got, want)
		}
	}
}
