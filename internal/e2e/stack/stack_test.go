package stack_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tutorflow/observability/examples/tutorflow/traffic"
	"github.com/tutorflow/observability/internal/e2e/internal/process"
)

// protocols are the values of OTEL_EXPORTER_OTLP_PROTOCOL.
var protocols = []string{"grpc", "http/protobuf"}

func TestTheCollectorShowsWhatTheScrapeShows(t *testing.T) {
	for _, protocol := range protocols {
		t.Run(protocol, func(t *testing.T) {
			c := startCollector(t)
			s := startService(t, c, protocol, time.Second)
			ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
			defer cancel()
			if err := traffic.Run(ctx, s.url, 50); err != nil {
				t.Fatal(err)
			}
			var families map[string]family
			var diff string
			// The collector is an export behind.
			process.Eventually(func() bool {
				var target map[string]string
				families, target = scrape(t, s.url+"/metrics")
				ofCollector, targetOfCollector := scrape(t, "http://"+c.scrape+"/metrics")
				diff = differences(families, ofCollector) + cmp.Diff(target, targetOfCollector)
				return diff == ""
			})
			if diff != "" {
				t.Errorf("the scrapes of the service and of the collector differ:\n%.20000s", diff)
			}
			if n := len(families); n < 40 || families["tutorflow_bookings_total"].Series[`[status="pending"]`]["value"] == 0 {
				t.Errorf("%d metrics are on the scrape, want at least 40 and some bookings", n)
			}
			s.end(t)
		})
	}
}

func TestARequestIsOneTraceWithItsLogLines(t *testing.T) {
	for _, protocol := range protocols {
		t.Run(protocol, func(t *testing.T) {
			c := startCollector(t)
			s := startService(t, c, protocol, time.Minute)
			body := fmt.Sprintf(`{"tutor_id":1,"starts_at":%q,"minutes":60}`, time.Now().Add(100*time.Hour).UTC().Format(time.RFC3339))
			const requestID = "stack-1"
			send(t, http.MethodPost, s.url+"/api/v1/bookings", body, http.StatusCreated,
				"Authorization", "Kakao code-7", "X-Request-ID", requestID)
			s.end(t)

			var spans []span
			var records []record
			var access record
			logged := map[string]int{}
			if !process.Eventually(func() bool { // the collector writes when it has answered
				spans, records = c.received(t)
				clear(logged)
				for _, r := range records {
					if r.attributes["request_id"] == requestID {
						if logged[r.body]++; r.body == "HTTP request" {
							access = r
						}
					}
				}
				return logged["HTTP request"] == 1
			}) {
				t.Fatalf("the access log line of the request is not among %d records", len(records))
			}
			if len(logged) < 2 {
				t.Errorf("the request logged %v, want more than the access log line", logged)
			}
			var server span
			for _, span := range spans {
				if span.trace == access.trace && span.kind == "Server" {
					server = span
				}
			}
			if server.id == "" || server.parent != "" {
				t.Fatalf("the root of trace %q is %+v, want a server span, in:\n%+v", access.trace, server, spans)
			}
			below := map[string]int{}
			for _, span := range spans {
				if span.trace == access.trace && span.parent == server.id && span.kind == "Client" {
					below[span.name]++
				}
			}
			for _, name := range []string{"sql.conn.query", "kakao_oauth token", "kakao_oauth user_info"} {
				if below[name] != 1 {
					t.Errorf("%d client spans %q are below the request's, want 1, in %v", below[name], name, below)
				}
			}
			for _, r := range records {
				if r.attributes["request_id"] == requestID && r.trace != access.trace {
					t.Errorf("%q is in trace %q, want %q", r.body, r.trace, access.trace)
				}
			}
		})
	}
}

func TestTheLastCountsArriveWhenTheServiceEnds(t *testing.T) {
	for _, protocol := range protocols {
		t.Run(protocol, func(t *testing.T) {
			c := startCollector(t)
			s := startService(t, c, protocol, time.Minute)
			const requests = 20
			for range requests {
				send(t, http.MethodGet, s.url+"/api/v1/tutors/1", "", http.StatusOK)
			}
			s.end(t)
			families, _ := scrape(t, "http://"+c.scrape+"/metrics")
			const series = `[endpoint="/api/v1/tutors/{tutor_id}" method="GET" status="200"]`
			if got := families["tutorflow_http_requests_total"].Series[series]["value"]; got != requests {
				t.Errorf("%v requests arrived, want %d", got, requests)
			}
		})
	}
}

// send makes a request, whose headers are pairs, that is answered with status.
func send(t *testing.T, method, url, body string, status int, headers ...string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != status {
		t.Fatalf("%s %s: %s, want %d", method, url, response.Status, status)
	}
}
