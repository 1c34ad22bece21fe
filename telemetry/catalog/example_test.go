package catalog_test

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/tutorflow/observability/telemetry/catalog"
)

// Weekday is the label of an instrument that a service adds.
type Weekday int

// The weekdays on which lessons are held.
const (
	Monday Weekday = iota
	Tuesday
)

// A service adds a counter of its own in three lines: the label, the
// instrument, the event. Every series is there before the first event.
func Example() {
	ctx := context.Background()
	reader := sdkmetric.NewManualReader()
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
	meter, err := catalog.NewMeter(provider.Meter("example")) // tel.Meter() in a service
	if err != nil {
		fmt.Println(err)
		return
	}

	day := catalog.Enum[Weekday]("day", "monday", "tuesday")
	lessons, err := catalog.NewCounterBy(meter, "tutorflow_lessons_total", "Lessons held.", day)
	lessons.Add(ctx, Tuesday)
	if err != nil {
		fmt.Println(err)
		return
	}

	var collected metricdata.ResourceMetrics
	if err := reader.Collect(ctx, &collected); err != nil {
		fmt.Println(err)
		return
	}
	for _, m := range collected.ScopeMetrics[0].Metrics {
		if m.Name != "tutorflow_lessons_total" {
			continue
		}
		for _, point := range m.Data.(metricdata.Sum[int64]).DataPoints {
			fmt.Println(m.Name, point.Attributes.Encoded(attribute.DefaultEncoder()), point.Value)
		}
	}
	// Unordered output:
	// tutorflow_lessons_total day=monday 0
	// tutorflow_lessons_total day=tuesday 1
}

// A refused definition says what is wrong with it and what is allowed, and its
// nil instrument may be used.
func ExampleNewCounter() {
	meter, err := catalog.NewMeter(sdkmetric.NewMeterProvider().Meter("example"))
	if err != nil {
		fmt.Println(err)
		return
	}
	lessons, err := catalog.NewCounter(meter, "tutorflow_lessons", "Lessons held.")
	lessons.Add(context.Background())
	fmt.Println(err)
	// Output:
	// define metric "tutorflow_lessons": name: the ending _total is for counters and for them alone, this is a counter
}
