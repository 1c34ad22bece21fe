package boards

import (
	"github.com/tutorflow/observability/dashboards/internal/grafana"
	"github.com/tutorflow/observability/dashboards/internal/promql"
	"github.com/tutorflow/observability/telemetry/catalog"
)

// business shows what the service is for: bookings, payments, reviews and
// attendance, and the external services that they need.
func (s set) business() grafana.Dashboard {
	d := board("tutorflow-business", "TutorFlow / Business",
		"Bookings, payments, reviews and attendance, and the external services behind them. A product problem shows here even while the API looks healthy.", "24h",
		grafana.LabelVariable("service", "External service", catalog.ExternalServiceCalls+"{"+ofJob+"}"))
	d.Layout(
		grafana.Row{Title: "At a glance", Panels: []*grafana.Panel{
			lastHour("Bookings", "Status changes of bookings in the last hour. Compare with the same hour last week before you worry.", catalog.Bookings),
			s.paymentFailuresNow(),
			lastHour("Reviews", "Reviews written in the last hour.", catalog.Reviews),
			lastHour("Attendance marked", "Attendance marks given in the last hour. None on a school day means that tutors cannot reach the form.", catalog.Attendance),
		}},
		grafana.Row{Title: "Bookings and payments", Panels: []*grafana.Panel{
			s.bookings(), s.payments(), s.paymentFailures(),
		}},
		grafana.Row{Title: "Reviews and attendance", Panels: []*grafana.Panel{
			s.reviews(), s.attendance(),
		}},
		grafana.Row{Title: "External services", Panels: []*grafana.Panel{
			s.externalCalls(), s.externalErrors(), s.externalLatency(),
		}},
	)
	return d
}

// perMinute is the unit of business events: most come less than once a second.
const perMinute = "cpm"

func minuteRate(metric string, by ...string) string {
	return "60 * " + promql.Sum(promql.Rate(scoped(metric)), by...)
}

func lastHour(title, description, metric string) *grafana.Panel {
	return grafana.Stat(title+", last hour", description, "short",
		grafana.Query(promql.Sum(promql.Increase(scoped(metric), "1h"), "job"), "{{job}}")).
		Decimals(0)
}

func (s set) bookings() *grafana.Panel {
	return grafana.Timeseries("Bookings by status",
		"Bookings a minute that reached a status. Pending without approved means that tutors do not answer or are not notified.", perMinute,
		grafana.Query(minuteRate(catalog.Bookings, "status"), "{{status}}")).
		ColorSeries("pending", "yellow").ColorSeries("approved", "blue").ColorSeries("in_progress", "purple").
		ColorSeries("completed", grafana.Good).ColorSeries("cancelled", grafana.Fair).ColorSeries("rejected", grafana.Bad)
}

func (s set) payments() *grafana.Panel {
	return grafana.Timeseries("Payments by status",
		"Payments a minute that reached a status. When failed rises look at the payment provider below.", perMinute,
		grafana.Query(minuteRate(catalog.Payments, "status"), "{{status}}")).
		ColorSeries("pending", "yellow").ColorSeries("paid", grafana.Good).ColorSeries("failed", grafana.Bad).
		ColorSeries("refunded", grafana.Fair).ColorSeries("partially_refunded", "light-orange")
}

// paymentFailureShare is the share of failures among the decided payments:
// pending ones and refunds would dilute it.
func (s set) paymentFailureShare(window string) string {
	return promql.Share(
		promql.Increase(scoped(catalog.Payments, `status="failed"`), window),
		promql.Increase(scoped(catalog.Payments, `status=~"paid|failed"`), window), "job")
}

func (s set) paymentFailuresNow() *grafana.Panel {
	return grafana.Stat("Payment failures, last hour",
		"Share of the paid or failed payments of the last hour that failed. A few percent are declined cards; a jump is the provider or our integration.", "percentunit",
		grafana.Query(s.paymentFailureShare("1h"), "{{job}}")).
		Decimals(1).NoValue("No payments")
}

func (s set) paymentFailures() *grafana.Panel {
	return grafana.Timeseries("Payment failure ratio, 15 minutes",
		"Share of the paid or failed payments of the last 15 minutes that failed. Compare with the error ratio of the payment provider below.", "percentunit",
		grafana.Query(s.paymentFailureShare("15m"), "{{job}}")).
		NoValue("No payments")
}

func (s set) reviews() *grafana.Panel {
	return grafana.Timeseries("Reviews",
		"Reviews written a minute. A flat zero after a release points to the form.", perMinute,
		grafana.Query(minuteRate(catalog.Reviews, "job"), "{{job}}")).
		Width(12)
}

func (s set) attendance() *grafana.Panel {
	return grafana.Timeseries("Attendance by status",
		"Attendance marks a minute. Many no-shows at once may be missing reminders: look at the messaging service below.", perMinute,
		grafana.Query(minuteRate(catalog.Attendance, "status"), "{{status}}")).
		Width(12).
		ColorSeries("attended", grafana.Good).ColorSeries("no_show", grafana.Bad).ColorSeries("cancelled", grafana.Fair)
}

func (s set) externalCalls() *grafana.Panel {
	calls := promql.Rate(scoped(catalog.ExternalServiceCalls, ofService))
	return grafana.Timeseries("External calls by service and status",
		"Calls a second to external services, by how they ended. Canceled means that our caller went away; error and timeout are the service's.", "reqps",
		grafana.Query(promql.Sum(calls, "service", "status"), "{{service}} {{status}}")).
		Stacked().NoValue("No external services").
		ShadeSeries(" success$", grafana.Good).ShadeSeries(" error$", grafana.Bad).
		ShadeSeries(" timeout$", grafana.Fair).ShadeSeries(" canceled$", "blue")
}

func (s set) externalErrors() *grafana.Panel {
	calls := scoped(catalog.ExternalServiceCalls, ofService)
	bad := calls.Where(`status=~"error|timeout"`)
	decided := calls.Where(`status!="canceled"`)
	return grafana.Timeseries("External error ratio by service",
		"Share of the calls that failed or timed out; canceled calls say nothing about the service and are left out. Look at the status page of the service.", "percentunit",
		grafana.Query(promql.Share(promql.Rate(bad), promql.Rate(decided), "service"), "{{service}}")).
		NoValue("No external calls")
}

func (s set) externalLatency() *grafana.Panel {
	return grafana.Timeseries("External latency p95 by service",
		"95 of 100 calls are faster than this. It is part of our own latency; check that timeouts are set. A dot opens a trace.", "s",
		grafana.Query(promql.Quantile(0.95, scoped(catalog.ExternalServiceDuration, ofService), "service"), "{{service}}").WithExemplars()).
		NoValue("No external calls")
}
