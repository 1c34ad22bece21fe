package e2e_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tutorflow/observability/examples/tutorflow/app"
	"github.com/tutorflow/observability/examples/tutorflow/partners"
)

// scrapes has Prometheus scrape url for some minutes.
func (p *prom) scrapes(minutes int, url string) {
	for range minutes * int(time.Minute/interval) {
		p.scrape(url)
	}
}

// edited serves the scrape of url as edit leaves it, as relabelling would.
func edited(t *testing.T, url string, edit func(text string) string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, text, kind := get(t, url+r.URL.Path, "Accept", r.Header.Get("Accept"))
		w.Header().Set("Content-Type", kind)
		_, _ = io.WriteString(w, edit(text))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestAPartnerThatFailsFiresForItAloneAndForThePayments(t *testing.T) {
	s := startService(t, nil)
	s.Partners().Toss.SetFault(partners.Fault{Status: http.StatusServiceUnavailable})
	p := newProm(t, ruleFile)
	p.scrape(s.url)
	for range 8 {
		s.drive(200, time.Second)
		p.scrapes(1, s.url)
	}
	var services []string
	for _, alert := range p.query(`ALERTS{alertstate="firing",alertname="TutorFlowExternalServiceErrors"}`) {
		services = append(services, alert.Metric.Get("service"))
	}
	if !slices.Equal(services, []string{"toss_payments"}) {
		t.Errorf("TutorFlowExternalServiceErrors fires for %q, want toss_payments", services)
	}
	if alert := p.firing()["TutorFlowPaymentFailures"]; alert.Get("severity") != "critical" || alert.Get("job") != job {
		t.Errorf("these fire: %v, want TutorFlowPaymentFailures, too", p.firing())
	}
}

func TestACollectorThatRefusesFiresTutorFlowExportFailingAndTutorFlowTelemetryDropped(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = listener.Close() // nobody listens there any more
	t.Setenv("OTEL_METRICS_EXPORTER", "prometheus")
	t.Setenv("OTEL_TRACES_EXPORTER", "otlp")
	t.Setenv("OTEL_LOGS_EXPORTER", "none")
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://"+listener.Addr().String())
	t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
	t.Setenv("OTEL_BSP_EXPORT_TIMEOUT", "100")
	s := startService(t, nil)
	p := newProm(t, ruleFile)
	p.scrape(s.url)
	eventually(t, "five exports failed", func() bool {
		s.drive(100, 100*time.Millisecond)
		p.scrape(s.url)
		failures := p.query(`tutorflow_telemetry_exports_total{signal="traces",result="failure"}`)
		return len(failures) == 1 && failures[0].F >= 5
	})
	p.scrapes(6, s.url)
	firing := p.wantFiring("TutorFlowExportFailing", "TutorFlowTelemetryDropped")
	for name, alert := range firing {
		if alert.Get("exporter") != "otlp" || alert.Get("signal") != "traces" {
			t.Errorf("%s fires for %v, want the traces of otlp", name, alert)
		}
	}
	// The rule engine in this process is traced, too, and fills the queue besides.
	if lost := p.query(`ALERTS{alertstate="firing",alertname="TutorFlowTelemetryDropped",reason="export_failed"}`); len(lost) != 1 {
		t.Errorf("TutorFlowTelemetryDropped fires for %v, want the reason export_failed", firing["TutorFlowTelemetryDropped"])
	}
}

func TestAClosedDatabaseFiresTutorFlowHealthCheckFailingAndNothingElse(t *testing.T) {
	s := startService(t, nil)
	s.want("healthy", true, "")
	if err := s.Store().Close(); err != nil {
		t.Fatal(err)
	}
	s.want("down", false, "database: failed")
	p := newProm(t, ruleFile)
	p.scrapes(5, s.url)
	p.wantFiring()
	p.scrape(s.url)
	if check := p.wantFiring("TutorFlowHealthCheckFailing")["TutorFlowHealthCheckFailing"].Get("check"); check != "database" {
		t.Errorf("it fires for the check %q, want database", check)
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestAnOutputThatIsBrokenFiresTutorFlowLogLinesDroppedAndNothingElse(t *testing.T) {
	s := startService(t, func(c *app.Config) { c.Log = brokenWriter{} })
	p := newProm(t, ruleFile)
	p.scrape(s.url)
	eventually(t, "five lines more lost", func() bool {
		s.drive(100, 100*time.Millisecond)
		p.scrape(s.url)
		lost := p.query(`job_reason:tutorflow_telemetry_log_lines_dropped:increase15m{reason="write_error"}`)
		return len(lost) == 1 && lost[0].F >= 5
	})
	p.scrapes(6, s.url)
	if reason := p.wantFiring("TutorFlowLogLinesDropped")["TutorFlowLogLinesDropped"].Get("reason"); reason != "write_error" {
		t.Errorf("it fires for the reason %q, want write_error", reason)
	}
}

// The Prometheus Operator names each target endpoint and service.
func TestAScrapeThatIsRewrittenFiresAndNothingElse(t *testing.T) {
	s := startService(t, nil)
	s.drive(100, 200*time.Millisecond)
	taken := regexp.MustCompile(`\b(endpoint|service)="`)
	bucket := regexp.MustCompile(`(?m)^tutorflow_http_request_duration_seconds_bucket\{.*le="1(\.0)?".*\n`)
	for name, test := range map[string]struct {
		edit    func(text string) string
		minutes int
		want    string
	}{
		"labels of the target": {func(text string) string { return taken.ReplaceAllString(text, `$1="http",exported_$1="`) }, 10, "TutorFlowLabelsRewritten"},
		"a bucket dropped":     {func(text string) string { return bucket.ReplaceAllString(text, "") }, 15, "TutorFlowLatencyBucketMissing"},
	} {
		t.Run(name, func(t *testing.T) {
			_, text, _ := get(t, s.url+"/metrics")
			if strings.Count(test.edit(text), "\n") == 0 || test.edit(text) == text {
				t.Fatal("the scrape is not edited")
			}
			p := newProm(t, ruleFile)
			url := edited(t, s.url, test.edit)
			p.scrapes(test.minutes, url)
			p.wantFiring()
			p.scrape(url)
			p.wantFiring(test.want)
		})
	}
}
