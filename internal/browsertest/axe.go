package browsertest

import (
	"cmp"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// Axe is the program of axe-core, or the test is skipped without it. web is the path of
// that folder.
func Axe(t *testing.T, web string) string {
	t.Helper()
	axe, err := os.ReadFile(cmp.Or(os.Getenv("CODEGRAPH_AXE"), filepath.Join(web, "node_modules", "axe-core", "axe.min.js")))
	if err != nil {
		t.Skipf("no axe-core: npm ci in web, or CODEGRAPH_AXE=FILE (%v)", err)
	}
	return string(axe)
}

// Prefer sets the colour scheme of the system.
func (p *Page) Prefer(scheme string) {
	p.T.Helper()
	p.emulate(emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
}

// Media lays the page out as for screen or print.
func (p *Page) Media(media string) {
	p.T.Helper()
	p.emulate(emulation.SetEmulatedMediaParams{Media: media})
}

func (p *Page) emulate(media emulation.SetEmulatedMediaParams) {
	p.T.Helper()
	if _, err := chromedp.Call(p.Context, emulation.SetEmulatedMedia, media); err != nil {
		p.T.Fatal(err)
	}
}

// Accessible has axe-core, which the page has run, find nothing wrong.
func (p *Page) Accessible(where string) {
	p.T.Helper()
	p.Do(`window.violations = null; axe.run(document).then((r) => { window.violations = r.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.html.slice(0, 120)).join("; ")) })`)
	p.Want(true, `window.violations !== null`)
	for _, v := range Eval[[]string](p, `window.violations`) {
		p.T.Errorf("%s: %s", where, v)
	}
}
