package telemetry_test

import (
	"errors"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/internal/otlpcollector"
	"github.com/tutorflow/observability/telemetry/catalog"
)

// toCollector has a program send everything to a collector, and be scraped. It
// exports at the end alone.
func toCollector(c *otlpcollector.Collector, protocol string, more ...string) []string {
	return append([]string{
		"OTEL_METRICS_EXPORTER=prometheus,otlp", "OTEL_TRACES_EXPORTER=otlp", "OTEL_LOGS_EXPORTER=otlp",
		"OTEL_EXPORTER_OTLP_PROTOCOL=" + protocol, "OTEL_EXPORTER_OTLP_ENDPOINT=" + c.Base(),
		"OTEL_METRIC_EXPORT_INTERVAL=600000", "OTEL_BSP_SCHEDULE_DELAY=60000", "OTEL_BLRP_SCHEDULE_DELAY=60000",
		"TUTORFLOW_DRAIN_DELAY=100ms",
	}, more...)
}

// hold sends requests that end after the process begins to drain, and waits
// until all are in flight. The result is how they were answered.
func (p *process) hold(requests int) (answers <-chan int) {
	p.t.Helper()
	all := make(chan int, requests)
	var sent sync.WaitGroup
	for range requests {
		sent.Go(func() { all <- status(p.t, p.url+"/held") })
	}
	p.t.Cleanup(sent.Wait)
	begin := time.Now()
	for p.active() <= requests { // the scrape that asks is one of them
		if time.Since(begin) > 20*time.Second {
			p.t.Fatal("the requests do not arrive")
		}
		time.Sleep(20 * time.Millisecond)
	}
	return all
}

// active is how many requests are in flight.
func (p *process) active() int {
	p.t.Helper()
	scrape := p.get("/metrics")
	_, rest, _ := strings.Cut(scrape, "\n"+catalog.HTTPRequestsActive+" ")
	value, _, _ := strings.Cut(rest, "\n")
	return count(p.t, value)
}

func (p *process) get(path string) string {
	p.t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get(p.url + path)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return string(text)
}

// terminate asks the process to end, and waits until it drains.
func (p *process) terminate() {
	p.t.Helper()
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	if got := p.line(); got != "draining" {
		p.t.Fatalf("after SIGTERM the process says %q", got)
	}
}

// endsWell waits for the end of the process, which must be one without an error
// by the limit, and for the answers of the requests in flight.
func (p *process) endsWell(requests int, answers <-chan int, limit time.Duration) {
	p.t.Helper()
	begin := time.Now()
	for range requests {
		if got := <-answers; got != http.StatusOK {
			p.t.Errorf("a request in flight: status %d, want 200", got)
		}
	}
	if err := p.Wait(); err != nil {
		p.t.Errorf("the process ended with %v, want exit code 0", err)
	}
	if took := time.Since(begin); took > limit {
		p.t.Errorf("the end took %v, want %v at most", took, limit)
	}
}

func TestSIGTERMUnderLoadDeliversEverySpanLineAndCount(t *testing.T) {
	for _, protocol := range []string{exporters.ProtocolGRPC, exporters.ProtocolHTTP} {
		t.Run(protocol, func(t *testing.T) {
			collector := otlpcollector.Start(t, otlpcollector.Options{Protocol: protocol})
			const requests = 100
			p := startProcess(t, toCollector(collector, protocol, "TUTORFLOW_GRACE_PERIOD=20s", "TUTORFLOW_FLUSH_TIMEOUT=20s")...)
			answers := p.hold(requests)
			p.terminate()
			p.endsWell(requests, answers, 40*time.Second)

			spans, ids := 0, make(map[string]bool)
			for _, span := range collector.Spans() {
				if span.GetName() == "GET /held" {
					spans++
					ids[string(span.GetSpanId())] = true
				}
			}
			if spans != requests || len(ids) != requests {
				t.Errorf("%d spans with %d ids are delivered, want %d", spans, len(ids), requests)
			}
			lines := 0
			for _, record := range collector.LogRecords() {
				for _, a := range record.GetAttributes() {
					if a.GetKey() == "http_route" && a.GetValue().GetStringValue() == "/held" {
						lines++
					}
				}
			}
			if lines != requests {
				t.Errorf("%d lines of the access log are delivered, want %d", lines, requests)
			}
			for metric, labels := range map[string]map[string]string{
				catalog.Reviews:             {},
				catalog.HTTPRequests:        {"method": "GET", "endpoint": "/held", "status": "200"},
				catalog.HTTPRequestDuration: {"method": "GET", "endpoint": "/held"},
			} {
				if got, there := collector.Value(metric, labels); !there || got != requests {
					t.Errorf("the last value of %s %v is %v (delivered: %v), want %d", metric, labels, got, there, requests)
				}
			}
		})
	}
}

