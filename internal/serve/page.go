package serve

import (
	"embed"
	"net/http"
)

// The page's program and style are built from web by
// go generate ./report.
//
//go:embed page
var assets embed.FS

//go:embed openapi.json
var openAPI []byte

// asset sends a file of the page.
func asset(name, kind string) http.HandlerFunc {
	data, err := assets.ReadFile("page/" + name)
	return func(w http.ResponseWriter, r *http.Request) {
		if err != nil {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Cache-Control", "no-cache")
		w.Write(data)
	}
}

func (s *Server) index(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Security-Policy", appPolicy)
	asset("index.html", "text/html; charset=utf-8")(w, r)
}

func (s *Server) loginPage(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Security-Policy", appPolicy)
	asset("login.html", "text/html; charset=utf-8")(w, r)
}

// description sends the document of the interface.
func (s *Server) description(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Write(openAPI)
}
