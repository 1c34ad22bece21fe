package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// cycles are as many measurements at rest, the last of which change sees.
func cycles(change func(i int, m *measurement)) *findings {
	f := &findings{}
	for i := range 12 {
		m := measurement{fault: "none", totals: totals{goroutines: 50, descriptors: 40, heap: 8 << 20, names: make([]string, 300)}}
		change(i, &m)
		f.add(m)
	}
	return f
}

func TestGrowthAndLossesFailTheRun(t *testing.T) {
	for name, test := range map[string]struct {
		change func(i int, m *measurement)
		end    []string
		want   string
	}{
		"nothing":                      {func(int, *measurement) {}, nil, ""},
		"some noise":                   {func(i int, m *measurement) { m.goroutines += i % 3; m.heap += i % 2 << 21 }, nil, ""},
		"one cycle with more":          {func(i int, m *measurement) { m.heap += i / 11 << 25 }, nil, ""},
		"three goroutines a cycle":     {func(i int, m *measurement) { m.goroutines += 3 * i }, nil, "goroutines grew from"},
		"three descriptors a cycle":    {func(i int, m *measurement) { m.descriptors += 3 * i }, nil, "descriptors grew from"},
		"two mebibytes a cycle":        {func(i int, m *measurement) { m.heap += i << 21 }, nil, "bytes of heap grew from"},
		"ten series a cycle":           {func(i int, m *measurement) { m.names = make([]string, 300+10*i) }, nil, "series grew from 330 to 390"},
		"a count that does not add up": {func(i int, m *measurement) { m.wrong = []string{"7 of 8"}[:i/11] }, nil, "none: 7 of 8"},
		"something lost with the end":  {func(int, *measurement) {}, []string{"1 row too many"}, "1 row too many"},
	} {
		t.Run(name, func(t *testing.T) {
			f := cycles(test.change)
			f.end(test.end)
			err := f.err()
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("%v, want %q", err, test.want)
			}
			if failed := strings.Contains(f.report(time.Minute), "**failed.**"); failed != (test.want != "") {
				t.Errorf("the report says that the run failed: %t", failed)
			}
		})
	}
}

func TestTotalsAreThoseOfTheScrape(t *testing.T) {
	got, err := read([]byte(`# TYPE tutorflow_http_requests_total counter
tutorflow_http_requests_total{method="GET",endpoint="/api/v1/bookings",status="200"} 5
tutorflow_http_requests_total{method="GET",endpoint="/api/v1/bookings",status="500"} 0
tutorflow_http_requests_total{method="HEAD",endpoint="/api/v1/bookings",status="499"} 2
tutorflow_http_requests_total{method="GET",endpoint="unmatched",status="404"} 3
tutorflow_http_requests_total{method="GET",endpoint="/metrics",status="200"} 100
# TYPE tutorflow_http_request_duration_seconds histogram
tutorflow_http_request_duration_seconds_bucket{method="GET",endpoint="/api/v1/bookings",le="+Inf"} 9
tutorflow_http_request_duration_seconds_sum{method="GET",endpoint="/api/v1/bookings"} 1
tutorflow_http_request_duration_seconds_count{method="GET",endpoint="/api/v1/bookings"} 9
# TYPE tutorflow_telemetry_dropped_total counter
tutorflow_telemetry_dropped_total{exporter="otlp",signal="traces",reason="queue_full"} 4
tutorflow_telemetry_dropped_total{exporter="otlp",signal="logs",reason="shutdown"} 6
# TYPE go_goroutines gauge
go_goroutines 12
`))
	if err != nil {
		t.Fatal(err)
	}
	if got.requests != 10 || got.timed != 9 || got.lostSpans != 4 || got.lostRecords != 6 || got.goroutines != 12 || len(got.names) != 8 {
		t.Errorf("got %+v", got)
	}
	if len(got.served) != 1 || got.served[answer{"GET", 200}] != 5 {
		t.Errorf("of the load are %v, want 5 times GET 200", got.served)
	}
}

func TestReportGoesBetweenItsMarkers(t *testing.T) {
	file := filepath.Join(t.TempDir(), "reliability.md")
	if err := os.WriteFile(file, []byte("before\n<!-- soak -->\nold\n<!-- /soak -->\nafter\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := insert(file, "new\n"); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(file)
	if want := "before\n<!-- soak -->\nnew\n<!-- /soak -->\nafter\n"; err != nil || string(got) != want {
		t.Errorf("%q (%v), want %q", got, err, want)
	}
	if err := os.WriteFile(file, []byte("no markers\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if insert(file, "new\n") == nil {
		t.Error("a file without markers is no error")
	}
}
