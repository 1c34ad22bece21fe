package otlpcollector_test

import (
	"context"
	"crypto/tls"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/internal/otlpcollector"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func start(t *testing.T, protocol string) (*otlpcollector.Collector, client) {
	t.Helper()
	collector := otlpcollector.Start(t, otlpcollector.Options{Protocol: protocol})
	return collector, client{collector: collector, protocol: protocol}
}

func TestDeliveriesAreRecorded(t *testing.T) {
	each(t, func(t *testing.T, protocol string) {
		collector, client := start(t, protocol)
		for _, message := range []proto.Message{traces("book", "pay"), logs("hello"), counter("x_total", "paid", 3), counter("x_total", "paid", 5)} {
			if rejected, reason, err := client.send(t.Context(), message); err != nil || rejected != 0 || reason != "" {
				t.Errorf("rejected %d %q, error %v", rejected, reason, err)
			}
		}
		if got := collector.SpanNames(); !slices.Equal(got, []string{"book", "pay"}) {
			t.Errorf("spans %q", got)
		}
		if got := collector.LogRecords(); len(got) != 1 || got[0].GetBody().GetStringValue() != "hello" {
			t.Errorf("log records %v", got)
		}
		if got, ok := collector.Value("x_total", map[string]string{"status": "paid"}); !ok || got != 5 {
			t.Errorf("the counter has %v, %v", got, ok)
		}
		if _, ok := collector.Value("x_total", nil); ok {
			t.Error("there is a series without labels")
		}
		for signal, want := range map[exporters.Signal]int{exporters.Traces: 2, exporters.Logs: 1, exporters.Metrics: 2} {
			if got := collector.Items(signal); got != want {
				t.Errorf("%d items of %s, want %d", got, signal, want)
			}
		}
		exports := collector.Exports(exporters.Metrics)
		if len(exports) != 2 || exports[0].Header.Get("User-Agent") == "" || !proto.Equal(exports[1].Request, counter("x_total", "paid", 5)) {
			t.Errorf("exports %v", exports)
		}
		if compressed := exports[0].Encoding == "gzip"; compressed != (protocol == exporters.ProtocolGRPC) {
			t.Errorf("encoding %q", exports[0].Encoding)
		}
		if got := collector.FirstBytes(); len(got) != 4 || got[0] != 'P' || collector.Connections() != 4 {
			t.Errorf("first bytes %q of %d connections", got, collector.Connections())
		}
		for begin := time.Now(); collector.OpenConnections() > 0; time.Sleep(time.Millisecond) {
			if time.Since(begin) > 5*time.Second {
				t.Fatalf("%d connections are open", collector.OpenConnections())
			}
		}
		if collector.Forget(); collector.Items(exporters.Traces) != 0 || len(collector.Exports(exporters.Metrics)) != 0 {
			t.Error("what was forgotten is still there")
		}
	})
}

func TestFailuresEndAfterTheirNumber(t *testing.T) {
	each(t, func(t *testing.T, protocol string) {
		for failure, want := range map[otlpcollector.Failure]struct {
			code   codes.Code
			status int
		}{
			otlpcollector.Exhausted:   {codes.ResourceExhausted, 429},
			otlpcollector.Unavailable: {codes.Unavailable, 503},
			otlpcollector.Internal:    {codes.Internal, 500},
			otlpcollector.Invalid:     {codes.InvalidArgument, 400},
		} {
			for _, retryAfter := range []time.Duration{0, 10 * time.Millisecond} {
				collector, client := start(t, protocol)
				collector.Set(otlpcollector.Behaviour{Failure: failure, Times: 1, RetryAfter: retryAfter, Message: "too bad"})
				_, _, err := client.send(t.Context(), traces("a"))
				var over *statusError
				if errors.As(err, &over) {
					if over.status != want.status || (over.header.Get("Retry-After") == "1") != (retryAfter > 0) || !strings.Contains(over.body, "too bad") {
						t.Errorf("%v with %v", over, over.header)
					}
				} else if s := status.Convert(err); s.Code() != want.code || s.Message() != "too bad" || hasRetryInfo(s) != (retryAfter > 0) {
					t.Errorf("the error is %v with %v", err, s.Details())
				}
				if _, _, err := client.send(t.Context(), traces("b")); err != nil {
					t.Error(err)
				}
				if got := collector.SpanNames(); !slices.Equal(got, []string{"b"}) || collector.Attempts(exporters.Traces) != 2 {
					t.Errorf("spans %q of %d attempts", got, collector.Attempts(exporters.Traces))
				}
			}
		}
	})
}

