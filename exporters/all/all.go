package all

import (
	"os"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/exporters/otlp"
	"github.com/tutorflow/observability/exporters/prometheus"
	"github.com/tutorflow/observability/exporters/stdout"
)

// Factories returns the factories of all exporters.
func Factories() []exporters.Factory {
	return []exporters.Factory{prometheus.New(), otlp.New(), stdout.New(os.Stdout)}
}
