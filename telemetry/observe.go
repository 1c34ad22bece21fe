package telemetry

import (
	"database/sql"
	"errors"

	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"

	"github.com/tutorflow/observability/telemetry/dbstats"
)

// ObserveDB exports the state of the pool db under name until stop is called,
// or until Shutdown. A nil db and a name that is in use are errors.
func (t *Telemetry) ObserveDB(name string, db *sql.DB) (stop func() error, err error) {
	return dbstats.Observe(t.pools, name, db)
}

// HealthSource is something that has health checks, like health.Checker. The
// names of its checks must be few and fixed.
type HealthSource interface {
	// EachCheck calls yield with the name of each check, whether it is up, and
	// the seconds that its last run took. It must not block.
	EachCheck(yield func(check string, up bool, seconds float64))
}

// ObserveHealth exports the results of checks until stop is called, or until
// Shutdown. Serve does this for the checks that it is given. The admin listener,
// if there is one, serves the health of the last checks observed.
func (t *Telemetry) ObserveHealth(checks HealthSource) (stop func() error, err error) {
	if checks == nil {
		return nil, errors.New("observe health checks: <nil>: a source is needed")
	}
	t.showHealth(checks)
	return t.health.Observe(checks.EachCheck)
}

// standardMeterProvider is where otelhttp records.
func (t *Telemetry) standardMeterProvider() metric.MeterProvider {
	if t.config.HTTP.SemconvMetrics {
		return t.meterProvider
	}
	return noop.NewMeterProvider()
}