func hasRetryInfo(s *status.Status) bool {
	return slices.ContainsFunc(s.Details(), func(d any) bool { _, ok := d.(*errdetails.RetryInfo); return ok })
}

func TestPartialSuccessDeliversTheRest(t *testing.T) {
	each(t, func(t *testing.T, protocol string) {
		collector, client := start(t, protocol)
		collector.Set(otlpcollector.Behaviour{Reject: 2, Message: "odd"})
		for _, message := range []proto.Message{traces("a", "b", "c"), logs("a", "b", "c"), counter("x", "y", 1, 2, 3)} {
			if rejected, reason, err := client.send(t.Context(), message); err != nil || rejected != 2 || reason != "odd" {
				t.Errorf("rejected %d %q, error %v", rejected, reason, err)
			}
		}
		for _, signal := range []exporters.Signal{exporters.Traces, exporters.Logs, exporters.Metrics} {
			if got := collector.Items(signal); got != 1 {
				t.Errorf("%d items of %s", got, signal)
			}
		}
		if rejected, _, err := client.send(t.Context(), traces("a")); err != nil || rejected != 1 {
			t.Errorf("of one span, rejected %d, error %v", rejected, err)
		}
	})
}

func TestHangingExportIsNotDelivered(t *testing.T) {
	each(t, func(t *testing.T, protocol string) {
		collector, client := start(t, protocol)
		collector.Set(otlpcollector.Behaviour{Hang: true})
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		begin := time.Now()
		// Over gRPC the server knows the deadline as well, and may be a little ahead.
		if _, _, err := client.send(ctx, traces("gave up")); err == nil || time.Since(begin) < 50*time.Millisecond {
			t.Errorf("the error is %v before the time was over", err)
		}
		held := make(chan error)
		go func() {
			_, _, err := client.send(t.Context(), traces("held"))
			held <- err
		}()
		for collector.Attempts(exporters.Traces) < 2 {
			time.Sleep(time.Millisecond)
		}
		collector.Set(otlpcollector.Behaviour{Delay: 50 * time.Millisecond})
		if err := <-held; err == nil {
			t.Error("what was held is taken")
		}
		begin = time.Now()
		if _, _, err := client.send(t.Context(), traces("slow")); err != nil || time.Since(begin) < 50*time.Millisecond {
			t.Errorf("after %v: %v", time.Since(begin), err)
		}
		if got := collector.SpanNames(); !slices.Equal(got, []string{"slow"}) {
			t.Errorf("spans %q", got)
		}
	})
}

func TestConnectionsAreClosedAndRefused(t *testing.T) {
	each(t, func(t *testing.T, protocol string) {
		collector, client := start(t, protocol)
		collector.Set(otlpcollector.Behaviour{Close: true})
		if _, _, err := client.send(t.Context(), traces("closed")); err == nil || collector.Connections() == 0 || len(collector.FirstBytes()) != 0 {
			t.Errorf("%v after %d connections", err, collector.Connections())
		}
		collector.Set(otlpcollector.Behaviour{})
		before, base := collector.Connections(), collector.Base()
		collector.Stop()
		if _, _, err := client.send(t.Context(), traces("refused")); err == nil || !strings.Contains(err.Error(), "refused") || collector.Connections() != before {
			t.Errorf("%v after %d connections", err, collector.Connections())
		}
		if err := collector.Restart(); err != nil || collector.Base() != base {
			t.Fatalf("%s instead of %s: %v", collector.Base(), base, err)
		}
		if _, _, err := client.send(t.Context(), traces("back")); err != nil || !slices.Equal(collector.SpanNames(), []string{"back"}) {
			t.Errorf("spans %q: %v", collector.SpanNames(), err)
		}
	})
}

func TestStopEndsWhatHangs(t *testing.T) {
	each(t, func(t *testing.T, protocol string) {
		collector, client := start(t, protocol)
		collector.Set(otlpcollector.Behaviour{Hang: true})
		ended := make(chan error)
		go func() {
			_, _, err := client.send(t.Context(), traces("a"))
			ended <- err
		}()
		for collector.Attempts(exporters.Traces) == 0 {
			time.Sleep(time.Millisecond)
		}
		collector.Stop()
		if err := <-ended; err == nil || collector.Items(exporters.Traces) != 0 {
			t.Errorf("%d items: %v", collector.Items(exporters.Traces), err)
		}
	})
}

