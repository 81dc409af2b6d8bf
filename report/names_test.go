package report

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"codegraph/internal/filename"
)

func TestFileStems(t *testing.T) {
	t.Parallel()
	names := []string{
		"test/crack/000.png", "test_crack_000.jpg", "A.png", "a.png", "CON.png", "com1.x.png",
		"../up.png", ".hidden", "größe.png", "gro\u0308ße.png", "日本.png", "a b:c*?.png", "", "con.png",
	}
	want := []string{
		"test_crack_000", "test_crack_000-2", "A", "a-2", "_CON", "_com1.x",
		"_up", "_", "größe", "größe-2", "日本", "a_b_c__", "_-2", "_con-2",
	}
	if got := fileStems(names); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// Stems are safe and remain distinct when case does not count.
func TestFileStemsProperty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOf(rapid.OneOf(
			rapid.String(), rapid.StringMatching(`[aA/._ -]{0,4}`), rapid.StringN(100, 300, -1),
		)).Draw(t, "names")
		seen := map[string]bool{}
		for i, s := range fileStems(names) {
			if seen[filename.Fold(s)] {
				t.Fatalf("%q twice for %q", s, names)
			}
			seen[filename.Fold(s)] = true
			if s == "" || len(s) > 200 || strings.ContainsAny(s, "/\\:*?\"<>| \x00") || !filepath.IsLocal(s) ||
				strings.HasPrefix(s, ".") || strings.HasSuffix(s, ".") || filename.Reserved(s) {
				t.Fatalf("%q becomes %q", names[i], s)
			}
		}
	})
}
