package exporters_test

import (
	"context"
	"fmt"

	sdklog "go.opentelemetry.io/otel/sdk/log"

	"github.com/tutorflow/observability/exporters"
)

func ExampleSelect() {
	logs := func(context.Context, exporters.Settings) (sdklog.Exporter, error) { return nil, nil }
	linked := []exporters.Factory{{Name: "otlp", Logs: logs}, {Name: "console", Logs: logs}}

	chosen, err := exporters.Select(exporters.Logs, []string{"console"}, linked)
	fmt.Println(chosen[0].Name, err)
	_, err = exporters.Select(exporters.Logs, []string{"kafka"}, linked)
	fmt.Println(err)
	// Output:
	// console <nil>
	// select logs exporter "kafka": allowed are otlp, console, none; others are added by telemetry.WithExporters
}
