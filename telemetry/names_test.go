package telemetry_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/tutorflow/observability/telemetry/catalog"
	"github.com/tutorflow/observability/telemetry/telemetrytest"
)

// countOne makes a counter on p and counts 1.
func countOne(p metric.MeterProvider, scope, name string, attributes ...attribute.KeyValue) error {
	counter, err := p.Meter(scope).Int64Counter(name)
	counter.Add(context.Background(), 1, metric.WithAttributes(attributes...))
	return err
}

// TestBadMetricOfOthersLeavesTheRestOfTheScrape has the cases in which the
// plain exporter answers 500, or something that Prometheus refuses as a whole.
func TestBadMetricOfOthersLeavesTheRestOfTheScrape(t *testing.T) {
	for name, test := range map[string]struct {
		spoil func(metric.MeterProvider) error
		// kept is what must be on the scrape, lost what must not.
		kept, lost string
		quiet      bool // nothing is left out
	}{
		"one name for two kinds": {spoil: func(p metric.MeterProvider) error {
			gauge, err := p.Meter("a").Int64Gauge("x_bad_total")
			gauge.Record(t.Context(), 5)
			if err != nil {
				return err
			}
			return countOne(p, "b", "x.bad")
		}},
		"one name in two scopes": {spoil: func(p metric.MeterProvider) error {
			if err := countOne(p, "a", "x_bad_total"); err != nil {
				return err
			}
			return countOne(p, "b", "x_bad_total")
		}},
		"one name for integers and floats": {spoil: func(p metric.MeterProvider) error {
			counter, err := p.Meter("a").Float64Counter("x_bad_total")
			counter.Add(t.Context(), 0.5)
			if err != nil {
				return err
			}
			return countOne(p, "a", "x_bad_total")
		}},
		"the name of one of ours": {kept: catalog.Reviews + " 0", quiet: true, spoil: func(p metric.MeterProvider) error {
			return countOne(p, "a", catalog.Reviews)
		}},
		"a name that becomes that of one of ours": {kept: catalog.Reviews + " 0", quiet: true, spoil: func(p metric.MeterProvider) error {
			return countOne(p, "a", "tutorflow_total_reviews")
		}},
		"a name of the family of one of ours": {kept: catalog.Reviews + " 0", lost: "tutorflow_reviews 5", quiet: true, spoil: func(p metric.MeterProvider) error {
			gauge, err := p.Meter("a").Int64ObservableGauge("tutorflow.reviews")
			if err != nil {
				return err
			}
			_, err = p.Meter("a").RegisterCallback(func(_ context.Context, o metric.Observer) error { o.ObserveInt64(gauge, 5); return nil }, gauge)
			return err
		}},
		"a value that is not UTF-8": {lost: "x_bad_total", spoil: func(p metric.MeterProvider) error {
			return countOne(p, "a", "x_bad_total", attribute.String("a", "\xff"))
		}},
		"a label without a name": {lost: "x_bad_total", spoil: func(p metric.MeterProvider) error {
			return countOne(p, "a", "x_bad_total", attribute.String("", "v"))
		}},
		"a label of underscores alone": {lost: "x_bad_total", spoil: func(p metric.MeterProvider) error {
			return countOne(p, "a", "x_bad_total", attribute.String("日本", "v"))
		}},
		"a reserved label": {lost: "x_bad_total", spoil: func(p metric.MeterProvider) error {
			return countOne(p, "a", "x_bad_total", attribute.String("__name__", "v"))
		}},
		"two labels that become one": {kept: `x_bad_total{a_b="1;2"} 1`, quiet: true, spoil: func(p metric.MeterProvider) error {
			return countOne(p, "a", "x_bad_total", attribute.String("a.b", "1"), attribute.String("a_b", "2"))
		}},
		"the label le on a histogram": {lost: "x_bad", spoil: func(p metric.MeterProvider) error {
			histogram, err := p.Meter("a").Float64Histogram("x_bad")
			histogram.Record(t.Context(), 1, metric.WithAttributes(attribute.String("le", "1")))
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			r := telemetrytest.New(t)
			lesson, err := catalog.NewCounter(r.Meter(), "x_lessons_total", "Lessons given.")
			if err != nil {
				t.Fatal(err)
			}
			lesson.Add(t.Context())
			if err := test.spoil(r.MeterProvider()); err != nil {
				t.Fatal(err)
			}
			for _, accept := range []string{"text/plain", "application/openmetrics-text;version=1.0.0"} {
				text := scrape(t, r.MetricsHandler(), accept)
				for _, want := range []string{catalog.Bookings + `{status="pending"} 0`, "x_lessons_total 1", "go_goroutines ", test.kept} {
					if !strings.Contains(text, "\n"+want) && !strings.Contains(text, "\n"+strings.TrimSuffix(want, " 0")+" 0.0") {
						t.Errorf("%s: %s is missing", accept, want)
					}
				}
				if test.lost != "" && strings.Contains(text, test.lost) {
					t.Errorf("%s: %s is on the scrape", accept, test.lost)
				}
			}
			parser := expfmt.NewTextParser(model.LegacyValidation)
			text := scrape(t, r.MetricsHandler(), "text/plain")
			if _, err := parser.TextToMetricFamilies(strings.NewReader(text)); err != nil {
				t.Errorf("Prometheus refuses the scrape: %v", err)
			}
			gathering, _ := r.Value(`promhttp_metric_handler_errors_total{cause="gathering"}`)
			if quiet := gathering == "0"; quiet != test.quiet {
				t.Errorf("%s errors are counted", gathering)
			}
		})
	}
}

func TestMetricOfOthersWithANameOfOursIsToldOf(t *testing.T) {
	r := telemetrytest.New(t)
	if err := countOne(r.MeterProvider(), "acme", catalog.Reviews); err != nil {
		t.Fatal(err)
	}
	logs := fmt.Sprint(r.Logs())
	if want := "make metric tutorflow_reviews_total in scope acme: the name belongs to package catalog"; !strings.Contains(logs, want) {
		t.Errorf("the log has no %q: %s", want, logs)
	}
}
