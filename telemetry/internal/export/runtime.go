package export

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	dto "github.com/prometheus/client_model/go"
	bridge "go.opentelemetry.io/contrib/bridges/prometheus"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
)

// NewRuntime makes the producer of the metrics of the Go runtime and the
// process, go_* and process_*, as they are on a scrape. Its points are
// cumulative. What cannot be read goes to failed, and costs only itself.
func NewRuntime(failed func(error)) (sdkmetric.Producer, error) {
	registry := prometheus.NewRegistry()
	for _, c := range []prometheus.Collector{
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	} {
		if err := registry.Register(c); err != nil {
			return nil, fmt.Errorf("register runtime metrics: %w", err)
		}
	}
	// The bridge would leave out all for one error, and tell the handler of the
	// whole process.
	gather := prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
		families, err := registry.Gather()
		if err != nil {
			failed(fmt.Errorf("read runtime metrics: %w", err))
		}
		return families, nil
	})
	return bridge.NewMetricProducer(bridge.WithGatherer(gather)), nil
}
