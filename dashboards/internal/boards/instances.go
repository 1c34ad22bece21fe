package boards

import (
	"strings"

	"github.com/tutorflow/observability/alerting/alerts"
	"github.com/tutorflow/observability/dashboards/internal/grafana"
	"github.com/tutorflow/observability/dashboards/internal/promql"
)

// notScraped is what a panel reads that can only be empty when nothing is
// scraped.
const notScraped = "Not scraped"

// counted is for numbers that are on the scrape from the start, at 0: one that is
// missing is red, since the service is not scraped.
func counted(p *grafana.Panel) *grafana.Panel { return p.Floor(0).NoValue(notScraped) }

// instancesNow is red, not empty, when nothing is scraped: no other panel can
// tell a service that is down from one that is idle.
func (s set) instancesNow() *grafana.Panel {
	known := perTarget("up")
	return grafana.Stat("Instances scraped",
		"Instances that Prometheus can scrape, of those that it knows. Red or \"Not scraped\" means that every other panel is blind: see whether the service runs, then the scrape targets.", "short",
		grafana.Query(promql.Sum(known, "job"), "{{job}} up"),
		grafana.Query(promql.Count(known, "job"), "{{job}} expected")).
		Width(8).Height(6).Floor(1).Decimals(0).NoValue(notScraped).
		To("Telemetry: what is scraped", telemetryUID)
}

// firingAlerts lists the alerts of the components that the dashboard uid plots,
// and those that say that the service is away.
func (s set) firingAlerts(uid string) *grafana.Panel {
	components := []string{"availability"}
	for _, a := range alerts.On(uid, s.Thresholds) {
		if a.Component != components[len(components)-1] {
			components = append(components, a.Component)
		}
	}
	return grafana.AlertList("Firing alerts",
		"Alerts of this dashboard that fire or wait for their time. Each has a runbook; what it compares is in the last row. Empty is healthy, provided that instances are scraped and the data source shows its alerts in Grafana.",
		`{job=~"${job:pipe}",component=~"`+strings.Join(components, "|")+`"}`)
}
