package admin_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"runtime/pprof"
	"runtime/trace"
	"strings"
	"testing"
	"time"

	"github.com/tutorflow/observability/telemetry/internal/admin"
)

func TestProfilesAreNotOnTheDefaultMux(t *testing.T) {
	for _, path := range []string{"/debug/pprof/", "/debug/pprof/heap", "/debug/pprof/profile"} {
		response := httptest.NewRecorder()
		http.DefaultServeMux.ServeHTTP(response, httptest.NewRequest("GET", path, nil))
		if response.Code != http.StatusNotFound {
			t.Errorf("%s: status %d on http.DefaultServeMux", path, response.Code)
		}
		if response := serve(t, local(), nil).ask("GET", path); response.Code != http.StatusNotFound {
			t.Errorf("%s: status %d, without being asked for", path, response.Code)
		}
	}
}

func TestProfiles(t *testing.T) {
	h := serve(t, withProfiles(local()), nil)
	const gzip, execution = "\x1f\x8b", "go 1."
	for name, test := range map[string]struct {
		target string
		code   int
		begins string
	}{
		"goroutine":             {"goroutine", 200, gzip},
		"heap":                  {"heap", 200, gzip},
		"heap after a GC":       {"heap?gc=1&debug=0", 200, gzip},
		"allocs":                {"allocs", 200, gzip},
		"block":                 {"block", 200, gzip},
		"mutex":                 {"mutex", 200, gzip},
		"threadcreate":          {"threadcreate", 200, gzip},
		"goroutine as text":     {"goroutine?debug=1", 200, "goroutine profile: total "},
		"goroutine as a panic":  {"goroutine?debug=2", 200, "goroutine "},
		"CPU":                   {"profile?seconds=0.01", 200, gzip},
		"trace":                 {"trace?seconds=0.01", 200, execution},
		"an unknown one":        {"nothing", 404, "there is no such profile"},
		"the command line":      {"cmdline", 404, "there is no such profile"},
		"below one":             {"heap/x", 404, ""},
		"an unknown format":     {"heap?debug=3", 400, `debug "3": allowed are 0, 1, 2`},
		"an unknown choice":     {"heap?gc=yes", 400, `gc "yes": allowed are 0, 1`},
		"a time for a state":    {"heap?seconds=1", 400, `parameter "seconds": allowed are debug, gc`},
		"no time":               {"profile?seconds=0", 400, `seconds "0": allowed is more than 0 and at most 60`},
		"less than no time":     {"profile?seconds=-1", 400, `seconds "-1"`},
		"too much time":         {"trace?seconds=60.1", 400, `seconds "60.1"`},
		"endless time":          {"trace?seconds=Inf", 400, `seconds "Inf"`},
		"a time that is none":   {"profile?seconds=NaN", 400, `seconds "NaN"`},
		"a time with a unit":    {"profile?seconds=1s", 400, `seconds "1s"`},
		"a mistyped parameter":  {"profile?second=1", 400, `parameter "second": allowed are seconds`},
		"an empty time is none": {"profile?seconds=", 400, `seconds ""`},
	} {
		t.Run(name, func(t *testing.T) {
			response := h.ask("GET", "/debug/pprof/"+test.target)
			if response.Code != test.code || !strings.HasPrefix(response.Body.String(), test.begins) {
				t.Errorf("status %d: %.100q", response.Code, response.Body)
			}
			file := strings.HasPrefix(response.Header().Get("Content-Disposition"), "attachment; filename=")
			if want := test.begins == gzip || test.begins == execution; file != want {
				t.Errorf("a file is %v: %v", file, response.Header())
			}
		})
	}
	if index := h.ask("GET", "/debug/pprof/").Body.String(); !strings.Contains(index, " goroutine\n") || !strings.Contains(index, " heap\n") {
		t.Errorf("index: %s", index)
	}
}

func TestHeadTakesNoProfile(t *testing.T) {
	h := serve(t, withProfiles(local()), nil)
	started := time.Now()
	for _, name := range []string{"profile", "trace"} {
		if response := h.ask("HEAD", "/debug/pprof/"+name+"?seconds=60"); response.Code != http.StatusOK || response.Body.Len() != 0 {
			t.Errorf("%s: status %d", name, response.Code)
		}
	}
	if took := time.Since(started); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
}

// begun asks for a long profile or trace over the network, and returns when it
// is being taken.
func begun(ctx context.Context, t *testing.T, h *harness, name string) (answered <-chan error) {
	t.Helper()
	done := make(chan error, 1)
	go func() {
		request, err := http.NewRequestWithContext(ctx, "GET", "http://"+h.Addr().String()+"/debug/pprof/"+name+"?seconds=60", nil)
		if err == nil {
			var response *http.Response
			if response, err = http.DefaultClient.Do(request); err == nil {
				_, err = bytes.NewBuffer(nil).ReadFrom(response.Body)
				_ = response.Body.Close()
			}
		}
		done <- err
	}()
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	waitFor(t, func() bool { return taken(name) })
	return done
}

// taken reports whether there is one being taken, the profile by the goroutine
// that writes it.
func taken(name string) bool {
	if name == "trace" {
		return trace.IsEnabled()
	}
	var stacks strings.Builder
	_ = pprof.Lookup("goroutine").WriteTo(&stacks, 2)
	return strings.Contains(stacks.String(), "runtime/pprof.profileWriter")
}

// waitFor waits for what happens in another goroutine.
func waitFor(t *testing.T, happened func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !happened(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it does not happen")
		}
	}
}

func TestProfileEndsWhenItsClientLeaves(t *testing.T) {
	for _, name := range []string{"profile", "trace"} {
		t.Run(name, func(t *testing.T) {
			h := serve(t, withProfiles(local()), nil)
			ctx, leave := context.WithCancel(t.Context())
			answered := begun(ctx, t, h, name)
			response := h.ask("GET", "/debug/pprof/"+name+"?seconds=0.001")
			if response.Code != http.StatusConflict || response.Body.String() != "one is being taken already\n" || response.Header().Get("Content-Disposition") != "" {
				t.Errorf("a second one: status %d, header %v: %s", response.Code, response.Header(), response.Body)
			}
			leave()
			if err := <-answered; err == nil {
				t.Error("it was answered")
			}
			waitFor(t, func() bool { return !taken(name) })
		})
	}
}

func TestProfileEndsWithAnAnswerWhenTheServerDoes(t *testing.T) {
	for _, name := range []string{"profile", "trace"} {
		t.Run(name, func(t *testing.T) {
			h := serve(t, withProfiles(local()), nil)
			answered := begun(t.Context(), t, h, name)
			if err := h.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
			if err := <-answered; err != nil {
				t.Error(err)
			}
		})
	}
}

// TestProfileMayTakeLongerThanOtherAnswers also has a client that says nothing
// for longer than it may take to ask.
func TestProfileMayTakeLongerThanOtherAnswers(t *testing.T) {
	h := serveWithin(t, admin.Limits{ReadHeader: 100 * time.Millisecond, Write: 200 * time.Millisecond}, withProfiles(local()), nil)
	response, err := http.Get("http://" + h.Addr().String() + "/debug/pprof/profile?seconds=0.6")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	var body bytes.Buffer
	if _, err := body.ReadFrom(response.Body); err != nil || response.StatusCode != http.StatusOK || !strings.HasPrefix(body.String(), "\x1f\x8b") {
		t.Errorf("%v, status %d: %.100q", err, response.StatusCode, body.String())
	}
	_ = response.Body.Close()
}
