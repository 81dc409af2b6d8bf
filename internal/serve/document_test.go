package serve

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"codegraph/internal/browsertest"
)

// described is the part of an OpenAPI document that the tests read.
type described struct {
	Paths map[string]map[string]struct {
		Security  *[]any
		Responses map[string]struct {
			Content map[string]struct{ Schema *struct{} }
		}
	}
}

var documents = sync.OnceValues(func() (d described, err error) {
	return d, json.Unmarshal(openAPI, &d)
})

func document(t testing.TB) described {
	t.Helper()
	d, err := documents()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func operation(method, path string) string { return strings.ToUpper(method) + " " + path }

// splitPattern returns the method, in lower case, and the path of a route as
// OpenAPI writes them.
func splitPattern(pattern string) (method, path string) {
	method, path, _ = strings.Cut(pattern, " ")
	return strings.ToLower(method), strings.NewReplacer("{$}", "", "...}", "}").Replace(path)
}

func routeOperation(pattern string) string { return operation(splitPattern(pattern)) }

// schemas compiles the schemas of the document: those of OpenAPI 3.1 are
// JSON Schema 2020-12.
var schemas = sync.OnceValues(func() (*jsonschema.Compiler, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(openAPI))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	return c, c.AddResource("openapi.json", doc)
})

var schemaLock sync.Mutex

// Documented checks an answer against the document: its status, its kind, and
// its content where that is JSON with a schema.
func Documented(method, path string, res *http.Response, body []byte) error {
	d, err := documents()
	if err != nil {
		return err
	}
	key, err := patternOf(method, path)
	if err != nil {
		return err
	}
	m, p := splitPattern(key)
	status := strconv.Itoa(res.StatusCode)
	switch res.StatusCode {
	case http.StatusForbidden, http.StatusMisdirectedRequest: // the guards', for all routes
		return nil
	}
	answer, ok := d.Paths[p][m].Responses[status]
	if !ok {
		return fmt.Errorf("status %s is not described: %s", status, body)
	}
	kind, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	content, ok := answer.Content[kind]
	if !ok {
		if _, any := answer.Content["*/*"]; any || strings.HasPrefix(kind, "image/") && len(answer.Content) > 0 || len(body) == 0 {
			return nil
		}
		if res.StatusCode == http.StatusSeeOther {
			return nil
		}
		return fmt.Errorf("kind %q of status %s is not described", kind, status)
	}
	if content.Schema == nil {
		return nil
	}
	return valid(fmt.Sprintf("openapi.json#/paths/%s/%s/responses/%s/content/application~1json/schema", pointer(p), m, status), body)
}

func valid(ref string, body []byte) error {
	schemaLock.Lock()
	defer schemaLock.Unlock()
	c, err := schemas()
	if err != nil {
		return err
	}
	s, err := c.Compile(ref)
	if err != nil {
		return err
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return err
	}
	return s.Validate(v)
}

// Valid checks a value against a schema of the document.
func Valid(schema string, body []byte) error {
	return valid("openapi.json#/components/schemas/"+schema, body)
}

func pointer(p string) string {
	p = strings.NewReplacer("~", "~0", "/", "~1").Replace(p)
	return strings.NewReplacer("{", "%7B", "}", "%7D").Replace(p)
}

// routed has the routes of a server, and does nothing.
var routed = sync.OnceValue(func() *http.ServeMux {
	mux := http.NewServeMux()
	s := &Server{}
	s.metrics = newMetrics(s)
	for _, r := range s.routes() {
		mux.HandleFunc(r.pattern, func(http.ResponseWriter, *http.Request) {})
	}
	return mux
})

// patternOf finds the route of a request.
func patternOf(method, path string) (string, error) {
	_, pattern := routed().Handler(httptest.NewRequest(method, path, nil))
	if pattern == "" {
		return "", fmt.Errorf("no route")
	}
	return pattern, nil
}

// TestMain makes the test binary behave as a server for the tests that kill it, and one
// that waits less in the others.
func TestMain(m *testing.M) {
	if AsServer != nil && os.Getenv("CODEGRAPH_TEST_SERVE") != "" {
		AsServer()
		return
	}
	settleTime, headerTime = 50*time.Millisecond, time.Second
	os.Exit(browsertest.Main(m))
}

// AsServer is set by the tests of the package from outside.
var AsServer func()
