package otlpcollector

import (
	metriccollector "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	metricpb "go.opentelemetry.io/proto/otlp/metrics/v1"
)

// Point is one data point.
type Point struct {
	// Metric is what the point belongs to. It must not be changed.
	Metric *metricpb.Metric
	// Labels are the attributes of the point; others than strings are as protobuf
	// prints them.
	Labels map[string]string
	// Value is the number, or the count of a histogram.
	Value float64
}

func points(request *metriccollector.ExportMetricsServiceRequest) []Point {
	var all []Point
	for _, resource := range request.GetResourceMetrics() {
		for _, scope := range resource.GetScopeMetrics() {
			for _, metric := range scope.GetMetrics() {
				all = append(all, metricPoints(metric)...)
			}
		}
	}
	return all
}

func metricPoints(metric *metricpb.Metric) []Point {
	var found []Point
	add := func(attributes []*commonpb.KeyValue, value float64) {
		found = append(found, Point{metric, labels(attributes), value})
	}
	var numbers []*metricpb.NumberDataPoint
	switch data := metric.GetData().(type) {
	case *metricpb.Metric_Sum:
		numbers = data.Sum.GetDataPoints()
	case *metricpb.Metric_Gauge:
		numbers = data.Gauge.GetDataPoints()
	case *metricpb.Metric_Histogram:
		for _, p := range data.Histogram.GetDataPoints() {
			add(p.GetAttributes(), float64(p.GetCount()))
		}
	case *metricpb.Metric_ExponentialHistogram:
		for _, p := range data.ExponentialHistogram.GetDataPoints() {
			add(p.GetAttributes(), float64(p.GetCount()))
		}
	case *metricpb.Metric_Summary:
		for _, p := range data.Summary.GetDataPoints() {
			add(p.GetAttributes(), float64(p.GetCount()))
		}
	}
	for _, p := range numbers {
		value := p.GetAsDouble()
		if whole, ok := p.GetValue().(*metricpb.NumberDataPoint_AsInt); ok {
			value = float64(whole.AsInt)
		}
		add(p.GetAttributes(), value)
	}
	return found
}

func labels(attributes []*commonpb.KeyValue) map[string]string {
	found := make(map[string]string, len(attributes))
	for _, a := range attributes {
		if text, ok := a.GetValue().GetValue().(*commonpb.AnyValue_StringValue); ok {
			found[a.GetKey()] = text.StringValue
		} else {
			found[a.GetKey()] = a.GetValue().String()
		}
	}
	return found
}
