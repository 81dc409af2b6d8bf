package serve

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Policies of what a page may do. Files that were uploaded, or made from such,
// may do nothing.
const (
	appPolicy  = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	filePolicy = "default-src 'none'; sandbox; frame-ancestors 'none'"
)

// guarded puts the checks that every request must pass before next.
func (s *Server) guarded(next http.Handler) http.Handler {
	origins := http.NewCrossOriginProtection()
	origins.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, r, &statusError{http.StatusForbidden, errors.New("the request comes from another site")})
	}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", filePolicy) // pages set their own
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		h.Set("Cache-Control", "no-store")
		if !s.knownHost(r.Host) {
			s.fail(w, r, &statusError{http.StatusMisdirectedRequest, errors.New("unknown host name: name it with --host, or use the address")})
			return
		}
		origins.Handler(next).ServeHTTP(w, r)
	})
}

// knownHost reports whether the server may be asked under this name. Addresses
// cannot be rebound, names can.
func (s *Server) knownHost(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	return host == "localhost" || slices.ContainsFunc(s.cfg.Hosts, func(h string) bool { return strings.EqualFold(h, host) })
}

const sessionCookie = "codegraph_session"

// session is the value of the cookie of those who know the token. It does not
// give the token away and ends with it.
func (s *Server) session() string {
	mac := hmac.New(sha256.New, []byte(s.cfg.Token))
	mac.Write([]byte("codegraph serve session"))
	return hex.EncodeToString(mac.Sum(nil))
}

// constantTimeEqual compares secrets in a time that tells nothing about them.
func constantTimeEqual(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// admitted reports whether the request carries the token, if there is one.
func (s *Server) admitted(r *http.Request) bool {
	if s.cfg.Token == "" {
		return true
	}
	if scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "Bearer") {
		return constantTimeEqual(token, s.cfg.Token)
	}
	cookie, err := r.Cookie(sessionCookie)
	return err == nil && constantTimeEqual(cookie.Value, s.session())
}

// requireToken lets only those in who know the token.
func (s *Server) requireToken(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		switch {
		case s.admitted(r):
			next(w, r)
		case r.Method == http.MethodGet && r.URL.Path == "/":
			http.Redirect(w, r, "/login", http.StatusSeeOther)
		default:
			w.Header().Set("WWW-Authenticate", `Bearer realm="codegraph"`)
			s.fail(w, r, &statusError{http.StatusUnauthorized, errors.New("a token is needed: send it as a bearer token, or sign in at /login")})
		}
	}
}

// guessPause slows guessing down.
const guessPause = 500 * time.Millisecond

// login takes the token from the form of the sign-in page.
func (s *Server) login(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	if err := r.ParseForm(); err != nil {
		s.fail(w, r, errors.Join(errRequest, err))
		return
	}
	if s.cfg.Token == "" || !constantTimeEqual(r.PostForm.Get("token"), s.cfg.Token) {
		select {
		case <-time.After(guessPause):
		case <-r.Context().Done():
		}
		http.Redirect(w, r, "/login#wrong", http.StatusSeeOther)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Value: s.session(), Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil})
	http.Redirect(w, r, "/", http.StatusSeeOther)
}
