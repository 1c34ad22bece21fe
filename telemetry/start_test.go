package telemetry_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.uber.org/goleak"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/exporters/otlp"
	"github.com/tutorflow/observability/telemetry"
	"github.com/tutorflow/observability/telemetry/catalog"
)

// openings counts the exporters that are open.
type openings struct{ opened, closed atomic.Int64 }

type countedMetrics struct {
	fakeExporter
	*openings
}

func (c *countedMetrics) Shutdown(context.Context) error { c.closed.Add(1); return nil }

// refusing wants of every instrument what a counter does not have.
type refusing struct{ *fakeExporter }

func (refusing) Aggregation(sdkmetric.InstrumentKind) sdkmetric.Aggregation {
	return sdkmetric.AggregationLastValue{}
}

type countedSpans struct {
	*tracetest.InMemoryExporter
	*openings
}

func (c countedSpans) Shutdown(context.Context) error { c.closed.Add(1); return nil }

type countedRecords struct {
	keptRecords
	*openings
}

func (c *countedRecords) Shutdown(context.Context) error { c.closed.Add(1); return nil }

// factory makes exporters of all signals, called counted.
func (o *openings) factory() exporters.Factory {
	return exporters.Factory{
		Name: "counted",
		Metrics: func(context.Context, exporters.Settings) (*exporters.MetricExporter, error) {
			o.opened.Add(1)
			return &exporters.MetricExporter{Push: &countedMetrics{openings: o}}, nil
		},
		Traces: func(context.Context, exporters.Settings) (sdktrace.SpanExporter, error) {
			o.opened.Add(1)
			return countedSpans{tracetest.NewInMemoryExporter(), o}, nil
		},
		Logs: func(context.Context, exporters.Settings) (sdklog.Exporter, error) {
			o.opened.Add(1)
			return &countedRecords{openings: o}, nil
		},
	}
}

// failure is something that can go wrong at the start.
type failure struct {
	environ string
	options []telemetry.Option
	want    string // in the error
	late    bool   // exporters are open by then
}

// with are options that change the configuration, and others.
func with(change func(*telemetry.Config), others ...telemetry.Option) []telemetry.Option {
	return append(others, telemetry.WithConfig(change))
}

