package telemetry_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/metric"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/telemetry"
	"github.com/tutorflow/observability/telemetry/catalog"
)

// hung is something of everything that a pipeline calls, and does not return
// from it before release is closed.
type hung struct{ release chan struct{} }

func (h hung) block() error                                               { <-h.release; return nil }
func (h hung) Write(p []byte) (int, error)                                { return len(p), h.block() }
func (h hung) ExportSpans(context.Context, []sdktrace.ReadOnlySpan) error { return h.block() }
func (h hung) Export(context.Context, []sdklog.Record) error              { return h.block() }
func (h hung) ForceFlush(context.Context) error                           { return h.block() }
func (h hung) Shutdown(context.Context) error                             { return h.block() }
func (h hung) EachCheck(func(string, bool, float64))                      { _ = h.block() }
func (h hung) Drain()                                                     {}
func (h hung) observe(context.Context, metric.Observer) error             { return h.block() }

// hangs are what can hang at the end, each with what it adds to a pipeline and
// the part that the error must name.
var hangs = map[string]struct {
	options func(h hung) []telemetry.Option
	use     func(tel *telemetry.Telemetry, h hung) error
	want    string
}{
	"the exporter of metrics": {
		options: func(h hung) []telemetry.Option {
			return with(func(c *telemetry.Config) { c.Metrics.Exporters = []string{"fake", "prometheus"} },
				telemetry.WithExporters(pushTo(&fakeExporter{shutdown: h.Shutdown})))
		},
		want: "shut down metrics",
	},
	"the exporter of spans": {
		options: func(h hung) []telemetry.Option {
			return with(func(c *telemetry.Config) { c.Traces.Exporters = []string{"spans"} },
				telemetry.WithExporters(exporters.Factory{Name: "spans", Traces: func(context.Context, exporters.Settings) (sdktrace.SpanExporter, error) { return h, nil }}))
		},
		want: "shut down traces",
	},
	"the exporter of log records": {
		options: func(h hung) []telemetry.Option {
			return with(func(c *telemetry.Config) { c.Logs.Exporters = []string{"records"} },
				telemetry.WithExporters(exporters.Factory{Name: "records", Logs: func(context.Context, exporters.Settings) (sdklog.Exporter, error) { return h, nil }}))
		},
		want: "shut down logs",
	},
	"the writer of the log": {
		options: func(h hung) []telemetry.Option { return []telemetry.Option{telemetry.WithLogWriter(h)} },
		want:    "shut down log:",
	},
	"a callback of the program": {
		options: pushed,
		use: func(tel *telemetry.Telemetry, h hung) error {
			meter := tel.MeterProvider().Meter("test")
			gauge, err := meter.Int64ObservableGauge("hung")
			if err == nil {
				_, err = meter.RegisterCallback(h.observe, gauge)
			}
			return err
		},
		want: "shut down metrics",
	},
	"a source of health": {
		options: pushed,
		use: func(tel *telemetry.Telemetry, h hung) error {
			_, err := tel.ObserveHealth(h)
			return err
		},
		want: "shut down metrics",
	},
}

// pushed has metrics collected at the end.
func pushed(hung) []telemetry.Option {
	return with(func(c *telemetry.Config) { c.Metrics.Exporters = []string{"fake", "prometheus"} }, telemetry.WithExporters(pushTo(&fakeExporter{})))
}

// startHung starts a pipeline with hung parts, and uses it.
func startHung(t *testing.T, h hung, parts []string, more ...telemetry.Option) *telemetry.Telemetry {
	t.Helper()
	options := []telemetry.Option{discard}
	for _, part := range parts {
		options = append(options, hangs[part].options(h)...)
	}
	tel, err := telemetry.New(t.Context(), config(), append(options, more...)...)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range parts {
		if use := hangs[part].use; use != nil {
			if err := use(tel, h); err != nil {
				t.Fatal(err)
			}
		}
	}
	_, span := tel.TracerProvider().Tracer("test").Start(t.Context(), "work")
	span.End()
	tel.Logger().Info("work")
	return tel
}

// everything is what hangs by itself.
var everything = []string{"the exporter of metrics", "the exporter of spans", "the exporter of log records", "the writer of the log"}

func TestShutdownReturnsByItsDeadlineWhateverHangs(t *testing.T) {
	cases := map[string][]string{"everything at once": everything}
	for name := range hangs {
		cases[name] = []string{name}
	}
	for name, parts := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := hung{make(chan struct{})}
				tel := startHung(t, h, parts)
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				start := time.Now()
				err := tel.Shutdown(ctx)
				if took := time.Since(start); took > 1100*time.Millisecond {
					t.Errorf("Shutdown took %v, its deadline was 1s", took)
				}
				for _, part := range parts {
					if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), hangs[part].want) {
						t.Errorf("Shutdown: %v, want a deadline error that has %q", err, hangs[part].want)
					}
				}
				close(h.release) // and all goroutines end
			})
		})
	}
}

