package nethttp_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"

	"github.com/tutorflow/observability/telemetry/catalog"
	"github.com/tutorflow/observability/telemetry/nethttp"
)

const (
	toss    = "toss_payments"
	confirm = "confirm"
)

// recorder returns a Recorder and what it has told about.
func (r *rig) recorder() (nethttp.Recorder, *[]nethttp.Call) {
	var mu sync.Mutex
	calls := new([]nethttp.Call)
	return nethttp.Recorder{Services: r.services, Done: func(_ context.Context, c nethttp.Call) {
		mu.Lock()
		defer mu.Unlock()
		*calls = append(*calls, c)
	}}, calls
}

// external keeps the series of external calls.
func (r *rig) external() map[string]int64 {
	kept := make(map[string]int64)
	for name, n := range r.series() {
		if strings.HasPrefix(name, "tutorflow_external_") {
			kept[name] = n
		}
	}
	return kept
}

func oneCall(service, operation string, status catalog.CallStatus) map[string]int64 {
	return map[string]int64{
		fmt.Sprintf("%s %s %s %s", catalog.ExternalServiceCalls, operation, service, status): 1,
		fmt.Sprintf("%s %s %s", catalog.ExternalServiceDuration, operation, service):         1,
	}
}

// roundTripper makes a transport of a function.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestTransportTellsHowACallEnded(t *testing.T) {
	server := serve(t, http1, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/hang":
			<-r.Context().Done()
		case "/404":
			http.NotFound(w, r)
		case "/500":
			w.WriteHeader(500)
		case "/302":
			http.Redirect(w, r, "/200", http.StatusFound)
		}
		fmt.Fprint(w, "body")
	}))
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	must(t, closed.Close())
	refusing := "http://" + closed.Addr().String()

	named := func(ctx context.Context) (context.Context, context.CancelFunc) {
		return nethttp.WithOperation(ctx, confirm), func() {}
	}
	cases := []struct {
		name      string
		url       string
		ctx       func(context.Context) (context.Context, context.CancelFunc)
		service   string
		operation string
		status    catalog.CallStatus
	}{
		{"200", server.URL + "/200", named, toss, confirm, catalog.CallSuccess},
		{"302", server.URL + "/302", named, toss, confirm, catalog.CallSuccess},
		{"404", server.URL + "/404", named, toss, confirm, catalog.CallError},
		{"500", server.URL + "/500", named, toss, confirm, catalog.CallError},
		{"connection refused", refusing, named, toss, confirm, catalog.CallError},
		{"deadline", server.URL + "/hang", func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(nethttp.WithOperation(ctx, confirm), 20*time.Millisecond)
		}, toss, confirm, catalog.CallTimeout},
		{"deadline with a cause", server.URL + "/hang", func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeoutCause(nethttp.WithOperation(ctx, confirm), 20*time.Millisecond, errors.New("too slow"))
		}, toss, confirm, catalog.CallTimeout},
		{"cancelled", server.URL + "/hang", func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(nethttp.WithOperation(ctx, confirm))
			time.AfterFunc(20*time.Millisecond, cancel)
			return ctx, cancel
		}, toss, confirm, catalog.CallCanceled},
		{"cancelled with a cause", server.URL + "/hang", func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancelCause(nethttp.WithOperation(ctx, confirm))
			time.AfterFunc(20*time.Millisecond, func() { cancel(errors.New("the user gave up")) })
			return ctx, func() { cancel(nil) }
		}, toss, confirm, catalog.CallCanceled},
		{"no operation", server.URL, func(ctx context.Context) (context.Context, context.CancelFunc) { return ctx, func() {} }, toss, "other", catalog.CallSuccess},
		{"an operation that was not declared", server.URL, func(ctx context.Context) (context.Context, context.CancelFunc) {
			return nethttp.WithOperation(ctx, strings.Repeat("x", 1000)), func() {}
		}, toss, "other", catalog.CallSuccess},
		{"a service that was not declared", server.URL, named, "unknown", "other", catalog.CallSuccess},
	}
	for _, c := range cases {
		for _, standard := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/standard=%t", c.name, standard), func(t *testing.T) {
				r := newRig(t, standard)
				recorder, calls := r.recorder()
				var with *nethttp.Standard
				if standard {
					with = r.standard
				}
				base := &http.Transport{}
				defer base.CloseIdleConnections()
				ctx, cancel := c.ctx(t.Context())
				defer cancel()
				request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url, nil)
				must(t, err)
				transport := recorder.Transport(c.service, base, with)
				response, err := transport.RoundTrip(request)
				if err == nil {
					body, readErr := io.ReadAll(response.Body)
					must(t, readErr)
					response.Body.Close()
					if !strings.HasSuffix(string(body), "body") {
						t.Errorf("the body is %q", body)
					}
				}
				want := oneCall(c.service, c.operation, c.status)
				if c.service != toss {
					want = oneCall("other", c.operation, c.status)
				}
				if diff := cmp.Diff(want, r.external()); diff != "" {
					t.Errorf("series differ (-want +got):\n%s", diff)
				}
				if len(*calls) != 1 || (*calls)[0].Status != c.status || (*calls)[0].Service != c.service || (*calls)[0].Err != err {
					t.Errorf("told about %+v, want one call with %v and the error %v", *calls, c.status, err)
				}
				if n := len(r.spans.Ended()); (n == 1) != standard {
					t.Errorf("%d client spans, standard=%t", n, standard)
				}
			})
		}
	}
}

