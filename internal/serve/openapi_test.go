package serve

import "testing"

// TestDescribed: the document describes each route and no other.
func TestDescribed(t *testing.T) {
	t.Parallel()
	described := map[string]bool{}
	for path, methods := range document(t).Paths {
		for method := range methods {
			described[operation(method, path)] = true
		}
	}
	s := &Server{}
	s.metrics = newMetrics(s)
	for _, r := range s.routes() {
		key := routeOperation(r.pattern)
		if !described[key] {
			t.Errorf("openapi.json does not describe %s", key)
		}
		delete(described, key)
	}
	for key := range described {
		t.Errorf("openapi.json describes %s, which is not a route", key)
	}
}

// TestSecurityDescribed: the document says which routes need no token.
func TestSecurityDescribed(t *testing.T) {
	t.Parallel()
	doc := document(t)
	s := &Server{}
	s.metrics = newMetrics(s)
	for _, r := range s.routes() {
		method, path := splitPattern(r.pattern)
		op := doc.Paths[path][method]
		if open := op.Security != nil && len(*op.Security) == 0; open != r.open {
			t.Errorf("%s: open %v, described as %v", r.pattern, r.open, open)
		}
	}
}
