package nethttp_test

import (
	"bytes"
	stdcmp "cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tutorflow/observability/telemetry/catalog"
	"github.com/tutorflow/observability/telemetry/nethttp"
)

func TestEveryOutcomeIsRecordedAndTheAnswerLeftAlone(t *testing.T) {
	for _, o := range outcomes(t) {
		for _, p := range []protocol{http1, http2} {
			for _, standard := range []bool{false, true} {
				if o.only != "" && o.only != p {
					continue
				}
				t.Run(fmt.Sprintf("%s/%s/standard=%t", o.name, p, standard), func(t *testing.T) { o.check(t, p, standard) })
			}
		}
	}
}

func (o outcome) check(t *testing.T, p protocol, standard bool) {
	method := o.method
	if method == "" {
		method = http.MethodGet
	}
	r := newRig(t, standard)
	mux := nethttp.NewServeMux(r.http)
	mux.HandleFunc("/x", o.handler)
	bare := http.NewServeMux()
	bare.HandleFunc("/x", o.handler)

	want := exchange(t, p, serve(t, p, bare), method, o.body)
	server := serve(t, p, r.middleware.Wrap(mux))
	got := exchange(t, p, server, method, o.body)
	switch {
	case o.answers != "" && !strings.Contains(got, o.answers):
		t.Errorf("the answer is %q, want %q", got, o.answers)
	case o.answers == "" && got != want:
		t.Errorf("the answer differs from the bare handler's (-bare +observed):\n%s", cmp.Diff(want, got))
	}

	a := r.record()
	logged := max(o.status, o.logged)
	if a.Method != method || a.Path != "/x" || a.Route != "/x" || a.Status != logged || a.Duration <= 0 || a.requestID == "" {
		t.Errorf("access record %+v, want %s /x %d", a, method, o.status)
	}
	server.Close()
	label := catalog.ParseMethod(method).String()
	series := map[string]int64{fmt.Sprintf("%s /x %s %d", catalog.HTTPRequests, label, o.status): 1}
	if !o.lasting {
		series[catalog.HTTPRequestDuration+" /x "+label] = 1
	}
	if o.errors != "" {
		series[catalog.Errors+" /x "+o.errors] = 1
	}
	// The second request of a raw exchange.
	recorded := contract(r.series())
	for _, second := range []string{catalog.HTTPRequests + " unmatched GET 404", catalog.HTTPRequestDuration + " unmatched GET"} {
		delete(recorded, second)
	}
	if diff := cmp.Diff(series, recorded); diff != "" {
		t.Errorf("series differ (-want +got):\n%s", diff)
	}
	if n, panics := len(r.panics), o.panicked; n > 1 || n == 1 != panics {
		t.Errorf("%d panics reported, want %t", n, panics)
	}
	if standard {
		o.checkStandard(t, r, p, label)
	}
}

// checkStandard checks the span, and the only series of otelhttp.
func (o outcome) checkStandard(t *testing.T, r *rig, p protocol, method string) {
	// A server does not wait for the handler of a hijacked connection.
	eventually(t, "a span", func() bool { return len(r.spans.Ended()) > 0 })
	want := answeredSpan(p, method, "/x", max(o.status, o.logged))
	if o.panicked {
		want["error.type"] = "panic"
	}
	if o.method == "BREW" {
		want["http.request.method_original"] = "BREW"
	}
	if o.read > 0 {
		want["http.request.body.size"] = strconv.Itoa(o.read)
	}
	if o.wrote > 0 {
		want["http.response.body.size"] = strconv.Itoa(o.wrote)
	}
	if diff := cmp.Diff(want, spanFields(r.spans.Ended()[0])); diff != "" {
		t.Errorf("the span differs (-want +got):\n%s", diff)
	}

	series := make(map[string]int64)
	if status := max(o.status, o.logged); o.standard != recordsNothing {
		series[standardSeries(p, method, "/x", stdcmp.Or(o.standard, status))] = 1
	}
	recorded := r.series()
	maps.DeleteFunc(recorded, func(name string, _ int64) bool {
		return !strings.HasPrefix(name, standardDuration) || name == standardSeries(http1, "GET", "", 404)
	})
	if diff := cmp.Diff(series, recorded); diff != "" {
		t.Errorf("the standard series differ (-want +got):\n%s", diff)
	}
}