func TestTransportPassesOnWhatAFaultyBaseReturns(t *testing.T) {
	r := newRig(t, false)
	recorder, _ := r.recorder()
	base := roundTripper(func(*http.Request) (*http.Response, error) { return nil, nil })
	response, err := recorder.Transport(toss, base, nil).RoundTrip(newRequest("GET", "http://test/"))
	if response != nil || err != nil {
		t.Errorf("got %v, %v", response, err)
	}
}

func TestTransportCarriesTheTraceOnlyWithStandard(t *testing.T) {
	for _, standard := range []bool{false, true} {
		r := newRig(t, true)
		recorder, _ := r.recorder()
		var sent http.Header
		base := roundTripper(func(r *http.Request) (*http.Response, error) {
			sent = r.Header
			return &http.Response{StatusCode: 200, Body: http.NoBody}, nil
		})
		var with *nethttp.Standard
		if standard {
			with = r.standard
		}
		transport := recorder.Transport(toss, base, with)
		r.get(http.HandlerFunc(func(w http.ResponseWriter, incoming *http.Request) {
			if labeler, found := otelhttp.LabelerFromContext(incoming.Context()); found {
				labeler.Add(attribute.String("server_only", "x"))
			}
			request, err := http.NewRequestWithContext(incoming.Context(), http.MethodGet, "http://test/", nil)
			must(t, err)
			response, err := transport.RoundTrip(request)
			must(t, err)
			response.Body.Close()
		}), "GET", "/x")
		spans := r.spans.Ended()
		if got := sent.Get("Traceparent"); (got != "") != standard {
			t.Errorf("standard=%t: traceparent %q", standard, got)
		}
		if standard {
			client, server := spans[0], spans[1]
			if client.Parent().SpanID() != server.SpanContext().SpanID() || !strings.Contains(sent.Get("Traceparent"), client.SpanContext().SpanID().String()) {
				t.Errorf("the call is not part of the request's trace: %v in %v", client.SpanContext(), server.SpanContext())
			}
			for _, a := range client.Attributes() {
				if a.Key == "server_only" {
					t.Error("an attribute of the server's metrics is on the client span")
				}
			}
		} else if len(spans) != 1 {
			t.Errorf("%d spans, want that of the server alone", len(spans))
		}
		for name := range r.series() {
			if strings.HasPrefix(name, "http.client") || strings.HasPrefix(name, "tutorflow_external_") && strings.Contains(name, " x") {
				t.Errorf("the server's label is on %s", name)
			}
		}
	}
}

func TestTransportClosesIdleConnections(t *testing.T) {
	for _, standard := range []bool{false, true} {
		r := newRig(t, true)
		recorder, _ := r.recorder()
		var with *nethttp.Standard
		if standard {
			with = r.standard
		}
		ended := make(chan struct{}, 1)
		server := serve(t, http1, http.HandlerFunc(ok))
		base := &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
			return closing{conn, ended}, err
		}}
		client := &http.Client{Transport: recorder.Transport(toss, base, with)}
		response, err := client.Get(server.URL)
		must(t, err)
		_, _ = io.Copy(io.Discard, response.Body)
		response.Body.Close()
		client.CloseIdleConnections()
		select {
		case <-ended:
		case <-time.After(5 * time.Second):
			t.Errorf("standard=%t: the idle connection stays open", standard)
		}
	}
	// A base without the method is left alone.
	r := newRig(t, false)
	recorder, _ := r.recorder()
	(&http.Client{Transport: recorder.Transport(toss, roundTripper(nil), nil)}).CloseIdleConnections()
}

