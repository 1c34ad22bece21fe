package admin

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/tutorflow/observability/telemetry/catalog"
)

// handler is everything between the server and its routes.
func (s *Server) handler() http.Handler {
	origins := http.NewCrossOriginProtection()
	origins.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.refused(r, catalog.RefusedOrigin)
		http.Error(w, "a web page of another site changes nothing here", http.StatusForbidden)
	}))
	return s.contained(s.authorized(origins.Handler(s.routes())))
}

// refused tells of a refused request who sent it, and nothing that it says.
func (s *Server) refused(r *http.Request, why catalog.Refusal) {
	s.parts.Refused(why)
	s.fail(fmt.Sprintf("refused a request by its %v, from %s", why, r.RemoteAddr))
}

// contained keeps a part that panics from showing anything but a 500, keeps
// every answer out of caches, keeps request bodies from being read, and counts
// what is being served.
func (s *Server) contained(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		s.serving.Add(1)
		defer s.serving.Add(-1)
		started := &startedWriter{ResponseWriter: w}
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if v != http.ErrAbortHandler {
				s.fail(fmt.Sprintf("panic with a %T", v)) // its value may hold a secret
			}
			if started.started || v == http.ErrAbortHandler {
				panic(http.ErrAbortHandler) // Half an answer must not look like a whole one.
			}
			http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		}()
		// A copy, since the server still needs the body to find the next request.
		r = r.WithContext(r.Context())
		r.Body = http.NoBody
		next.ServeHTTP(started, r)
	})
}

// startedWriter notes that an answer has begun.
type startedWriter struct {
	http.ResponseWriter
	started bool
}

func (w *startedWriter) WriteHeader(status int) {
	w.started = true
	w.ResponseWriter.WriteHeader(status)
}

func (w *startedWriter) Write(data []byte) (int, error) {
	w.started = true
	return w.ResponseWriter.Write(data)
}

// Unwrap gives http.ResponseController the wrapped writer.
func (w *startedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// authorized asks for the token, if there is one, before anything is told of
// which routes there are.
func (s *Server) authorized(next http.Handler) http.Handler {
	if s.config.Token == "" {
		return next
	}
	// Digests have one length, so that the comparison does not tell that of the
	// token.
	want := sha256.Sum256([]byte(s.config.Token))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		got := sha256.Sum256([]byte(token))
		equal := subtle.ConstantTimeCompare(got[:], want[:]) == 1
		if !public(r) && (!equal || !strings.EqualFold(scheme, "Bearer")) {
			s.refused(r, catalog.RefusedToken)
			w.Header().Set("WWW-Authenticate", `Bearer realm="admin"`)
			http.Error(w, http.StatusText(http.StatusUnauthorized), http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// public reports whether a request needs no token: those of load balancers and
// kubelets, which have none.
func public(r *http.Request) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	switch r.URL.Path {
	case "/health", "/health/live", "/health/ready", "/health/startup":
		return true
	}
	return false
}

// local admits peers on this machine alone, where no token tells who asks.
func (s *Server) local(next http.Handler) http.Handler {
	if s.config.Token != "" {
		return next
	}
	own, _, _ := net.SplitHostPort(s.config.Address) // New has checked it.
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		peer, err := netip.ParseAddrPort(r.RemoteAddr)
		switch {
		case err != nil || !peer.Addr().IsLoopback():
			s.refused(r, catalog.RefusedPeer)
			http.Error(w, "only peers on this machine are answered, unless a token is configured", http.StatusForbidden)
		case !ownHost(r.Host, own):
			s.refused(r, catalog.RefusedHost)
			// By DNS rebinding a name of a stranger's site can lead here.
			http.Error(w, "allowed hosts are localhost, an IP address and the configured one", http.StatusMisdirectedRequest)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// ownHost reports whether the Host header of a request is no stranger's.
func ownHost(header, own string) bool {
	host, _, err := net.SplitHostPort(header)
	if err != nil {
		host = strings.TrimSuffix(strings.TrimPrefix(header, "["), "]")
	}
	_, err = netip.ParseAddr(host)
	return err == nil || strings.EqualFold(host, "localhost") || host != "" && strings.EqualFold(host, own)
}
