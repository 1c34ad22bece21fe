package telemetry_test

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/telemetry"
	"github.com/tutorflow/observability/telemetry/catalog"
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

// resources starts telemetry with Init, has it export something of each signal,
// and returns what each was sent with.
func resources(t *testing.T, service telemetry.Service) map[string]*resource.Resource {
	t.Helper()
	metrics, spans, records := &fakeExporter{}, tracetest.NewInMemoryExporter(), &keptRecords{}
	tel, err := telemetry.Init(t.Context(), service, discard, telemetry.WithExporters(pushTo(metrics), spansTo(keptSpans{spans}),
		exporters.Factory{Name: "records", Logs: func(context.Context, exporters.Settings) (sdklog.Exporter, error) { return records, nil }}),
		telemetry.WithConfig(func(c *telemetry.Config) {
			c.Metrics.Exporters, c.Traces.Exporters, c.Logs.Exporters = []string{"fake", "prometheus"}, []string{"kept"}, []string{"records"}
		}))
	if err != nil {
		t.Fatal(err)
	}
	_, span := tel.TracerProvider().Tracer("test").Start(t.Context(), "work")
	span.End()
	tel.Logger().Info("work")
	targetInfo := get(t, tel.MetricsHandler(), "/metrics?name[]=target_info").Body.String()
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	all := map[string]*resource.Resource{
		"metrics": metrics.last.Resource, "traces": spans.GetSpans()[0].Resource, "logs": records.records[0].Resource(),
	}
	var labels []string
	for _, label := range regexp.MustCompile(`(\w+)="`).FindAllStringSubmatch(targetInfo, -1) {
		labels = append(labels, label[1])
	}
	var names []string
	for _, kv := range all["metrics"].Attributes() {
		names = append(names, strings.ReplaceAll(string(kv.Key), ".", "_"))
	}
	if !slices.Equal(labels, names) {
		t.Errorf("target_info has %v, want %v", labels, names)
	}
	return all
}

func TestResourceHasWhatIsConfiguredAndNothingThatIsDetected(t *testing.T) {
	own := []string{"deployment.environment.name", "service.instance.id", "service.name", "service.version", "telemetry.sdk.language", "telemetry.sdk.name"}
	for name, test := range map[string]struct {
		environ    string
		attributes map[string]string
		more       []string
	}{
		"nothing is configured":             {},
		"the environment has attributes":    {environ: "team=booking,host.name=n1", more: []string{"host.name", "team"}},
		"the environment has an old name":   {environ: "deployment.environment=production", more: []string{"deployment.environment"}},
		"code has attributes":               {attributes: map[string]string{"team": "booking"}, more: []string{"team"}},
		"both have, of which code's counts": {environ: "team=payments", attributes: map[string]string{"team": "booking"}, more: []string{"team"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("OTEL_RESOURCE_ATTRIBUTES", test.environ)
			t.Setenv("OTEL_GO_X_RESOURCE", "true") // has the SDK detect more
			want := slices.Sorted(slices.Values(append(test.more, own...)))
			for signal, r := range resources(t, telemetry.Service{Name: "test", Version: "1", Attributes: test.attributes}) {
				var keys []string
				for _, kv := range r.Attributes() {
					keys = append(keys, string(kv.Key))
				}
				if !slices.Equal(keys, want) {
					t.Errorf("%s are sent with %v, want %v", signal, keys, want)
				}
				if team, _ := r.Set().Value("team"); test.attributes != nil && team.AsString() != "booking" {
					t.Errorf("%s are sent with the team %s", signal, team.AsString())
				}
				// A schema of its own would conflict with that of any other version.
				old := resource.NewWithAttributes("https://opentelemetry.io/schemas/1.26.0", attribute.String("k8s.pod.name", "p"))
				if _, err := resource.Merge(r, old); err != nil || r.SchemaURL() != "" {
					t.Errorf("%s are sent with the schema %q, which merges with %v", signal, r.SchemaURL(), err)
				}
			}
		})
	}
}

// TestAttributesThatAreRefusedCostNoMetricOfTheService has what the SDK reads of
// the environment by itself, whatever it is told.
func TestAttributesThatAreRefusedCostNoMetricOfTheService(t *testing.T) {
	for _, environ := range []string{"__name__=x", "novalue,a=b", "service_name=other", "a=\xff\xfe"} {
		t.Setenv("OTEL_RESOURCE_ATTRIBUTES", environ)
		r := telemetrytest.New(t)
		r.Reviews.Add(t.Context())
		r.WantValue(catalog.Reviews, "1")
		r.WantValue(`tutorflow_application_info{environment="test",name="test",revision="none",version="0.0.0"}`, "1")
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