// closing tells when a connection is closed.
type closing struct {
	net.Conn
	closed chan<- struct{}
}

func (c closing) Close() error {
	select {
	case c.closed <- struct{}{}:
	default:
	}
	return c.Conn.Close()
}

func TestRunTellsHowACallEnded(t *testing.T) {
	failed := errors.New("no")
	cases := []struct {
		name   string
		err    error
		status catalog.CallStatus
	}{
		{"no error", nil, catalog.CallSuccess},
		{"an error", failed, catalog.CallError},
		{"a deadline", fmt.Errorf("confirm: %w", context.DeadlineExceeded), catalog.CallTimeout},
		{"a network timeout", &net.OpError{Op: "dial", Err: timeout{}}, catalog.CallTimeout},
		{"a cancellation", fmt.Errorf("confirm: %w", context.Canceled), catalog.CallCanceled},
		{"both", errors.Join(context.Canceled, context.DeadlineExceeded), catalog.CallTimeout},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, false)
			recorder, calls := r.recorder()
			if err := recorder.Run(t.Context(), toss, confirm, func(context.Context) error { return c.err }); err != c.err {
				t.Errorf("returned %v, want the error of the function", err)
			}
			if diff := cmp.Diff(oneCall(toss, confirm, c.status), r.external()); diff != "" {
				t.Errorf("series differ (-want +got):\n%s", diff)
			}
			if len(*calls) != 1 || (*calls)[0].Status != c.status {
				t.Errorf("told about %+v, want %v", *calls, c.status)
			}
		})
	}
}

type timeout struct{}

func (timeout) Error() string { return "slow" }
func (timeout) Timeout() bool { return true }

func TestRunRecordsAPanicAndLetsItGoOn(t *testing.T) {
	r := newRig(t, false)
	recorder, _ := r.recorder()
	func() {
		defer func() {
			if value := recover(); value != "fault" {
				t.Errorf("recovered %v, want the function's own value", value)
			}
		}()
		_ = recorder.Run(t.Context(), toss, confirm, func(context.Context) error { panic("fault") })
	}()
	if diff := cmp.Diff(oneCall(toss, confirm, catalog.CallError), r.external()); diff != "" {
		t.Errorf("series differ (-want +got):\n%s", diff)
	}
}

func TestTransportInsideRunCountsOnce(t *testing.T) {
	r := newRig(t, false)
	recorder := nethttp.Recorder{Services: r.services}
	base := roundTripper(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 500, Body: http.NoBody}, nil
	})
	err := recorder.Run(t.Context(), toss, confirm, func(ctx context.Context) error {
		for _, service := range []string{toss, toss, "kakao_oauth"} {
			request, err := http.NewRequestWithContext(nethttp.WithOperation(ctx, "token"), http.MethodGet, "http://test/", nil)
			must(t, err)
			response, err := recorder.Transport(service, base, nil).RoundTrip(request)
			must(t, err)
			response.Body.Close()
		}
		return nil
	})
	must(t, err)
	want := oneCall(toss, confirm, catalog.CallSuccess)
	for name, n := range oneCall("kakao_oauth", "token", catalog.CallError) {
		want[name] = n
	}
	if diff := cmp.Diff(want, r.external()); diff != "" {
		t.Errorf("series differ (-want +got):\n%s", diff)
	}
}

func TestTransportIsConcurrentSafe(t *testing.T) {
	r := newRig(t, true)
	recorder, calls := r.recorder()
	server := serve(t, http1, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) }))
	client := &http.Client{Transport: recorder.Transport(toss, &http.Transport{}, r.standard)}
	defer client.CloseIdleConnections()
	var callers sync.WaitGroup
	const n = 20
	for i := range n {
		callers.Go(func() {
			sent := fmt.Sprint("body", i)
			request, err := http.NewRequestWithContext(nethttp.WithOperation(t.Context(), confirm), http.MethodPost, server.URL, strings.NewReader(sent))
			if err != nil {
				t.Error(err)
				return
			}
			response, err := client.Do(request)
			if err != nil {
				t.Error(err)
				return
			}
			defer response.Body.Close()
			if body, err := io.ReadAll(response.Body); string(body) != sent {
				t.Errorf("got %q, %v, want %q", body, err, sent)
			}
		})
	}
	callers.Wait()
	if got := r.external()[catalog.ExternalServiceCalls+" confirm toss_payments success"]; got != n || len(*calls) != n {
		t.Errorf("%d calls counted, told about %d, want %d", got, len(*calls), n)
	}
}
