package rules

import (
	"fmt"
	"strconv"
	"time"

	"github.com/tutorflow/observability/alerting"
	"github.com/tutorflow/observability/alerting/internal/rulefile"
)

// interval is the evaluation interval of all groups. It is pinned so that the
// rules cost and answer the same whatever the global interval is.
const interval = rulefile.Duration(time.Minute)

// window is the range of every rate, as PromQL writes it.
const window = rulefile.Duration(alerting.Window)

// Links are the addresses that the annotations point to, without a trailing
// slash.
type Links struct {
	Runbooks string
	Grafana  string
}

// DefaultLinks returns the addresses of the committed rule file.
func DefaultLinks() Links {
	return Links{Runbooks: alerting.RunbookURL, Grafana: alerting.GrafanaURL}
}

// Groups returns the contents of rules/tutorflow.yaml.
func Groups(links Links) []rulefile.Group {
	return []rulefile.Group{
		httpGroup(links),
		databaseGroup(links),
	}
}

func record(name, expr string) rulefile.Rule {
	return rulefile.Rule{Record: name, Expr: expr}
}

// alert writes a as a rule.
func alert(a alerting.Alert, links Links) rulefile.Rule {
	return rulefile.Rule{
		Alert: a.Name,
		Expr: fmt.Sprintf("%s > %s\nand\n%s >= %s\n",
			a.Signal, number(a.Threshold), a.Guard, number(a.Minimum)),
		For:    rulefile.Duration(a.For),
		Labels: &rulefile.Labels{Severity: string(a.Severity), Component: a.Component},
		Annotations: &rulefile.Annotations{
			Summary:      a.Summary,
			Description:  a.Description,
			RunbookURL:   a.Runbook(links.Runbooks),
			DashboardURL: a.DashboardLink(links.Grafana),
		},
	}
}

// count turns a rate over the window into a whole number of events. Rounding
// matters: extrapolation and floating point make five events 4.99.
func count(rate string) string {
	return fmt.Sprintf("round(%g * %s)", alerting.Window.Seconds(), rate)
}

func number(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }
