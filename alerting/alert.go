package alerting

import "time"

// Severity says what an alert asks of people.
type Severity string

// The severities. A critical alert pages somebody; a warning is looked at in
// working hours.
const (
	Critical Severity = "critical"
	Warning  Severity = "warning"
)

// Alert describes one alert. It fires when Signal has been above Threshold, and
// Guard at Minimum or more, for For. Both are recorded series, so that a
// dashboard plots the very numbers that the alert compares.
type Alert struct {
	Name      string
	Severity  Severity
	Component string
	For       time.Duration

	Signal    string
	Threshold float64
	Guard     string
	Minimum   float64

	// Labels are those of Signal. The alert carries them beside severity and
	// component.
	Labels []string
	// Summary and Description are Prometheus templates that may use $value, the
	// signal, and the Labels.
	Summary     string
	Description string
	// DashboardUID is the dashboard that shows the signal.
	DashboardUID string
}

// Alerts returns every alert, in the order in which the rule file lists them.
// The slice is the caller's.
func Alerts() []Alert {
	return []Alert{
		HighErrorRate(),
		HighLatency(),
		DatabaseConnectionPoolExhausted(),
	}
}
