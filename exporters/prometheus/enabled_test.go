package prometheus_test

import (
	"net/http"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/exporters/prometheus"
)

// switches are metrics that are off.
type switches struct{ sync.Map }

func (s *switches) enabled(metric string) bool {
	_, off := s.Load(metric)
	return !off
}

func TestMetricThatIsNotEnabledIsLeftOut(t *testing.T) {
	for format, accept := range map[string]string{
		"text":        "text/plain",
		"OpenMetrics": "application/openmetrics-text;version=1.0.0",
	} {
		for _, metric := range []string{
			"x_lessons_total", "x_lessons_moved_total", "x_lesson_seconds", "http_server_request_duration_seconds",
			"go_goroutines", "process_cpu_seconds_total", "target_info", "promhttp_metric_handler_errors_total",
		} {
			t.Run(format+"/"+metric, func(t *testing.T) {
				var off switches
				s := open(t, prometheus.New(), exporters.Settings{Enabled: off.enabled})
				s.count(t, "x_lessons_total")
				s.count(t, "x_lessons_moved_total")
				for _, name := range []string{"x_lesson_seconds", "http_server_request_duration_seconds"} {
					histogram, err := s.meter.Float64Histogram(name)
					if err != nil {
						t.Fatal(err)
					}
					histogram.Record(t.Context(), 1)
				}
				all := s.scrape("Accept", accept).Body.String()
				off.Store(metric, true)
				without := s.scrape("Accept", accept).Body.String()
				sample := regexp.MustCompile(`(?m)^` + metric + `(_bucket)?[ {]`)
				if !sample.MatchString(all) || sample.MatchString(without) {
					t.Errorf("it is to be on the first scrape only:\n%s\n\n%s", all, without)
				}
				if had, has := strings.Count(all, "# TYPE "), strings.Count(without, "# TYPE "); has != had-1 {
					t.Errorf("the scrape had %d families and has %d", had, has)
				}
			})
		}
	}
}

func TestCounterHasNotFallenWhenItReturns(t *testing.T) {
	var off switches
	s := open(t, prometheus.New(), exporters.Settings{Enabled: off.enabled})
	s.count(t, "x_lessons_total")
	off.Store("x_lessons_total", true)
	s.count(t, "x_lessons_total")
	if text := s.scrape().Body.String(); strings.Contains(text, "x_lessons_total") {
		t.Error("it is on the scrape")
	}
	off.Delete("x_lessons_total")
	if text := s.scrape().Body.String(); !strings.Contains(text, "\nx_lessons_total 2\n") {
		t.Errorf("it is not 2:\n%s", text)
	}
}

// TestScrapesShareCollectionsWithASwitchConcurrentSafe also holds that nobody
// changes what another scrape reads.
func TestScrapesShareCollectionsWithASwitchConcurrentSafe(t *testing.T) {
	var p producer
	var off switches
	s := open(t, prometheus.New(), exporters.Settings{Producers: []sdkmetric.Producer{&p}, Enabled: off.enabled})
	for i := range 10 {
		s.count(t, "x_lessons_total", attribute.Int("subject", i))
	}
	off.Store("go_goroutines", true)
	p.took = 20 * time.Millisecond
	var all sync.WaitGroup
	var bad atomic.Int64
	for range 10 {
		all.Go(func() {
			off.Store("x_other", true)
			response := s.scrape()
			text := response.Body.String()
			if response.Code != http.StatusOK || strings.Contains(text, "go_goroutines") || strings.Count(text, "\nx_lessons_total{") != 10 {
				bad.Add(1)
			}
		})
	}
	all.Wait()
	if n := p.collections.Load(); bad.Load() != 0 || n < 1 || n > 5 {
		t.Errorf("10 scrapes cost %d collections, %d were wrong", n, bad.Load())
	}
}
