package otlp_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/go-logr/logr/funcr"
	"go.opentelemetry.io/otel"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/google/go-cmp/cmp"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/exporters/otlp"
	"github.com/tutorflow/observability/internal/otlpcollector"
)

// TestEnvironmentHasNoEffect has values in the environment that the official
// exporters would take.
func TestEnvironmentHasNoEffect(t *testing.T) {
	files := certificates(t)
	for _, protocol := range protocols() {
		elsewhere := otlpcollector.Start(t, otlpcollector.Options{Protocol: protocol})
		for name, value := range map[string]string{
			"ENDPOINT": elsewhere.Base(), "INSECURE": "false", "HEADERS": "x-env=s3cret", "COMPRESSION": "gzip", "PROTOCOL": "http/json",
			"TIMEOUT": "1", "CERTIFICATE": files.OtherCA, "CLIENT_CERTIFICATE": files.OtherClient.Certificate, "CLIENT_KEY": files.OtherClient.Key,
		} {
			for _, signal := range []string{"", "METRICS_", "TRACES_", "LOGS_"} {
				t.Setenv("OTEL_EXPORTER_OTLP_"+signal+name, value)
			}
		}
		t.Setenv("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "delta")
		t.Setenv("OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION", "base2_exponential_bucket_histogram")
		logged := capture(t)
		config, err := files.TLS(files.Server, true)
		if err != nil {
			t.Fatal(err)
		}
		for _, secure := range []bool{false, true} {
			for _, signal := range exporters.Signals() {
				options := otlpcollector.Options{Protocol: protocol}
				if secure {
					options.TLS = config
				}
				collector := otlpcollector.Start(t, options)
				with := settings(collector, protocol, signal)
				if secure {
					trust(&with.OTLP, files, files.Client)
				}
				if err := open(t, signal, with).export(t.Context(), 1); err != nil {
					t.Fatalf("%s over %s: %v", signal, protocol, err)
				}
				exports := collector.Exports(signal)
				if len(exports) != 1 || exports[0].Header.Get("X-Env") != "" || exports[0].Encoding != "" {
					t.Errorf("%s over %s: %v", signal, protocol, exports)
				}
			}
		}
		if elsewhere.Connections() != 0 {
			t.Errorf("over %s, something went where the environment says", protocol)
		}
		if lines := logged(); len(lines) != 0 {
			t.Errorf("over %s: logged %q", protocol, lines)
		}
	}
}

func TestEnvironmentDoesNotChangeMetrics(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "delta")
	t.Setenv("OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION", "base2_exponential_bucket_histogram")
	for _, protocol := range protocols() {
		collector := otlpcollector.Start(t, otlpcollector.Options{Protocol: protocol})
		exporter, err := otlp.New().Metrics(t.Context(), settings(collector, protocol, exporters.Metrics))
		if err != nil {
			t.Fatal(err)
		}
		if got := exporter.Push.Temporality(sdkmetric.InstrumentKindCounter); got != metricdata.CumulativeTemporality {
			t.Errorf("the temporality is %v", got)
		}
		want := sdkmetric.DefaultAggregationSelector(sdkmetric.InstrumentKindHistogram)
		if diff := cmp.Diff(want, exporter.Push.Aggregation(sdkmetric.InstrumentKindHistogram)); diff != "" {
			t.Errorf("the aggregation differs (-want +got):\n%s", diff)
		}
		if err := exporter.Push.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// TestBadEnvironmentHasNoEffect has values that the official exporters refuse.
// They log them when they are made, which nothing here can prevent; whoever
// opens exporters checks the environment first.
func TestBadEnvironmentHasNoEffect(t *testing.T) {
	for name, value := range map[string]string{
		"ENDPOINT": "http://%zz", "INSECURE": "perhaps", "HEADERS": "nonsense", "COMPRESSION": "zstd", "PROTOCOL": "carrier-pigeon",
		"TIMEOUT": "soon", "CERTIFICATE": "/nowhere", "CLIENT_CERTIFICATE": "/nowhere", "CLIENT_KEY": "/nowhere",
	} {
		for _, signal := range []string{"", "METRICS_", "TRACES_", "LOGS_"} {
			t.Setenv("OTEL_EXPORTER_OTLP_"+signal+name, value)
		}
	}
	capture(t)
	for _, protocol := range protocols() {
		for _, signal := range exporters.Signals() {
			collector := otlpcollector.Start(t, otlpcollector.Options{Protocol: protocol})
			if err := open(t, signal, settings(collector, protocol, signal)).export(t.Context(), 1); err != nil || collector.Items(signal) != 1 {
				t.Errorf("%s over %s: %v", signal, protocol, err)
			}
		}
	}
}

// capture takes what OpenTelemetry logs and reports, for the rest of the test.
func capture(t *testing.T) func() []string {
	t.Helper()
	var mu sync.Mutex
	var lines []string
	add := func(line string) {
		mu.Lock()
		defer mu.Unlock()
		lines = append(lines, line)
	}
	otel.SetLogger(funcr.New(func(prefix, args string) { add(prefix + args) }, funcr.Options{Verbosity: 4}))
	before := otel.GetErrorHandler()
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { add(fmt.Sprint(err)) }))
	t.Cleanup(func() { otel.SetErrorHandler(before) })
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		return append([]string(nil), lines...)
	}
}
