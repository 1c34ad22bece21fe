package otlp_test

import (
	"fmt"
	"time"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/exporters/otlp"
)

// What is wrong with an endpoint is found before anything is opened.
func ExampleNew() {
	err := otlp.New().Check(exporters.Traces, exporters.Settings{OTLP: exporters.OTLP{
		Protocol: exporters.ProtocolGRPC,
		Endpoint: "collector:4317",
		Timeout:  10 * time.Second,
	}})
	fmt.Println(err)
	// Output:
	// open otlp exporter for traces: endpoint "collector:4317": allowed are the schemes http, https and unix, as in http://localhost:4317
}
