// Package all names every exporter of this module, for programs that leave the
// choice to the configuration. It links what all of them need.
package all

import (
	"os"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/exporters/prometheus"
	"github.com/tutorflow/observability/exporters/stdout"
)

// Factories returns the factories of all exporters.
func Factories() []exporters.Factory {
	return []exporters.Factory{prometheus.New(), stdout.New(os.Stdout)}
}