// failures are those of each step of the start. That of the middleware cannot be
// had from outside.
func failures(t *testing.T) map[string]failure {
	t.Helper()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	noPEM := filepath.Join(t.TempDir(), "no.pem")
	if err := os.WriteFile(noPEM, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	ca := func(path string) []telemetry.Option {
		return with(func(c *telemetry.Config) {
			c.Metrics.Exporters = append(c.Metrics.Exporters, "otlp")
			c.OTLP.URL, c.OTLP.Certificate = "https://127.0.0.1:1", path
		}, telemetry.WithExporters(otlp.New()))
	}
	checked := exporters.Factory{Name: "checked", Metrics: otlp.New().Metrics,
		Check: func(exporters.Signal, exporters.Settings) error { panic("s3cret") }}
	return map[string]failure{
		"a file that is not there":      {environ: "TUTORFLOW_TELEMETRY_FILE=/nonexistent.yaml", want: "read configuration: read /nonexistent.yaml"},
		"a variable that is malformed":  {environ: "OTEL_METRIC_EXPORT_INTERVAL=soon", want: `metrics.interval (OTEL_METRIC_EXPORT_INTERVAL) is "soon"`},
		"a value that code sets wrong":  {options: with(func(c *telemetry.Config) { c.Traces.Sampler = "bogus" }), want: `traces.sampler (code) is "bogus"`},
		"a change that is nil":          {options: with(nil), want: "WithConfig(<nil>)"},
		"an exporter that is not there": {options: with(func(c *telemetry.Config) { c.Logs.Exporters = []string{"bogus"} }), want: `select logs exporter "bogus"`},
		"an exporter without a name":    {options: []telemetry.Option{telemetry.WithExporters(exporters.Factory{})}, want: `register exporter ""`},
		"a target that is nil":          {options: []telemetry.Option{telemetry.WithErrorType("quota", nil)}, want: `register error type "quota": target <nil>`},
		"a type that is no label":       {options: []telemetry.Option{telemetry.WithErrorType("Quota exceeded")}, want: `"Quota exceeded"`},
		"a route that is no pattern":    {options: []telemetry.Option{telemetry.WithRoutes("GET /a /b")}, want: `declare route "GET /a /b"`},
		"a service that is no label":    {options: []telemetry.Option{telemetry.WithExternalServices(catalog.ExternalService{Name: "A b"})}, want: `"A b"`},
		"a check that panics": {options: with(func(c *telemetry.Config) { c.Metrics.Exporters = []string{"checked"} }, telemetry.WithExporters(checked)),
			want: "open checked exporter for metrics: panic with a string"},
		"a CA that is not there":   {options: ca("/nonexistent.pem"), want: "open otlp exporter for metrics: "},
		"a CA that is none":        {options: ca(noPEM), want: "open otlp exporter for metrics: "},
		"an admin key alone":       {options: with(func(c *telemetry.Config) { c.Admin.Port, c.Admin.Key = 1, noPEM }), want: "admin.key (code)"},
		"a certificate that is no": {options: with(func(c *telemetry.Config) { c.Admin.Port, c.Admin.Certificate, c.Admin.Key = 1, noPEM, noPEM }), want: "listen for admin: certificate"},
		"instruments that an exporter does not take": {late: true, want: "incompatible aggregation",
			options: with(func(c *telemetry.Config) { c.Metrics.Exporters = append(c.Metrics.Exporters, "fake") }, telemetry.WithExporters(pushTo(refusing{&fakeExporter{}})))},
		"an admin port in use": {late: true, want: "listen for admin: listen tcp " + taken.Addr().String(),
			options: with(func(c *telemetry.Config) { c.Admin.Host, c.Admin.Port = "127.0.0.1", taken.Addr().(*net.TCPAddr).Port })},
	}
}

func TestWhateverFailsAtTheStartLeavesNothingBehind(t *testing.T) {
	for name, test := range failures(t) {
		t.Run(name, func(t *testing.T) {
			counted := &openings{}
			options := append(with(func(c *telemetry.Config) {
				c.Metrics.Exporters, c.Traces.Exporters, c.Logs.Exporters = []string{"counted", "prometheus"}, []string{"counted"}, []string{"counted"}
			}, discard, telemetry.WithExporters(counted.factory())), test.options...)
			starts := map[string]func() (*telemetry.Telemetry, error){
				"Init": func() (*telemetry.Telemetry, error) {
					return telemetry.Init(t.Context(), telemetry.Service{Name: "test"}, options...)
				},
				"New": func() (*telemetry.Telemetry, error) { return telemetry.New(t.Context(), config(), options...) },
			}
			if key, value, set := strings.Cut(test.environ, "="); set {
				t.Setenv(key, value)
				delete(starts, "New") // does not read it
			}
			for start, run := range starts {
				running, files, before := goleak.IgnoreCurrent(), descriptors(t), globalsNow()
				tel, err := run()
				if tel != nil || err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "s3cret") {
					t.Errorf("%s: started: %v, %v, want an error with %s", start, tel != nil, err, test.want)
				}
				goleak.VerifyNone(t, running)
				if now := descriptors(t); now != files {
					t.Errorf("%s: %d descriptors are open, before it were %d", start, now, files)
				}
				if now := globalsNow(); now != before {
					t.Errorf("%s: the globals are %v, they were %v", start, now, before)
				}
			}
			if opened, closed := counted.opened.Load(), counted.closed.Load(); opened != closed || opened > 0 != test.late {
				t.Errorf("%d exporters are opened, %d closed", opened, closed)
			}
		})
	}
}

// descriptors is how many the process has open, or 0 where that is not known.
func descriptors(t *testing.T) int {
	t.Helper()
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return len(open)
}

// closedProgram starts without a stdout to log to.
func closedProgram() int {
	if err := os.Stdout.Close(); err != nil {
		return 3
	}
	_, err := telemetry.Init(context.Background(), telemetry.Service{Name: "test"})
	if fmt.Fprint(os.Stderr, err); err != nil {
		return 1
	}
	return 0
}

func TestAStdoutThatIsClosedAtTheStartIsAnError(t *testing.T) {
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), "TELEMETRY_TEST_PROGRAM=closed")
	if out, err := command.CombinedOutput(); command.ProcessState.ExitCode() != 1 || !strings.Contains(string(out), "open log: duplicate stdout: ") {
		t.Errorf("the program ended with %v and printed %s", err, out)
	}
}
