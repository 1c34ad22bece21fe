package stack_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tutorflow/observability/internal/e2e/internal/process"
)

// collector is a running OpenTelemetry Collector.
type collector struct {
	grpc, http, scrape string // addresses
	debug              string // the file with spans and log records
}

func startCollector(t *testing.T) *collector {
	t.Helper()
	c := &collector{debug: filepath.Join(t.TempDir(), "debug.txt")}
	ports := process.FreePorts(t, 3)
	c.grpc, c.http, c.scrape = "127.0.0.1:"+ports[0], "127.0.0.1:"+ports[1], "127.0.0.1:"+ports[2]
	config, err := filepath.Abs("collector.yaml")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(process.Program(t, "otelcol"), "--config", config)
	cmd.Env = append(os.Environ(), "STACK_GRPC_PORT="+ports[0], "STACK_HTTP_PORT="+ports[1], "STACK_SCRAPE_PORT="+ports[2], "STACK_DEBUG_FILE="+c.debug)
	process.StartUntilReady(t, "http://"+c.scrape+"/metrics", cmd)
	return c
}

// endpoint is where protocol is spoken.
func (c *collector) endpoint(protocol string) string {
	if protocol == "grpc" {
		return "http://" + c.grpc
	}
	return "http://" + c.http
}

// service is the example's command, which exports to a collector.
type service struct {
	cmd *exec.Cmd
	url string
}

func startService(t *testing.T, c *collector, protocol string, every time.Duration, environ ...string) *service {
	t.Helper()
	s := &service{cmd: exec.Command(process.Program(t, "tutorflow"), "-addr", "127.0.0.1:0", "-traffic", "0", "-db", filepath.Join(t.TempDir(), "test.db"))}
	s.cmd.Env = append(os.Environ(),
		"OTEL_METRICS_EXPORTER=prometheus,otlp", "OTEL_TRACES_EXPORTER=otlp", "OTEL_LOGS_EXPORTER=otlp",
		"OTEL_EXPORTER_OTLP_ENDPOINT="+c.endpoint(protocol), "OTEL_EXPORTER_OTLP_PROTOCOL="+protocol,
		fmt.Sprint("OTEL_METRIC_EXPORT_INTERVAL=", every.Milliseconds()),
		// The collector shows a resource only with an instance.
		"OTEL_RESOURCE_ATTRIBUTES=service.instance.id=one",
		"TUTORFLOW_DRAIN_DELAY=0s") // there is no load balancer to wait for
	s.cmd.Env = append(s.cmd.Env, environ...)
	stderr, err := s.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	process.Start(t, s.cmd)
	lines := bufio.NewScanner(stderr)
	var said strings.Builder
	for lines.Scan() {
		if _, url, ok := strings.Cut(lines.Text(), "API "); ok {
			s.url = strings.TrimSuffix(strings.TrimSpace(url), "/api/v1/bookings")
			go func() { _, _ = io.Copy(io.Discard, stderr) }() // ends with the process
			return s
		}
		said.WriteString(lines.Text() + "\n")
	}
	t.Fatalf("the service does not say where it listens:\n%s", &said)
	return nil
}

// end asks the service to end, which it has to do by itself.
func (s *service) end(t *testing.T) {
	t.Helper()
	process.End(t, s.cmd)
}

// within returns a context that ends after d.
func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}
