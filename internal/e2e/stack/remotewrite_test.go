package stack_test

import (
	"errors"
	"io"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"

	"github.com/tutorflow/observability/examples/tutorflow/traffic"
	"github.com/tutorflow/observability/internal/e2e/internal/process"
)

// pod is the resource of examples/kubernetes/deployment.yaml.
const pod = "service.instance.id=tutorflow.api-0.tutorflow-api,k8s.namespace.name=tutorflow,k8s.pod.name=api-0"

// scraped returns the series on the scrape of url as backend.series does, without
// those of the handler that answers it.
func scraped(t *testing.T, url string) map[string]bool {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	parser, err := textparse.New(body, response.Header.Get("Content-Type"), labels.NewSymbolTable(), textparse.ParserOptions{})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{}
	for {
		entry, err := parser.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		if entry != textparse.EntrySeries {
			continue
		}
		var l labels.Labels
		parser.Labels(&l)
		if name := l.Get(model.MetricNameLabel); name != "target_info" && !hasPrefix(name, scrapeOnly) {
			all[text(l)] = true
		}
	}
}

// text is the series with its bounds as plain numbers: Prometheus writes a scraped
// 1 as 1.0, and what is pushed stays as it is. The rules take both.
func text(l labels.Labels) string {
	b := labels.NewBuilder(l)
	for _, name := range []string{"le", "quantile"} {
		if bound, err := strconv.ParseFloat(l.Get(name), 64); err == nil {
			b.Set(name, strconv.FormatFloat(bound, 'g', -1, 64))
		}
	}
	return b.Labels().String()
}

func TestTheGatewayWritesTheSeriesOfTheScrape(t *testing.T) {
	for _, protocol := range protocols {
		t.Run(protocol, func(t *testing.T) {
			b := startBackend(t)
			c, metrics := startGateway(t, b, "")
			s := startService(t, c, protocol, time.Second, "OTEL_RESOURCE_ATTRIBUTES="+pod)
			if err := traffic.Run(within(t, 3*time.Second), s.url, 50); err != nil {
				t.Fatal(err)
			}
			var written, targets map[string]bool
			var info labels.Labels
			var diff string
			// What is written is an export and a batch behind.
			process.Eventually(func() bool {
				written, targets, info = b.series(t)
				diff = cmp.Diff(scraped(t, s.url+"/metrics"), written)
				return diff == ""
			})
			if diff != "" {
				t.Errorf("the series differ (-scraped +written):\n%.20000s", diff)
			}
			for _, want := range []string{
				`{__name__="tutorflow_bookings_total", status="pending"}`,
				`{__name__="tutorflow_external_service_duration_seconds_bucket", le="0.25", operation="token", service="kakao_oauth"}`,
				`{__name__="tutorflow_http_requests_total", endpoint="/api/v1/bookings", method="POST", status="500"}`,
			} {
				if !written[want] {
					t.Errorf("there is no %s", want)
				}
			}
			if diff := cmp.Diff(map[string]bool{"tutorflow-api tutorflow.api-0.tutorflow-api": true}, targets); diff != "" {
				t.Errorf("job and instance (-want +got):\n%s", diff)
			}
			if info.Get("k8s_namespace_name") != "tutorflow" || info.Get("k8s_pod_name") != "api-0" || info.Get("service_version") == "" {
				t.Errorf("target_info is %s", info)
			}
			watched(t, metrics)
			s.end(t)
			for _, path := range []string{"/api/v1/push", "/v1/traces", "/otlp/v1/logs"} {
				if !process.Eventually(func() bool { return b.received(path, "tutorflow") }) {
					t.Errorf("nothing came to %s", path)
				}
			}
		})
	}
}

// watched checks that what the README says to watch is on the Collector's scrape.
func watched(t *testing.T, url string) {
	t.Helper()
	readme, err := os.ReadFile("../../../examples/kubernetes/README.md")
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	names := regexp.MustCompile("otelcol_[a-z_]+").FindAllString(string(readme), -1)
	if len(names) < 2 {
		t.Errorf("the README says to watch %v", names)
	}
	for _, name := range names {
		if !strings.Contains(string(body), "\n"+name+"{") {
			t.Errorf("the Collector has no %s", name)
		}
	}
}

// TestTheComparisonFindsOtherNames proves that the settings of the gateway are
// what keeps the names, and that the test above would tell.
func TestTheComparisonFindsOtherNames(t *testing.T) {
	for name, test := range map[string]struct{ change, finds string }{
		"no suffixes":         {"translation_strategy: UnderscoreEscapingWithoutSuffixes", `{__name__="http_server_request_duration_count"`},
		"the scope is kept":   {"disable_scope_info: false", `otel_scope_name="`},
		"resource attributes": {"resource_to_telemetry_conversion: {enabled: true}", `k8s_pod_name="`},
	} {
		t.Run(name, func(t *testing.T) {
			b := startBackend(t)
			c, _ := startGateway(t, b, "exporters: {prometheus_remote_write: {"+test.change+"}}")
			s := startService(t, c, "http/protobuf", time.Second, "OTEL_RESOURCE_ATTRIBUTES="+pod)
			if err := traffic.Run(within(t, time.Second), s.url, 20); err != nil {
				t.Fatal(err)
			}
			if !process.Eventually(func() bool {
				written, _, _ := b.series(t)
				onScrape := scraped(t, s.url+"/metrics")
				for series := range written {
					if strings.Contains(series, test.finds) && !onScrape[series] {
						return true
					}
				}
				return false
			}) {
				t.Errorf("no series that the scrape does not have holds %s", test.finds)
			}
			s.end(t)
		})
	}
}
