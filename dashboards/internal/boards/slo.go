package boards

import (
	"fmt"
	"slices"

	"github.com/tutorflow/observability/alerting/alerts"
	"github.com/tutorflow/observability/dashboards/internal/grafana"
	"github.com/tutorflow/observability/dashboards/internal/promql"
)

const (
	noRules = "No traffic, or rules not loaded"
	// lowBudget is the share of an error budget below which it is time to slow
	// down.
	lowBudget = 0.25
)

// recorded selects a recorded series of the chosen jobs.
func recorded(series string, matchers ...string) promql.Selector {
	return promql.Select(series, ofJob).Where(matchers...)
}

func (s set) availabilityNow() *grafana.Panel {
	return grafana.Stat("Availability, 30 days",
		fmt.Sprintf("Share of the requests of 30 days that were not answered with a 5xx, or of what there is of them. Red is below the objective of %.6g%%: reliability goes before features.", 100*s.AvailabilityObjective), "percentunit",
		grafana.Query("1 - "+recorded(alerts.BadRatio30d, `slo="availability"`).String(), "{{job}}")).
		Width(4).Floor(s.AvailabilityObjective).Decimals(3).NoValue(noRules)
}

func (s set) budgetNow() *grafana.Panel {
	return grafana.Stat("Error budget left",
		"What is left of the bad requests that the objectives allow in 30 days; before there are 30 days, of those that there are. Below a quarter release with care, below 0 the objective is missed.", "percentunit",
		grafana.Query(recorded(alerts.BudgetRemaining).String(), "{{job}} {{slo}}")).
		Width(4).Floors(0, lowBudget).Decimals(1).BelowZero().NoValue(noRules)
}

func (s set) budgetRemaining() *grafana.Panel {
	return grafana.Timeseries("Error budget over time",
		"What is left of the error budget of 30 days by objective. A step down is an incident, a slope a lasting defect; look for both in the rows Errors and Duration. At the line the objective is missed.", "percentunit",
		grafana.Query(recorded(alerts.BudgetRemaining).String(), "{{job}} {{slo}}")).
		BelowZero().UpTo(1).Floor(0).NoValue(noRules)
}

// burnRates are the rates at which an alert on the error budget pages, lowest
// first.
func (s set) burnRates() []float64 {
	var rates []float64
	for _, a := range alerts.On(apiUID, s.Thresholds) {
		if a.LongWindow != "" && a.Severity == alerts.Critical {
			rates = append(rates, a.Conditions[0].Value)
		}
	}
	slices.Sort(rates)
	return rates
}

func (s set) burnRate() *grafana.Panel {
	const lasting = 1.0 // the budget lasts as long as its period
	var targets []grafana.Target
	for _, window := range []string{"5m", "1h", "6h"} {
		targets = append(targets, grafana.Query(recorded(alerts.BurnRate(window)).String(), "{{job}} {{slo}} "+window))
	}
	return grafana.Timeseries("Burn rate by window",
		"How fast the error budget is spent; at 1 it lasts 30 days exactly. At the upper lines TutorFlowErrorBudgetBurn pages. The short window shows whether it still goes on, the long ones how much is gone.", "none",
		targets...).
		Limits(append([]float64{lasting}, s.burnRates()...)...).NoValue(noRules)
}

func (s set) withinLatency() *grafana.Panel {
	measured := recorded(alerts.MeasuredRequestRate).String()
	return grafana.Timeseries(fmt.Sprintf("Requests served within %gs", s.Latency),
		fmt.Sprintf("Share of the requests that took no longer than %gs, counted and not estimated. Below the line, the objective of %.6g%%, the error budget of latency is spent: see Latency p95 by endpoint.", s.Latency, 100*s.LatencyObjective), "percentunit",
		grafana.Query("1 - "+recorded(alerts.SlowRequestRate).String()+" / ("+measured+" > 0)", "{{job}}")).
		UpTo(1).Floor(s.LatencyObjective).NoValue(noRules)
}
