package stack_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	remoteapi "github.com/prometheus/client_golang/exp/api/remote"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage/remote"
	"github.com/prometheus/prometheus/util/teststorage"

	"github.com/tutorflow/observability/internal/e2e/internal/process"
)

// gatewayConfig is what examples/kubernetes runs the Collector with.
const gatewayConfig = "../../../examples/kubernetes/collector-config.yaml"

// backend is where the gateway sends to: Prometheus's own receiver of remote
// writes, which does not get the first, and a server that takes whatever else is
// sent.
type backend struct {
	url     string
	storage *teststorage.TestStorage

	mu  sync.Mutex
	got map[string]bool // "/path tenant"
}

func startBackend(t *testing.T) *backend {
	t.Helper()
	b := &backend{storage: teststorage.New(t), got: map[string]bool{}}
	write := remote.NewWriteHandler(slog.New(slog.DiscardHandler), prometheus.NewRegistry(), b.storage,
		remoteapi.MessageTypes{remoteapi.WriteV1MessageType}, false, false)
	// What is refused is lost and counted, and the next export makes up for it.
	var refused atomic.Bool
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.mu.Lock()
		b.got[r.URL.Path+" "+r.Header.Get("X-Scope-OrgID")] = true
		b.mu.Unlock()
		switch {
		case r.URL.Path != "/api/v1/push":
			_, _ = io.Copy(io.Discard, r.Body)
		case refused.CompareAndSwap(false, true):
			w.WriteHeader(http.StatusBadRequest)
		default:
			write.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(server.Close)
	b.url = server.URL
	return b
}

// received reports whether something was sent to path with tenant.
func (b *backend) received(path, tenant string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.got[path+" "+tenant]
}

// series are the labels of all that was written, by a text of name and labels
// without job and instance, which are in targets, and without target_info,
// which is in info.
func (b *backend) series(t *testing.T) (series, targets map[string]bool, info labels.Labels) {
	t.Helper()
	querier, err := b.storage.Querier(0, 1<<62)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = querier.Close() }()
	series, targets = map[string]bool{}, map[string]bool{}
	set := querier.Select(t.Context(), false, nil, labels.MustNewMatcher(labels.MatchRegexp, model.MetricNameLabel, ".+"))
	for set.Next() {
		l := set.At().Labels()
		targets[l.Get("job")+" "+l.Get("instance")] = true
		if l.Get(model.MetricNameLabel) == "target_info" {
			info = l
			continue
		}
		series[text(labels.NewBuilder(l).Del(identity...).Labels())] = true
	}
	if err := set.Err(); err != nil {
		t.Fatal(err)
	}
	return series, targets, info
}

// startGateway runs the Collector with the gateway's configuration, but for the
// addresses and what changes says.
func startGateway(t *testing.T, to *backend, changes string) (c *collector, metrics string) {
	t.Helper()
	ports := process.FreePorts(t, 4)
	c = &collector{grpc: "127.0.0.1:" + ports[0], http: "127.0.0.1:" + ports[1]}
	addresses := writeFile(t, fmt.Sprintf(`
receivers: {otlp: {protocols: {grpc: {endpoint: %q}, http: {endpoint: %q}}}}
exporters:
  prometheus_remote_write: {endpoint: %q}
  otlp_http/traces: {endpoint: %q}
  otlp_http/logs: {endpoint: %q}
extensions: {health_check: {endpoint: "127.0.0.1:%s"}}
service: {telemetry: {metrics: {readers: [{pull: {exporter: {prometheus: {host: 127.0.0.1, port: %s}}}}]}}}
`, c.grpc, c.http, to.url+"/api/v1/push", to.url, to.url+"/otlp", ports[2], ports[3]))
	cmd := exec.Command(process.Program(t, "otelcol"), "--config", gatewayConfig, "--config", addresses, "--config", writeFile(t, changes))
	process.StartUntilReady(t, "http://127.0.0.1:"+ports[2]+"/", cmd)
	return c, "http://127.0.0.1:" + ports[3] + "/metrics"
}

func writeFile(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestTheCollectorTakesTheConfigurationOfTheGateway(t *testing.T) {
	text, err := os.ReadFile(gatewayConfig)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ from, to, finds string }{
		"as it is":                  {},
		"a misspelt key":            {"send_metadata:", "send_meta:", "send_meta"},
		"an exporter that is not":   {"exporters: [otlp_http/logs]", "exporters: [loki]", "loki"},
		"a wrong type":              {"queue_size: 2000", "queue_size: many", "queue_size"},
		"an unknown name of naming": {"UnderscoreEscapingWithSuffixes", "Underscores", "translation"},
		"an extension that is not":  {"extensions: [health_check]", "extensions: [pprof]", "pprof"},
	} {
		t.Run(name, func(t *testing.T) {
			planted := strings.Replace(string(text), test.from, test.to, 1)
			if planted == string(text) && test.from != "" {
				t.Fatalf("there is no %q to replace", test.from)
			}
			said, err := exec.Command(process.Program(t, "otelcol"), "validate", "--config", writeFile(t, planted)).CombinedOutput()
			if (err == nil) != (test.from == "") || !strings.Contains(string(said), test.finds) {
				t.Errorf("validate: %v, want an error about %q:\n%s", err, test.finds, said)
			}
		})
	}
}
