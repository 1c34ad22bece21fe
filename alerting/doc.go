// Package alerting holds the Prometheus side of the SDK: the recording and
// alerting rules, their promtool tests, and configurations of Prometheus and
// Alertmanager to start from. Everything is embedded, so that a deployment tool
// can write it out:
//
//	err := os.CopyFS("/etc/prometheus/tutorflow", alerting.FS())
//
// # Files
//
//   - rules/tutorflow.yaml is generated from package alerts. Load it with
//     rule_files; it needs Prometheus 2.42 or later.
//   - tests/*.yaml are written by hand, so that a mistake in the generator
//     cannot write both a rule and what is expected of it. Run them with
//     "promtool test rules tests/*.yaml" in this folder.
//   - prometheus.yml scrapes a service on 127.0.0.1:8000 and loads the rules.
//   - alertmanager.yml routes the alerts by their severity and keeps those quiet
//     that a better one makes superfluous. It delivers nothing until its
//     receivers have integrations.
//
// # Use by any team
//
// No rule names a job: every one groups by job, so a Prometheus that scrapes ten
// services alerts on each of them alone. Prometheus Operator users have to set
// honorLabels on their monitors, because the operator adds the labels endpoint
// and service to every target and would rename those of the metrics.
//
// The rules read classic histograms. Where Prometheus converts those to native
// ones, keep both with always_scrape_classic_histograms.
//
// # Changing a value
//
// The objectives and thresholds are those of alerts.Defaults. Each is a flag of
// both generators, so that the dashboards draw their lines where the alerts are.
// -runbooks is the folder that both link to, -grafana where the rules find the
// dashboards:
//
//	go run github.com/tutorflow/observability/alerting/generate \
//		-latency-objective 0.95 -grafana https://grafana.corp.example -out tutorflow.yaml
//	go run github.com/tutorflow/observability/dashboards/generate \
//		-latency-objective 0.95 -out dashboards
package alerting
