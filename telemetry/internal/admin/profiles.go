package admin

import (
	"fmt"
	"io"
	"net/http"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxSeconds bounds how long a profile or a trace is taken.
const maxSeconds = 60

// The paths are those of net/http/pprof, which "go tool pprof" knows. It is not
// imported because that alone puts profiles on http.DefaultServeMux, for
// everyone who reaches a service that serves it. Left out are cmdline, whose
// arguments may hold secrets, and symbol, which Go's profiles do not need.
func (s *Server) profileRoutes() []route {
	return []route{
		{"GET /debug/pprof/{$}", "the profiles", s.listProfiles},
		{"GET /debug/pprof/{profile}", "?debug=1&gc=1  one of them", s.serveProfile},
		{"GET /debug/pprof/profile", "?seconds=30  the CPU profile", s.during("profile", 30, pprof.StartCPUProfile, pprof.StopCPUProfile)},
		{"GET /debug/pprof/trace", "?seconds=1  the execution trace", s.during("trace", 1, trace.Start, trace.Stop)},
	}
}

func (s *Server) listProfiles(w http.ResponseWriter, _ *http.Request) {
	var index strings.Builder
	for _, p := range pprof.Profiles() {
		fmt.Fprintf(&index, "%8d %s\n", p.Count(), p.Name())
	}
	answerText(w, []byte(index.String()))
}

func (s *Server) serveProfile(w http.ResponseWriter, r *http.Request) {
	given, err := parameters(r, "debug", "gc")
	if err != nil {
		refuse(w, err)
		return
	}
	for name, allowed := range map[string][]string{"debug": {"0", "1", "2"}, "gc": {"0", "1"}} {
		if value, found := given[name]; found && !slices.Contains(allowed, value) {
			refuse(w, fmt.Errorf("%s %.64q: allowed are %s", name, value, strings.Join(allowed, ", ")))
			return
		}
	}
	profile := pprof.Lookup(r.PathValue("profile"))
	if profile == nil {
		http.Error(w, "there is no such profile, see /debug/pprof/", http.StatusNotFound)
		return
	}
	if given["gc"] == "1" {
		runtime.GC()
	}
	debug, _ := strconv.Atoi(given["debug"])
	if debug > 0 {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	} else {
		attach(w, profile.Name())
	}
	_ = profile.WriteTo(w, debug) // The client has gone; there is nobody to tell.
}

// attach makes the answer a file.
func attach(w http.ResponseWriter, name string) {
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name))
}

// during serves what is recorded between start and stop.
func (s *Server) during(name string, normally float64, start func(io.Writer) error, stop func()) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		lasts, err := duration(r, normally)
		if err != nil {
			refuse(w, err)
			return
		}
		if r.Method == http.MethodHead {
			return
		}
		// Where the writer has no deadline, none has to be moved.
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(lasts + s.limits.write))
		attach(w, name)
		if err := start(w); err != nil {
			w.Header().Del("Content-Disposition")
			http.Error(w, "one is being taken already", http.StatusConflict)
			return
		}
		defer stop()
		timer := time.NewTimer(lasts)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
		case <-s.closing:
		}
	}
}

func duration(r *http.Request, normally float64) (time.Duration, error) {
	given, err := parameters(r, "seconds")
	if err != nil {
		return 0, err
	}
	seconds := normally
	if text, found := given["seconds"]; found {
		// NaN is in no range.
		if seconds, err = strconv.ParseFloat(text, 64); err != nil || !(seconds > 0 && seconds <= maxSeconds) {
			return 0, fmt.Errorf("seconds %.64q: allowed is more than 0 and at most %d", text, maxSeconds)
		}
	}
	return time.Duration(seconds * float64(time.Second)), nil
}
