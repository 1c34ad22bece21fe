package boards

import (
	"fmt"
	"strings"

	"github.com/tutorflow/observability/alerting/alerts"
	"github.com/tutorflow/observability/dashboards/internal/grafana"
	"github.com/tutorflow/observability/dashboards/internal/promql"
	"github.com/tutorflow/observability/telemetry/catalog"
)

// telemetry shows whether the other dashboards can be believed.
func (s set) telemetry() grafana.Dashboard {
	d := board(telemetryUID, "TutorFlow / Telemetry",
		"Whether metrics, spans and log lines arrive, and whole. Look here when another dashboard is empty.", "6h")
	scrapes, samples, series, exports := s.scrapeDuration(), s.scrapeSamples(), s.seriesByMetric(), s.sinceExport()
	d.Layout(
		grafana.Row{Title: "Can the dashboards be believed", Panels: []*grafana.Panel{
			s.targetsUp().Detail(scrapes), s.instancesBlind().Detail(samples), s.familiesPresent().Detail(series), s.neverExported().Detail(exports),
		}},
		grafana.Row{Title: "Scrape", Panels: []*grafana.Panel{
			scrapes, samples, s.seriesAdded(), s.gatherErrors(),
		}},
		grafana.Row{Title: "Cardinality", Panels: []*grafana.Panel{
			series, s.endpoints(), s.labelOverflow(),
		}},
		grafana.Row{Title: "Exports", Panels: []*grafana.Panel{
			s.exports(), exports, s.droppedItems(),
		}},
		grafana.Row{Title: "Log lines, readings and the admin listener", Panels: []*grafana.Panel{
			s.logLinesDropped(), s.callbackFailures(), s.telemetryChanges(), s.refusedRequests(),
		}},
		grafana.Row{Title: "Rules", Panels: []*grafana.Panel{
			s.ruleDuration(), s.ruleFailures(), s.alertsFiring(),
		}},
		s.alertRow(d.UID),
	)
	return d
}

func (s set) targetsUp() *grafana.Panel {
	up := scoped("up").String()
	return grafana.Stat("Targets up of expected",
		"Instances that Prometheus can scrape, and those that it knows of. 0 is blind: the service is down or has left service discovery. Fewer than expected: look at the page Targets of Prometheus for the error.", "short",
		grafana.Query("(sum by (job) ("+up+") and on (job) "+knownJobs()+") or 0 * "+knownJobs(), "{{job}} up"),
		grafana.Query("(count by (job) ("+up+") and on (job) "+knownJobs()+") or 0 * "+knownJobs(), "{{job}} expected")).
		Floor(1).NoValue(noTarget)
}

func (s set) instancesBlind() *grafana.Panel {
	return grafana.Stat("Instances up without metrics",
		"Instances whose scrape succeeds without the application info. Must be 0: every panel and alert is blind for such an instance, and what it reads there is no zero. Look for relabelling, or another program on the port.", "short",
		grafana.Query(promql.Sum("1 - "+scoped(alerts.MetricsPresent).String(), "job"), "{{job}}")).
		Limit(1).NoValue("Nothing is up, or rules not loaded")
}

// families matches a series of every metric in the catalogue.
func families() (matcher string, number int) {
	var names []string
	for _, d := range catalog.All() {
		name := strings.TrimPrefix(d.Name, "tutorflow_")
		if d.Kind == catalog.KindHistogram {
			name += "_count"
		}
		names = append(names, name)
	}
	return `__name__=~"tutorflow_(` + strings.Join(names, "|") + `)"`, len(names)
}

func (s set) familiesPresent() *grafana.Panel {
	matcher, number := families()
	return grafana.Stat(fmt.Sprintf("Metric families present, of %d", number),
		"Metrics of the catalogue that are on the scrape. Those of pools, health checks and external services come with the first that is declared. If others are missing, a relabelling rule drops them or somebody switched them off: see Changes below.", "short",
		grafana.Query("count by (job) (count by (job, __name__) ("+promql.Select("", matcher, ofJob, ofInstance).String()+"))", "{{job}}")).
		NoValue("None: blind")
}

func (s set) neverExported() *grafana.Panel {
	last := scoped(catalog.TelemetryLastSuccess).String()
	return grafana.Stat("Instances that never exported",
		"Instances by exporter and signal without a single successful export since their start. Must be 0 a minute after it: otherwise the endpoint, its credentials or the network are wrong. The log line telemetry failed says which.", "short",
		grafana.Query(promql.Sum(last+" == bool 0", "exporter", "signal"), "{{exporter}} {{signal}}")).
		Limit(1).NoValue("No exporter")
}
