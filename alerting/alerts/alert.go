package alerts

import (
	"slices"
	"strings"
	"time"
)

// Severity says what an alert asks of people.
type Severity string

// The severities. A critical alert pages somebody; a warning is looked at in
// working hours; none asks nothing of anybody.
const (
	Critical Severity = "critical"
	Warning  Severity = "warning"
	None     Severity = "none"
)

// Record is a series that Prometheus computes once a minute. Name is
// level:metric:operation after https://prometheus.io/docs/practices/rules/; the
// level lists the labels that the series has.
type Record struct {
	Name string
	Expr string
	// SLO is the value of the label slo, for a series that both objectives have.
	SLO string
}

// Condition compares a recorded series with a number. Op is >, >= or <.
type Condition struct {
	Series string
	Op     string
	Value  float64
	// What names the series in a panel's title or legend; Unit is Grafana's id
	// of its unit.
	What string
	Unit string
}

// Alert fires when all its conditions have held for For, and goes on for
// KeepFiring after they stopped, so that one that comes and goes is one incident.
// The first condition is the signal, whose value the texts show as $value; the
// others keep it from firing on too little. An alert without conditions always
// fires.
type Alert struct {
	Name       string
	Severity   Severity
	Component  string
	For        time.Duration
	KeepFiring time.Duration
	Conditions []Condition

	// LongWindow and ShortWindow are labels of the alerts on an error budget,
	// which share a name.
	LongWindow, ShortWindow string

	// Summary and Description are Prometheus templates that may use $value and
	// the labels of the signal.
	Summary     string
	Description string
	// DashboardUID is the dashboard that plots the conditions.
	DashboardUID string
}

// Title is the name, with the windows where several alerts share it.
func (a Alert) Title() string {
	if a.LongWindow == "" {
		return a.Name
	}
	return a.Name + " " + a.LongWindow + "/" + a.ShortWindow
}

// Expr is the PromQL that has a value while the alert's conditions hold.
func (a Alert) Expr() string {
	if len(a.Conditions) == 0 {
		return "vector(1)"
	}
	var lines []string
	for _, c := range a.Conditions {
		lines = append(lines, c.Series+" "+c.Op+" "+number(c.Value))
	}
	if len(lines) == 1 {
		return lines[0]
	}
	return strings.Join(lines, "\nand\n") + "\n"
}

// Labels returns the labels that the alert has from its signal, beside severity
// and component.
func (a Alert) Labels() []string {
	if len(a.Conditions) == 0 {
		return nil
	}
	return LevelOf(a.Conditions[0].Series)
}

// LevelOf returns the labels of a recorded series, which its name lists.
func LevelOf(series string) []string {
	level, _, _ := strings.Cut(series, ":")
	return strings.Split(level, "_")
}

// subject is what one file of this package contributes.
type subject struct {
	records []Record
	alerts  []Alert
}

// subjects returns them in the order of the rule file: a series is recorded
// before it is read.
func subjects(t Thresholds) []subject {
	return []subject{
		instances(t), requests(t), slos(t), database(t), dependencies(t), business(t), pipeline(t), process(t), watchdog(),
	}
}

// All returns every alert, in the order of the rule file. The slice is the
// caller's.
func All(t Thresholds) (all []Alert) {
	for _, s := range subjects(t) {
		all = append(all, s.alerts...)
	}
	return all
}

// Records returns every recorded series, each after those that it reads. The
// slice is the caller's.
func Records(t Thresholds) (all []Record) {
	for _, s := range subjects(t) {
		all = append(all, s.records...)
	}
	return all
}

// On returns the alerts whose conditions the dashboard plots.
func On(dashboardUID string, t Thresholds) []Alert {
	return slices.DeleteFunc(All(t), func(a Alert) bool { return a.DashboardUID != dashboardUID || len(a.Conditions) == 0 })
}