func TestALaterShutdownReturnsByItsDeadlineAsWell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := hung{make(chan struct{})}
		tel := startHung(t, h, everything)
		first := make(chan error, 1)
		go func() { first <- tel.Shutdown(context.Background()) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		if err := tel.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the second Shutdown: %v, want a deadline error", err)
		}
		if took := time.Since(start); took > 1100*time.Millisecond {
			t.Errorf("the second Shutdown took %v, its deadline was 1s", took)
		}
		close(h.release)
		err := <-first
		if again := tel.Shutdown(t.Context()); !errors.Is(again, err) {
			t.Errorf("Shutdown: %v, the first one said %v", again, err)
		}
	})
}

// TestShutdownReturnsByItsDeadlineAmidScrapesThatHang has sockets, so its bounds
// are those of a busy machine.
func TestShutdownReturnsByItsDeadlineAmidScrapesThatHang(t *testing.T) {
	h, address := hung{make(chan struct{})}, freeAddress(t)
	tel := startHung(t, h, everything, telemetry.WithConfig(func(c *telemetry.Config) { c.Admin.Host, c.Admin.Port = "127.0.0.1", address.Port }))
	if _, err := tel.ObserveHealth(h); err != nil {
		t.Fatal(err)
	}
	entered := make(chan struct{}, 1000)
	meter := tel.MeterProvider().Meter("test")
	if _, err := meter.Int64ObservableGauge("hung", metric.WithInt64Callback(func(context.Context, metric.Int64Observer) error {
		entered <- struct{}{}
		return h.block()
	})); err != nil {
		t.Fatal(err)
	}
	var scrapes sync.WaitGroup
	for range 5 {
		scrapes.Go(func() { _ = status(t, "http://"+address.String()+"/metrics") })
	}
	<-entered
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	start := time.Now()
	err := tel.Shutdown(ctx)
	if took := time.Since(start); took > 3*time.Second {
		t.Errorf("Shutdown took %v, its deadline was 1s", took)
	}
	for _, part := range everything {
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), hangs[part].want) {
			t.Errorf("Shutdown: %v, want a deadline error that has %q", err, hangs[part].want)
		}
	}
	if !strings.Contains(err.Error(), "shut down admin listener") {
		t.Errorf("Shutdown: %v, want the admin listener, whose scrapes are cut off", err)
	}
	close(h.release)
	scrapes.Wait()
}

func TestServeReturnsThoughItsChecksHangAtTheEnd(t *testing.T) {
	h := hung{make(chan struct{})}
	c := config()
	c.Shutdown.FlushTimeout, c.Shutdown.DrainDelay = 200*time.Millisecond, 0
	c.Metrics.Exporters = []string{"none"}
	tel, err := telemetry.New(t.Context(), c, discard)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	ended := make(chan error, 1)
	go func() {
		ended <- tel.Serve(ctx, &http.Server{Addr: "127.0.0.1:0", Handler: http.NewServeMux()}, h)
	}()
	select {
	case err := <-ended:
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "shut down health checks") {
			t.Errorf("Serve: %v, want a deadline error about the checks", err)
		}
		close(h.release)
	case <-time.After(10 * time.Second):
		t.Error("Serve waits for the checks")
		close(h.release)
		<-ended
	}
}

// panicking is a checker whose end panics, or returns an error that does.
type panicking struct {
	drainable
	end func() error
}

func (p *panicking) Shutdown(context.Context) error { return p.end() }

type unreadableError struct{}

func (unreadableError) Error() string { panic("hunter2") }

func TestServeExportsTheRestThoughItsChecksPanicAtTheEnd(t *testing.T) {
	for name, test := range map[string]struct {
		end  func() error
		want string
	}{
		"the end panics":           {func() error { panic("hunter2") }, "shut down health checks: panic with a string"},
		"a nil pointer":            {func() error { var none *panicking; return none.end() }, "shut down health checks: panic with a runtime."},
		"its error cannot be read": {func() error { return unreadableError{} }, "shut down health checks: "},
		"its error compares badly": {func() error { return panickingError{} }, "shut down health checks: panic with a string"},
	} {
		t.Run(name, func(t *testing.T) {
			metrics := &fakeExporter{}
			c := pushing(config(), "fake")
			c.Shutdown.DrainDelay = 0
			tel, err := telemetry.New(t.Context(), c, discard, telemetry.WithExporters(pushTo(metrics)))
			if err != nil {
				t.Fatal(err)
			}
			tel.Reviews.Add(t.Context())
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			err = tel.Serve(ctx, &http.Server{Addr: "127.0.0.1:0", Handler: http.NewServeMux()}, &panicking{end: test.end})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Serve: %v, want %q", err, test.want)
			}
			if got := metrics.sum(catalog.Reviews); got != 1 {
				t.Errorf("%d reviews are exported, want the last one", got)
			}
		})
	}
}
