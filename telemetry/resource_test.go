package telemetry_test

import (
	"regexp"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/tutorflow/observability/telemetry"
	"github.com/tutorflow/observability/telemetry/telemetrytest"
)

// target is the line of target_info.
func target(t *testing.T, change func(*telemetry.Config)) string {
	t.Helper()
	r := telemetrytest.New(t, telemetry.WithExporters(memorySpans(tracetest.NewInMemoryExporter())), telemetry.WithConfig(change))
	return r.Exposition("target_info")
}

func TestReplicasThatSendSomethingAreTold(t *testing.T) {
	sends := func(c *telemetry.Config) { c.Traces.Exporters = []string{"memory"} }
	id := regexp.MustCompile(`service_instance_id="([0-9a-f-]{36})"`)
	first, second := id.FindStringSubmatch(target(t, sends)), id.FindStringSubmatch(target(t, sends))
	if first == nil || second == nil || first[1] == second[1] {
		t.Errorf("the ids of two replicas are %q and %q", first, second)
	}
	if line := target(t, func(*telemetry.Config) {}); strings.Contains(line, "service_instance_id") {
		t.Errorf("a service that is scraped alone has an id: %s", line)
	}
	if line := target(t, func(c *telemetry.Config) {
		sends(c)
		c.Service.Attributes = map[string]string{"service.instance.id": "pod-7"}
	}); !strings.Contains(line, `service_instance_id="pod-7"`) {
		t.Errorf("the configured id is not there: %s", line)
	}
}

func TestWhatTheSDKCountsOfItselfIsNoPartOfTheContract(t *testing.T) {
	r := telemetrytest.New(t)
	counter, err := r.MeterProvider().Meter("sdk").Int64Counter("otel.sdk.exporter.span.exported")
	if err != nil {
		t.Fatal(err)
	}
	counter.Add(t.Context(), 1)
	if scrape := r.Exposition(); strings.Contains(scrape, "otel_sdk") {
		t.Errorf("the scrape has otel_sdk_*:\n%s", scrape)
	}
}