func TestSIGTERMEndsWellWhateverTheCollectorDoes(t *testing.T) {
	for name, fail := range map[string]func(*otlpcollector.Collector){
		"it is down":            (*otlpcollector.Collector).Stop,
		"it hangs":              func(c *otlpcollector.Collector) { c.Set(otlpcollector.Behaviour{Hang: true}) },
		"it closes connections": func(c *otlpcollector.Collector) { c.Set(otlpcollector.Behaviour{Close: true}) },
		"it is not available":   func(c *otlpcollector.Collector) { c.Set(otlpcollector.Behaviour{Failure: otlpcollector.Unavailable}) },
		"it says when to try next": func(c *otlpcollector.Collector) {
			c.Set(otlpcollector.Behaviour{Failure: otlpcollector.Exhausted, RetryAfter: time.Hour})
		},
	} {
		for _, protocol := range []string{exporters.ProtocolGRPC, exporters.ProtocolHTTP} {
			t.Run(name+" over "+protocol, func(t *testing.T) {
				t.Parallel()
				collector := otlpcollector.Start(t, otlpcollector.Options{Protocol: protocol})
				fail(collector)
				const requests = 10
				p := startProcess(t, toCollector(collector, protocol, "TUTORFLOW_GRACE_PERIOD=20s", "TUTORFLOW_FLUSH_TIMEOUT=5s", "OTEL_EXPORTER_OTLP_TIMEOUT=300000")...)
				answers := p.hold(requests)
				p.terminate()
				// The exports alone would take the 5 min of their timeout, or for ever.
				p.endsWell(requests, answers, time.Minute)
				lost := ""
				for line := range strings.Lines(p.stdout.String()) {
					if strings.Contains(line, `"telemetry lost at the end"`) {
						lost = line
					}
				}
				for _, want := range []string{" spans abandoned", " data points abandoned", " log records abandoned"} {
					if !strings.Contains(lost, want) {
						t.Errorf("the log does not tell of %q: %s", want, lost)
					}
				}
			})
		}
	}
}

func TestASecondSIGTERMDoesNotWaitForTheLastExport(t *testing.T) {
	collector := otlpcollector.Start(t, otlpcollector.Options{Protocol: exporters.ProtocolHTTP})
	collector.Set(otlpcollector.Behaviour{Hang: true})
	p := startProcess(t, toCollector(collector, exporters.ProtocolHTTP, "TUTORFLOW_FLUSH_TIMEOUT=5m", "OTEL_EXPORTER_OTLP_TIMEOUT=300000")...)
	p.terminate()
	for begin := time.Now(); collector.Attempts(exporters.Metrics) == 0; time.Sleep(10 * time.Millisecond) {
		if time.Since(begin) > 20*time.Second {
			t.Fatal("there is no last export")
		}
	}
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	err := p.Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGTERM || time.Since(start) > 10*time.Second {
		t.Errorf("ended with %v after %v, want death by SIGTERM at once", err, time.Since(start))
	}
}