func TestClientThatLeavesIsNoFaultOfTheService(t *testing.T) {
	cases := []struct {
		name    string
		handler func(w http.ResponseWriter, gone func())
		status  int
		errors  string
	}{
		{"before the answer", func(_ http.ResponseWriter, gone func()) { gone() }, 499, ""},
		{"before a 500", func(w http.ResponseWriter, gone func()) { gone(); w.WriteHeader(500) }, 499, ""},
		{"before a 503 with a body", func(w http.ResponseWriter, gone func()) { gone(); http.Error(w, "no", http.StatusServiceUnavailable) }, 499, ""},
		{"before a 200", func(w http.ResponseWriter, gone func()) { gone(); fmt.Fprint(w, "hello") }, 200, ""},
		{"before a 404", func(w http.ResponseWriter, gone func()) { gone(); w.WriteHeader(404) }, 404, ""},
		{"after a 500", func(w http.ResponseWriter, gone func()) { w.WriteHeader(500); gone() }, 500, "server_error"},
		{"after half the answer", func(w http.ResponseWriter, gone func()) { fmt.Fprint(w, "half"); gone() }, 200, ""},
		{"before an abort", func(_ http.ResponseWriter, gone func()) { gone(); panic(http.ErrAbortHandler) }, 499, ""},
		{"before a panic", func(_ http.ResponseWriter, gone func()) { gone(); panic("a fault is a fault") }, 500, "panic"},
		{"before a failing copy and a 500", func(w http.ResponseWriter, gone func()) {
			gone()
			_, _ = io.Copy(w, failing{})
			w.WriteHeader(500)
		}, 499, ""},
	}
	for _, c := range cases {
		for _, p := range []protocol{http1, http2} {
			for _, standard := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/%s/standard=%t", c.name, p, standard), func(t *testing.T) {
					r := newRig(t, standard)
					mux := nethttp.NewServeMux(r.http)
					started := make(chan struct{})
					mux.HandleFunc("GET /x", func(w http.ResponseWriter, r *http.Request) {
						c.handler(w, func() { close(started); <-r.Context().Done() })
					})
					leave(t, serve(t, p, r.middleware.Wrap(mux)), started)
					if a := r.record(); a.Status != c.status || a.Route != "/x" {
						t.Errorf("access record %+v, want status %d", a, c.status)
					}
					want := map[string]int64{
						fmt.Sprintf("%s /x GET %d", catalog.HTTPRequests, c.status): 1,
						catalog.HTTPRequestDuration + " /x GET":                     1,
					}
					if c.errors != "" {
						want[catalog.Errors+" /x "+c.errors] = 1
					}
					if diff := cmp.Diff(want, contract(r.series())); diff != "" {
						t.Errorf("series differ (-want +got):\n%s", diff)
					}
					if standard {
						checkStatusOfSpan(t, r, c.status)
					}
				})
			}
		}
	}
}

func checkStatusOfSpan(t *testing.T, r *rig, status int) {
	t.Helper()
	eventually(t, "a span", func() bool { return len(r.spans.Ended()) > 0 })
	span := spanFields(r.spans.Ended()[0])
	want := answeredSpan(http1, "GET", "/x", status)
	for _, field := range []string{"name", "status", "http.response.status_code"} {
		if span[field] != want[field] {
			t.Errorf("the span has %s %q, want %q", field, span[field], want[field])
		}
	}
}

func TestClientThatLeavesDuringATimeoutHandler(t *testing.T) {
	r := newRig(t, false)
	started := make(chan struct{})
	h := http.TimeoutHandler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(started)
		<-r.Context().Done()
	}), time.Minute, "late")
	leave(t, serve(t, http1, r.middleware.Wrap(h)), started)
	if a := r.record(); a.Status != 499 {
		t.Errorf("recorded %d, want 499", a.Status)
	}
}

