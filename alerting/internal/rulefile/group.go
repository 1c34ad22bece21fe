package rulefile

import "github.com/tutorflow/observability/alerting/alerts"

// Links are the addresses that the annotations point to.
type Links struct {
	Runbooks string
	Grafana  string
}

// DefaultLinks returns the addresses of the committed rule file.
func DefaultLinks() Links {
	return Links{Runbooks: alerts.RunbookURL, Grafana: alerts.GrafanaURL}
}

// TutorFlow returns the group of all rules: the recorded series, and then the
// alerts on them. Prometheus gives no order between groups, and an alert in
// another group would see values that are one interval old.
func TutorFlow(t alerts.Thresholds, links Links) Group {
	g := Group{Name: "tutorflow", Interval: Duration(alerts.Interval)}
	for _, r := range alerts.Records(t) {
		rule := Rule{Record: r.Name, Expr: r.Expr}
		if r.SLO != "" {
			rule.Labels = &Labels{SLO: r.SLO}
		}
		g.Rules = append(g.Rules, rule)
	}
	for _, a := range alerts.All(t) {
		g.Rules = append(g.Rules, Rule{
			Alert:      a.Name,
			Expr:       a.Expr(),
			For:        Duration(a.For),
			KeepFiring: Duration(a.KeepFiring),
			Labels: &Labels{
				Severity: string(a.Severity), Component: a.Component,
				LongWindow: a.LongWindow, ShortWindow: a.ShortWindow,
			},
			Annotations: &Annotations{
				Summary:      a.Summary,
				Description:  a.Description,
				RunbookURL:   a.Runbook(links.Runbooks),
				DashboardURL: a.DashboardLink(links.Grafana),
			},
		})
	}
	return g
}
