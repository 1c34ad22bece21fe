package boards

import (
	"github.com/tutorflow/observability/alerting/alerts"
	"github.com/tutorflow/observability/dashboards/internal/grafana"
	"github.com/tutorflow/observability/telemetry/catalog"
)

// set makes the dashboards, which draw their lines at its thresholds.
type set struct {
	alerts.Thresholds
	runbooks string
}

// All returns every dashboard, in the order of dashboards.List. runbooks is the
// address of the folder that holds the runbooks.
func All(t alerts.Thresholds, runbooks string) []grafana.Dashboard {
	s := set{t, runbooks}
	return []grafana.Dashboard{
		s.api(),
		s.business(),
		s.dependencies(),
		s.runtime(),
		s.telemetry(),
	}
}

// tag is on every dashboard and links them with each other.
const tag = "tutorflow"

// board makes a dashboard with what all of them share. span is the default time
// range, as in 6h. The variables come after those for the data source, the job
// and the instance.
func board(uid, title, description, span string, variables ...grafana.Variable) grafana.Dashboard {
	return grafana.Dashboard{
		UID: uid, Title: title, Description: description,
		Tags:          []string{tag},
		SchemaVersion: grafana.SchemaVersion,
		GraphTooltip:  grafana.SharedCrosshair,
		Timezone:      "browser",
		Refresh:       "1m",
		Time:          grafana.TimeRange{From: "now-" + span, To: "now"},
		Links:         []grafana.Link{grafana.TagLink("TutorFlow", tag)},
		Templating: grafana.Templating{List: append([]grafana.Variable{
			grafana.DatasourceVariable(),
			grafana.LabelVariable("job", "Job", catalog.ApplicationInfo),
			grafana.LabelVariable("instance", "Instance", catalog.ApplicationInfo+"{"+ofJob+"}"),
		}, variables...)},
		Annotations: grafana.Queries{List: []grafana.Annotation{
			deploys(), restarts(), firing(),
		}},
	}
}

// deploys marks the start of the first process of each version.
func deploys() grafana.Annotation {
	info := scoped(catalog.ApplicationInfo)
	return grafana.MarkAt("Deploys", "blue",
		"1000 * min by (job, version) ("+scoped(processStart).String()+" * on (job, instance) group_left (version) "+info.String()+")",
		"{{job}} {{version}} deployed")
}

// restarts marks the start of every process.
func restarts() grafana.Annotation {
	return grafana.MarkAt("Process starts", "purple", "1000 * "+perProcess(processStart), "{{instance}} started").Off()
}

// firing marks the time during which an alert fires.
func firing() grafana.Annotation {
	return grafana.Mark("Firing alerts", "red", `ALERTS{alertstate="firing",`+ofJob+`}`, "{{alertname}}")
}

// processStart is a metric of the Prometheus process collector.
const processStart = "process_start_time_seconds"