func TestFilesOfAFormAreRemoved(t *testing.T) {
	var form bytes.Buffer
	writer := multipart.NewWriter(&form)
	part, err := writer.CreateFormFile("file", "name")
	must(t, err)
	_, _ = part.Write(bytes.Repeat([]byte("x"), 1<<20))
	must(t, writer.Close())

	for _, standard := range []bool{false, true} {
		for _, version := range []string{"HTTP/1.0", "HTTP/1.1", "HTTP/1.2"} {
			for _, fault := range []bool{false, true} {
				t.Run(fmt.Sprintf("standard=%t/%s/panic=%t", standard, version, fault), func(t *testing.T) {
					dir := t.TempDir()
					t.Setenv("TMPDIR", dir)
					r := newRig(t, standard)
					server := serve(t, http1, r.middleware.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
						must(t, r.ParseMultipartForm(1))
						if files, _ := os.ReadDir(dir); len(files) != 1 {
							t.Errorf("%d files of the form on disk, want 1", len(files))
						}
						if fault {
							panic("secret")
						}
					})))
					rawExchange(t, server, fmt.Sprintf("POST /x %s\r\nHost: test\r\nConnection: close\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s",
						version, writer.FormDataContentType(), form.Len(), form.String()))
					server.Close()
					if files, _ := os.ReadDir(dir); len(files) != 0 {
						t.Errorf("%d files of the form were left behind", len(files))
					}
				})
			}
		}
	}
}

func TestFilesOfAFormAreRemovedOverHTTP2(t *testing.T) {
	for _, standard := range []bool{false, true} {
		for _, fault := range []bool{false, true} {
			t.Run(fmt.Sprintf("standard=%t/panic=%t", standard, fault), func(t *testing.T) {
				dir := t.TempDir()
				t.Setenv("TMPDIR", dir)
				r := newRig(t, standard)
				server := serve(t, http2, r.middleware.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
					r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
					must(t, r.ParseMultipartForm(1))
					if files, _ := os.ReadDir(dir); len(files) != 1 {
						t.Errorf("%d files of the form on disk, want 1", len(files))
					}
					if fault {
						panic("secret")
					}
				})))
				exchange2(t, server, http.MethodPost, "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"n\"\r\n\r\n"+
					strings.Repeat("x", 1<<20)+"\r\n--b--\r\n")
				server.Close()
				if files, _ := os.ReadDir(dir); len(files) != 0 {
					t.Errorf("%d files of the form were left behind", len(files))
				}
			})
		}
	}
}

func TestRepanicRaisesTheSameValue(t *testing.T) {
	for _, standard := range []bool{false, true} {
		r := newRig(t, standard, func(c *nethttp.Config) { c.Repanic = true })
		h := r.middleware.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("secret") }))
		func() {
			defer func() {
				if value := recover(); value != "secret" {
					t.Errorf("standard=%t: recovered %v, want the handler's own value", standard, value)
				}
			}()
			h.ServeHTTP(newFakeWriter(), newRequest("GET", "/x"))
		}()
		if a := r.record(); a.Status != 500 {
			t.Errorf("standard=%t: recorded %d, want 500", standard, a.Status)
		}
		for _, span := range r.spans.Ended() {
			for _, e := range span.Events() {
				if strings.Contains(fmt.Sprint(e), "secret") {
					t.Errorf("the span shows the panic: %v", e)
				}
			}
			if span.Status().Code.String() != "Error" {
				t.Errorf("the span of a panic has the status %v", span.Status())
			}
		}
	}
}

func TestFaultyCallbacksCostNothing(t *testing.T) {
	for _, standard := range []bool{false, true} {
		r := newRig(t, standard, func(c *nethttp.Config) {
			c.Access = func(context.Context, nethttp.Access) { panic("access") }
			c.Panicked = func(context.Context, any, []byte) { panic("panicked") }
			c.Route = func(*http.Request) string { panic("route") }
			if c.Standard != nil {
				c.Standard.Trusted = func(*http.Request) bool { panic("trusted") }
			}
		})
		w := newFakeWriter()
		r.middleware.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("secret") })).ServeHTTP(w, newRequest("GET", "/x"))
		if w.status != 500 {
			t.Errorf("standard=%t: answered %d, want 500", standard, w.status)
		}
		want := map[string]int64{
			catalog.HTTPRequests + " unmatched GET 500":    1,
			catalog.HTTPRequestDuration + " unmatched GET": 1,
			catalog.Errors + " unmatched panic":            1,
		}
		if diff := cmp.Diff(want, contract(r.series())); diff != "" {
			t.Errorf("standard=%t: series differ (-want +got):\n%s", standard, diff)
		}
	}
}