func TestTLSVerifiesBothSides(t *testing.T) {
	each(t, func(t *testing.T, protocol string) {
		certificates, err := otlpcollector.NewCertificates(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		for name, test := range map[string]struct {
			server, client otlpcollector.Pair
			ca             string
			ok             bool
		}{
			"good certificates":        {certificates.Server, certificates.Client, certificates.CA, true},
			"another authority":        {certificates.Server, certificates.Client, certificates.OtherCA, false},
			"a stranger":               {certificates.Server, certificates.OtherClient, certificates.CA, false},
			"an expired server":        {certificates.ExpiredServer, certificates.Client, certificates.CA, false},
			"an expired client":        {certificates.Server, certificates.ExpiredClient, certificates.CA, false},
			"a client without a proof": {certificates.Server, otlpcollector.Pair{}, certificates.CA, false},
		} {
			t.Run(name, func(t *testing.T) {
				config, err := certificates.TLS(test.server, true)
				if err != nil {
					t.Fatal(err)
				}
				collector := otlpcollector.Start(t, otlpcollector.Options{Protocol: protocol, TLS: config})
				mine := &tls.Config{RootCAs: pool(t, test.ca)}
				if test.client.Key != "" {
					pair, err := tls.LoadX509KeyPair(test.client.Certificate, test.client.Key)
					if err != nil {
						t.Fatal(err)
					}
					mine.Certificates = []tls.Certificate{pair}
				}
				_, _, err = client{collector, protocol, mine}.send(t.Context(), traces("a"))
				if (err == nil) != test.ok || (collector.Items(exporters.Traces) == 1) != test.ok {
					t.Errorf("%d items: %v", collector.Items(exporters.Traces), err)
				}
				if got := collector.FirstBytes(); len(got) == 0 || got[0] != 0x16 {
					t.Errorf("first bytes %x", got)
				}
			})
		}
	})
}

func TestUnixSocket(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "otlp.sock")
	collector := otlpcollector.Start(t, otlpcollector.Options{Protocol: exporters.ProtocolGRPC, Address: "unix:" + path})
	if got := collector.URL(exporters.Traces); got != "unix:"+path {
		t.Errorf("the URL is %s", got)
	}
	client := client{collector: collector, protocol: exporters.ProtocolGRPC}
	for range 2 {
		if _, _, err := client.send(t.Context(), traces("a")); err != nil {
			t.Error(err)
		}
		collector.Stop()
		if err := collector.Restart(); err != nil {
			t.Fatal(err)
		}
	}
	if got := collector.Items(exporters.Traces); got != 2 {
		t.Errorf("%d spans", got)
	}
}

func TestRequestsOverFourMebibytesAreRefusedOverGRPC(t *testing.T) {
	t.Parallel()
	collector, client := start(t, exporters.ProtocolGRPC)
	_, _, err := client.send(t.Context(), traces(strings.Repeat("x", 5<<20)))
	if status.Code(err) != codes.ResourceExhausted || collector.Items(exporters.Traces) != 0 {
		t.Errorf("the error is %.200v", err)
	}
	// The call ends after its answer.
	collector.Stop()
	if got := collector.Attempts(exporters.Traces); got != 1 {
		t.Errorf("%d attempts", got)
	}
}

func TestProtocolMustBeKnown(t *testing.T) {
	t.Parallel()
	if _, err := otlpcollector.New(otlpcollector.Options{Protocol: "http/json"}); err == nil || !strings.Contains(err.Error(), `protocol "http/json"`) {
		t.Errorf("the error is %v", err)
	}
}

// TestChangesConcurrentSafe changes everything while exports run, and checks
// that each one that succeeded was recorded once.
func TestChangesConcurrentSafe(t *testing.T) {
	each(t, func(t *testing.T, protocol string) {
		collector, client := start(t, protocol)
		var all sync.WaitGroup
		var mu sync.Mutex
		taken := 0
		for range 4 {
			all.Go(func() {
				for range 5 {
					ctx, cancel := context.WithTimeout(t.Context(), time.Second)
					if rejected, _, err := client.send(ctx, traces("a", "b")); err == nil {
						mu.Lock()
						taken += 2 - int(rejected)
						mu.Unlock()
					}
					cancel()
				}
			})
		}
		all.Go(func() {
			for range 3 {
				for _, b := range []otlpcollector.Behaviour{{Reject: 1}, {Close: true}, {Failure: otlpcollector.Internal, Times: 1}, {Hang: true}, {}} {
					collector.Set(b)
					time.Sleep(time.Millisecond)
				}
				collector.Stop()
				if err := collector.Restart(); err != nil {
					t.Error(err)
				}
			}
		})
		all.Wait()
		// An answer may be lost on its way, never the other way round.
		if got := collector.Items(exporters.Traces); got < taken {
			t.Errorf("%d spans were recorded, %d taken", got, taken)
		}
	})
}
