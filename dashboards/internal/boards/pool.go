package boards

import (
	"github.com/tutorflow/observability/dashboards/internal/grafana"
	"github.com/tutorflow/observability/dashboards/internal/promql"
	"github.com/tutorflow/observability/telemetry/catalog"
)

const (
	noPool     = "No database pool"
	poolLegend = "{{instance}} {{pool}}"
)

// perPool keeps pools and processes apart: a sum over the fleet would hide the
// one that is exhausted.
func perPool(metric string) string {
	return promql.Max(scoped(metric).String(), "job", "instance", "pool")
}

func (s set) poolConnections() *grafana.Panel {
	return grafana.Timeseries("Database connections",
		"Connections in use, open but idle, and allowed, by instance and pool. A maximum of 0 is no limit. In use at the maximum for long means slow queries, leaked rows or a pool that is too small.", "short",
		grafana.Query(perPool(catalog.DBConnectionsActive), "active "+poolLegend),
		grafana.Query(perPool(catalog.DBConnectionsIdle), "idle "+poolLegend),
		grafana.Query(perPool(catalog.DBConnectionsMax), "max "+poolLegend)).
		Width(6).NoValue(noPool)
}

func (s set) poolUtilization() *grafana.Panel {
	return grafana.Timeseries("Pool utilisation",
		"Share of the allowed connections that is in use. A pool without a limit has no line. Above the line for five minutes DatabaseConnectionPoolExhausted warns.", "percentunit",
		grafana.Query(perPool(catalog.DBConnectionsActive)+" / ("+perPool(catalog.DBConnectionsMax)+" > 0)", poolLegend)).
		Width(6).UpTo(1).Limit(s.PoolUtilization).NoValue("No database pool with a limit")
}

func (s set) poolWaits() *grafana.Panel {
	waits := promql.Rate(scoped(catalog.DBConnectionWaits))
	return grafana.Timeseries("Waits for a connection",
		"Queries a second that found every connection in use. Healthy is 0. Anything lasting means that requests queue before they reach the database.", "cps",
		grafana.Query(promql.Sum(waits, "instance", "pool"), poolLegend)).
		Width(6).NoValue(noPool)
}

func (s set) poolWaitTime() *grafana.Panel {
	seconds := promql.Rate(scoped(catalog.DBConnectionWaitSeconds))
	waits := promql.Rate(scoped(catalog.DBConnectionWaits))
	return grafana.Timeseries("Mean wait for a connection",
		"How long a waiting query waited; this time is part of the request's latency. Empty while no query waits.", "s",
		grafana.Query(promql.Mean(seconds, waits, "instance", "pool"), poolLegend)).
		Width(6).NoValue("No query waited")
}
