package report

import (
	"bufio"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"io"

	"codegraph/internal/outdir"
	"codegraph/internal/text"
)

// Names inside an output folder.
const (
	ResultsName = outdir.Results
	ScoresName  = outdir.Scores
	RegionsName = outdir.Regions
	PageName    = outdir.Page // the page that shows the output to people
	InputDir    = outdir.Input
)

// The page's program and style are built from web/.
//
//go:generate sh -c "cd ../web && npm ci --no-audit --no-fund && npm run check && npm run build"

//go:embed page/page.js
var pageScript string

//go:embed page/page.css
var pageStyle string

// Policy lets the page run its own program and nothing else, and fetch
// nothing but images in it and beside it.
func Policy() string {
	sum := sha256.Sum256([]byte(pageScript))
	return fmt.Sprintf("default-src 'none'; script-src 'sha256-%s'; style-src 'unsafe-inline'; img-src data: blob: file: 'self'; base-uri 'none'; form-action 'none'",
		base64.StdEncoding.EncodeToString(sum[:]))
}

// writePage writes one HTML file that needs nothing but, for large batches,
// the images beside it. The data is JSON with <, > and & escaped: no name can
// end the element that holds it. Names reach the document as text only.
func writePage(w io.Writer, data *pageData) error {
	out := bufio.NewWriter(w)
	title := "Inspection report"
	if data.Title != "" {
		title = text.Printable(data.Title) + ": inspection report"
	}
	fmt.Fprintf(out, `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="%s">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>%s</title>
<link rel="icon" href="data:,">
<style>%s</style>
</head>
<body>
<noscript>This report needs JavaScript. The same figures are in results.json and scores.csv beside it.</noscript>
%s`, Policy(), html.EscapeString(title), pageStyle, dataOpen)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(true)
	if err := enc.Encode(data); err != nil {
		return err
	}
	fmt.Fprintf(out, dataClose+"\n<script>%s</script>\n</body>\n</html>\n", pageScript)
	return out.Flush()
}
