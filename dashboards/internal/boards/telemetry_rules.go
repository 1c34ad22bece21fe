package boards

import (
	"github.com/tutorflow/observability/dashboards/internal/grafana"
	"github.com/tutorflow/observability/dashboards/internal/promql"
)

const (
	// ofGroup matches the rules of this SDK, whatever file they are in.
	ofGroup = `rule_group=~".+;tutorflow"`
	noSelf  = "Prometheus does not scrape itself, or rules not loaded"
)

func (s set) ruleDuration() *grafana.Panel {
	return grafana.Timeseries("Rule evaluation time",
		"Time that one evaluation of the group tutorflow takes, and how often it is due. Near that line evaluations are left out and alerts come late: give Prometheus CPU, or look at the row Cardinality. Needs a Prometheus that scrapes itself.", "s",
		grafana.Query(promql.Max(promql.Select("prometheus_rule_group_last_duration_seconds", ofGroup).String(), "rule_group"), "took {{rule_group}}"),
		grafana.Query(promql.Max(promql.Select("prometheus_rule_group_interval_seconds", ofGroup).String(), "rule_group"), "due every {{rule_group}}")).
		NoValue(noSelf)
}

func (s set) ruleFailures() *grafana.Panel {
	failures := promql.Select("prometheus_rule_evaluation_failures_total", ofGroup)
	missed := promql.Select("prometheus_rule_group_iterations_missed_total", ofGroup)
	return grafana.Timeseries("Rule evaluation failures",
		"Rules of the group tutorflow that failed, and evaluations left out, a second. Healthy is 0: an alert that is not evaluated cannot fire. The page Rules of Prometheus shows the error. Needs a Prometheus that scrapes itself.", "cps",
		grafana.Query(promql.Sum(promql.Rate(failures), "rule_group"), "failed {{rule_group}}"),
		grafana.Query(promql.Sum(promql.Rate(missed), "rule_group"), "left out {{rule_group}}")).
		NoValue(noSelf).
		ShadeSeries("^failed ", grafana.Bad).ShadeSeries("^left out ", grafana.Fair)
}

func (s set) alertsFiring() *grafana.Panel {
	return grafana.Timeseries("Alerts firing",
		"Alerts of the chosen jobs that fire, by name and severity. Critical ones page somebody, warnings wait for working hours. Each has a runbook, linked from its panel in the row below or on the other dashboards.", "short",
		grafana.Query(`count by (alertname, severity) (ALERTS{alertstate="firing",`+ofJob+`})`, "{{severity}} {{alertname}}")).
		NoValue("No alert fires").
		ShadeSeries("^critical ", grafana.Bad).ShadeSeries("^warning ", grafana.Fair)
}
