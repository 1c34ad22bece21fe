package nethttp_test

import (
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tutorflow/observability/telemetry/catalog"
	"github.com/tutorflow/observability/telemetry/nethttp"
)

func TestAuthoritiesOfHTTP2AddNoSeries(t *testing.T) {
	r := newRig(t, true, func(c *nethttp.Config) { c.Access = nil })
	server := serve(t, http2, r.middleware.Wrap(ours(r.http, "GET /x")))
	s := stranger{rand.New(rand.NewPCG(1, 2))}
	ask := func(host string) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/x", nil)
		must(t, err)
		request.Host = host
		response, err := server.Client().Do(request)
		must(t, err)
		response.Body.Close()
		if response.ProtoMajor != 2 || response.StatusCode != 200 {
			t.Fatalf("%.50s: %s %s", host, response.Proto, response.Status)
		}
	}
	ask("first")
	before := r.all()
	for range 500 {
		ask(s.host())
	}
	if diff := cmp.Diff(sortedNames(before), sortedNames(r.all())); diff != "" {
		t.Errorf("the series changed (-before +after):\n%s", diff)
	}
	for _, span := range r.spans.Ended() {
		if fields := spanFields(span); fields["server.address"] != "tutorflow-api" || fields["server.port"] != "" {
			t.Fatalf("the span has what the client named: %v", fields)
		}
	}
}

func sortedNames(series map[string]int64) string {
	names := make(map[string]string)
	for name := range maps.Keys(series) {
		names[name] = ""
	}
	return sortedLines(names)
}

// gated is a handler that says when it has started, and ends when it may.
type gated struct {
	started chan struct{}
	release chan struct{}
}

func newGated() gated { return gated{make(chan struct{}), make(chan struct{})} }

func (g gated) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	close(g.started)
	select {
	case <-g.release:
		fmt.Fprint(w, "hello")
	case <-r.Context().Done():
	}
}

func TestRequestInFlightAtShutdownIsAnsweredAndRecorded(t *testing.T) {
	for _, p := range []protocol{http1, http2} {
		t.Run(string(p), func(t *testing.T) {
			r := newRig(t, true)
			handler := newGated()
			server := serve(t, p, r.middleware.Wrap(over(r.http, "GET /x", handler)))
			var ended sync.WaitGroup
			ended.Go(func() {
				// Over HTTP/2 the server says GOAWAY, and still answers.
				response, err := server.Client().Get(server.URL + "/x")
				if err != nil {
					t.Error(err)
					return
				}
				defer response.Body.Close()
				if body, err := io.ReadAll(response.Body); string(body) != "hello" || err != nil {
					t.Errorf("the answer is %q %v", body, err)
				}
			})
			<-handler.started
			ended.Go(func() {
				if err := server.Config.Shutdown(context.WithoutCancel(t.Context())); err != nil {
					t.Error(err)
				}
			})
			eventually(t, "a server that refuses connections", func() bool {
				_, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Get(server.URL)
				return err != nil && strings.Contains(err.Error(), "refused")
			})
			close(handler.release)
			ended.Wait()
			want := map[string]int64{catalog.HTTPRequests + " /x GET 200": 1, catalog.HTTPRequestDuration + " /x GET": 1}
			if diff := cmp.Diff(want, contract(r.series())); diff != "" {
				t.Errorf("series differ (-want +got):\n%s", diff)
			}
			checkStatusOfSpan(t, r, 200)
		})
	}
}

func TestStreamThatIsResetLeavesTheOthersOfItsConnection(t *testing.T) {
	r := newRig(t, true)
	reset, kept := newGated(), newGated()
	mux := ours(r.http)
	mux.Handle("GET /x", reset)
	mux.Handle("GET /kept", kept)
	server := serve(t, http2, r.middleware.Wrap(mux))
	var ended sync.WaitGroup
	ended.Go(func() {
		response, err := server.Client().Get(server.URL + "/kept")
		if err != nil {
			t.Error(err)
			return
		}
		defer response.Body.Close()
		if body, err := io.ReadAll(response.Body); string(body) != "hello" || err != nil {
			t.Errorf("the answer is %q %v", body, err)
		}
	})
	<-kept.started
	leave(t, server, reset.started) // With RST_STREAM.
	if a := r.record(); a.Status != 499 || a.Route != "/x" {
		t.Errorf("access record %+v, want 499 of /x", a)
	}
	close(kept.release)
	ended.Wait()
	server.Close()
	want := map[string]int64{
		catalog.HTTPRequests + " /x GET 499": 1, catalog.HTTPRequestDuration + " /x GET": 1,
		catalog.HTTPRequests + " /kept GET 200": 1, catalog.HTTPRequestDuration + " /kept GET": 1,
	}
	if diff := cmp.Diff(want, contract(r.series())); diff != "" {
		t.Errorf("series differ (-want +got):\n%s", diff)
	}
}
