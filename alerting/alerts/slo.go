package alerts

import (
	"fmt"
	"time"
)

// The series about the objectives. Each exists twice, with the label slo being
// availability or latency.
const (
	// Objective is the share of good requests that is wanted, 0 to 1.
	Objective = "job_slo:tutorflow_slo_objective:ratio"
	// BadRatio30d is the share of bad requests over 30 days, or over what there
	// is of them. It weighs by requests: a quiet night counts little.
	BadRatio30d = "job_slo:tutorflow_slo_bad_requests:ratio30d"
	// BudgetRemaining is the share of the error budget of 30 days that is left:
	// 1 is all of it, below 0 the objective is missed.
	BudgetRemaining = "job_slo:tutorflow_slo_error_budget_remaining:ratio30d"
)

// BurnRate is the series that says how fast the error budget is spent over a
// window: at 1 it lasts 30 days exactly. The windows are 5m, 30m, 1h, 2h, 6h, 1d
// and 3d.
func BurnRate(window string) string { return "job_slo:tutorflow_slo_burn_rate:ratio" + window }

// BadRequests is the series with the number of bad requests in a window: 1h, 6h,
// 1d or 3d.
func BadRequests(window string) string { return "job_slo:tutorflow_slo_bad_requests:sum" + window }

// objective is one promise to the callers.
type objective struct {
	name       string
	target     float64
	bad, total string // recorded rates
}

// burn is a pair of windows over which a burn rate is too high. The pairs and
// rates are those of the Site Reliability Workbook, chapter 5: 2% of the budget in
// an hour, 5% in six, 10% in a day and in three days. The short window ends the
// alert soon after the cause.
type burn struct {
	long, short string
	rate        float64
	wait        time.Duration
	severity    Severity
}

func burns() []burn {
	return []burn{
		{"1h", "5m", 14.4, 2 * time.Minute, Critical},
		{"6h", "30m", 6, 15 * time.Minute, Critical},
		{"1d", "2h", 3, time.Hour, Warning},
		{"3d", "6h", 1, 3 * time.Hour, Warning},
	}
}

func slos(t Thresholds) subject {
	s := subject{}
	for _, o := range []objective{
		{"availability", t.AvailabilityObjective, FailedRequestRate, RequestRate},
		{"latency", t.LatencyObjective, SlowRequestRate, MeasuredRequestRate},
	} {
		s.records = append(s.records, o.records()...)
	}
	s.records = append(s.records, Record{Name: BudgetRemaining, Expr: "1 - " + BadRatio30d + " / (1 - " + Objective + ")"})
	for _, b := range burns() {
		s.alerts = append(s.alerts, b.alert(t))
	}
	return s
}

// records sums the rates of five minutes rather than taking a rate over days:
// they have no instance, so that a restart changes nothing, and thirty days cost
// one sample a minute.
func (o objective) records() []Record {
	record := func(name, expr string) Record { return Record{Name: name, Expr: expr, SLO: o.name} }
	ratio := func(window string) string {
		return fmt.Sprintf("sum_over_time(%s[%s])\n/\n(sum_over_time(%s[%s]) > 0)", o.bad, window, o.total, window)
	}
	budget := "(1 - " + number(o.target) + ")"
	all := []Record{record(Objective, "0 * "+o.total+" + "+number(o.target))}
	all = append(all, record(BurnRate("5m"), o.bad+" / ("+o.total+" > 0) / "+budget))
	for _, w := range []string{"30m", "1h", "2h", "6h", "1d", "3d"} {
		all = append(all, record(BurnRate(w), lines(ratio(w), "/", budget)))
	}
	for _, b := range burns() {
		all = append(all, record(BadRequests(b.long), fmt.Sprintf("round(%g * sum_over_time(%s[%s]))", Interval.Seconds(), o.bad, b.long)))
	}
	return append(all, record(BadRatio30d, lines(ratio("30d"))))
}

func (b burn) alert(t Thresholds) Alert {
	return Alert{
		Name: "TutorFlowErrorBudgetBurn", Severity: b.severity, Component: "api",
		For: b.wait, LongWindow: b.long, ShortWindow: b.short,
		Conditions: []Condition{
			{BurnRate(b.long), ">", b.rate, "burn rate over " + b.long, "none"},
			{BurnRate(b.short), ">", b.rate, "burn rate over " + b.short, "none"},
			{BadRequests(b.long), ">=", t.MinBudgetEvents, "bad requests in " + b.long, "short"},
		},
		Summary: fmt.Sprintf("{{ $labels.job }}: the {{ $labels.slo }} error budget burns {{ $value | humanize }} times too fast (threshold %g, %s/%s).", b.rate, b.long, b.short),
		Description: fmt.Sprintf("Over %s and over %s the {{ $labels.slo }} objective of {{ $labels.job }} loses its error budget of 30 days more than %g times as fast as it may, with at least %g bad requests. "+
			"The objectives are %s of requests without a 5xx and %s within %gs.", b.long, b.short, b.rate, t.MinBudgetEvents, percent(t.AvailabilityObjective), percent(t.LatencyObjective), t.Latency),
		DashboardUID: APIUID,
	}
}
