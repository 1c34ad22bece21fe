package prometheus_test

import (
	"slices"
	"testing"

	"go.opentelemetry.io/otel/attribute"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/exporters/prometheus"
)

func TestMetricWithTooManySeriesIsToldOfAtEachScrape(t *testing.T) {
	var told []string
	s := open(t, prometheus.New(), exporters.Settings{Overflowed: func(metric string) { told = append(told, metric) }})
	s.count(t, "x.flood")
	for i := range 1998 { // which is one less than the SDK keeps apart by default
		s.count(t, "x.flood", attribute.Int("id", i))
	}
	s.count(t, "x.label", attribute.String("otel_metric_overflow", "mine"), attribute.Int("id", 1))
	s.scrape()
	if len(told) != 0 {
		t.Errorf("told of %q before there are too many", told)
	}
	s.count(t, "x.flood", attribute.Int("id", 1999))
	s.scrape()
	s.scrape()
	if want := []string{"x_flood_total", "x_flood_total"}; !slices.Equal(told, want) {
		t.Errorf("told of %q, want %q", told, want)
	}
}
