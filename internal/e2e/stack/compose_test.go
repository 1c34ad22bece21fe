package stack_test

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/tutorflow/observability/examples/tutorflow/traffic"
	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/internal/e2e/internal/process"
	"github.com/tutorflow/observability/internal/otlpcollector"
)

// composeStack is the folder of examples/stack, and composeCollector the file of
// its Collector.
const (
	composeStack     = "../../../examples/stack"
	composeCollector = composeStack + "/collector.yaml"
)

// composeService is a service of examples/stack.
type composeService struct {
	Command     []string
	Environment map[string]string
}

func readComposeService(t *testing.T, name string) composeService {
	t.Helper()
	text, err := os.ReadFile(composeStack + "/compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var compose struct{ Services map[string]composeService }
	if err := yaml.Unmarshal(text, &compose); err != nil {
		t.Fatal(err)
	}
	return compose.Services[name]
}

// environment returns the service's, with the address of c in the place of the
// collector's.
func (s composeService) environment(c *collector) (environment []string) {
	for name, value := range s.Environment {
		environment = append(environment, name+"="+strings.ReplaceAll(value, "collector:4318", c.http))
	}
	return environment
}

// command returns the program with the service's arguments, in which replace has
// paths of a container and what stands for them, and with further ones.
func (s composeService) command(t *testing.T, program string, replace *strings.Replacer, further ...string) *exec.Cmd {
	t.Helper()
	if len(s.Command) == 0 {
		t.Fatalf("%s has no command in compose.yaml", program)
	}
	cmd := exec.Command(process.Program(t, program))
	for _, argument := range append(s.Command, further...) {
		cmd.Args = append(cmd.Args, replace.Replace(argument))
	}
	return cmd
}

// startComposeCollector starts the Collector of examples/stack, with addresses
// of this test.
func startComposeCollector(t *testing.T, tempo, loki string) *collector {
	t.Helper()
	config, err := filepath.Abs(composeCollector)
	if err != nil {
		t.Fatal(err)
	}
	c := &collector{http: "127.0.0.1:" + process.FreePorts(t, 1)[0]}
	cmd := exec.Command(process.Program(t, "otelcol"), "--config", config)
	cmd.Env = append(os.Environ(), "OTLP_ADDRESS="+c.http, "TEMPO_URL="+tempo, "LOKI_URL="+loki)
	process.Start(t, cmd)
	if !process.Eventually(func() bool {
		connection, err := net.Dial("tcp", c.http)
		if err == nil {
			_ = connection.Close()
		}
		return err == nil
	}) {
		t.Fatal("the collector does not listen")
	}
	return c
}

// below serves at path what server serves at its root, as Loki has OTLP.
func below(t *testing.T, path, server string) string {
	t.Helper()
	to, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewServer(http.StripPrefix(path, httputil.NewSingleHostReverseProxy(to)))
	t.Cleanup(proxy.Close)
	return proxy.URL
}

func TestTheCollectorOfTheComposeStackBringsSpansToTempoAndLogLinesToLoki(t *testing.T) {
	process.Program(t, "otelcol") // or the test is skipped
	tempo := otlpcollector.Start(t, otlpcollector.Options{Protocol: exporters.ProtocolHTTP})
	loki := otlpcollector.Start(t, otlpcollector.Options{Protocol: exporters.ProtocolHTTP})
	c := startComposeCollector(t, tempo.Base(), below(t, "/otlp", loki.Base()))
	s := startService(t, c, "http/protobuf", time.Minute, readComposeService(t, "tutorflow").environment(c)...)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	if err := traffic.Run(ctx, s.url, 20); err != nil {
		t.Fatal(err)
	}
	s.end(t)

	access, alone := 0, 0                // log lines of requests, and those whose trace did not come
	if !process.Eventually(func() bool { // the collector sends on what it has answered
		traces := map[string]bool{}
		for _, span := range tempo.Spans() {
			traces[string(span.GetTraceId())] = true
		}
		access, alone = 0, 0
		for _, record := range loki.LogRecords() {
			if record.GetBody().GetStringValue() == "HTTP request" {
				if access++; !traces[string(record.GetTraceId())] {
					alone++
				}
			}
		}
		return access > 0 && alone == 0
	}) {
		t.Errorf("%d access log lines came to Loki, %d of them without their trace in Tempo, want some and 0", access, alone)
	}
	if logs, spans := tempo.Items(exporters.Logs), loki.Items(exporters.Traces); logs != 0 || spans != 0 {
		t.Errorf("%d log records came to Tempo and %d spans to Loki, want none", logs, spans)
	}
}

func TestTheCollectorItselfAcceptsTheFileOfTheComposeStack(t *testing.T) {
	validate := func(config string) error {
		return exec.CommandContext(t.Context(), process.Program(t, "otelcol"), "validate", "--config", config).Run()
	}
	if err := validate(composeCollector); err != nil {
		t.Errorf("otelcol validate: %v", err)
	}
	text, err := os.ReadFile(composeCollector)
	if err != nil {
		t.Fatal(err)
	}
	for name, defect := range map[string][2]string{
		"an exporter that does not exist": {"exporters: [otlp_http/loki]", "exporters: [loki]"},
		"an unknown key":                  {"limit_percentage: 75", "percentage: 75"},
		"an unknown kind":                 {"otlp_http/tempo", "tempo"},
	} {
		t.Run(name, func(t *testing.T) {
			planted := filepath.Join(t.TempDir(), "collector.yaml")
			if err := os.WriteFile(planted, bytes.ReplaceAll(text, []byte(defect[0]), []byte(defect[1])), 0o644); err != nil {
				t.Fatal(err)
			}
			if validate(planted) == nil {
				t.Error("otelcol accepts it")
			}
		})
	}
}
