package promql

import (
	"fmt"
	"strings"
)

// Selector is a metric with its label matchers.
type Selector struct {
	Metric   string
	Matchers []string
}

// Select makes a selector; a matcher reads label="value" and the like.
func Select(metric string, matchers ...string) Selector {
	return Selector{Metric: metric, Matchers: matchers}
}

// Where returns the selector with more matchers; the receiver is unchanged.
func (s Selector) Where(matchers ...string) Selector {
	all := make([]string, 0, len(s.Matchers)+len(matchers))
	return Selector{Metric: s.Metric, Matchers: append(append(all, s.Matchers...), matchers...)}
}

// String returns the selector as PromQL writes it.
func (s Selector) String() string {
	return s.Metric + "{" + strings.Join(s.Matchers, ",") + "}"
}

// Rate is the increase a second, over the range that Grafana picks for the
// resolution of the panel.
func Rate(s Selector) string { return fmt.Sprintf("rate(%s[$__rate_interval])", s) }

// RangeRate is the increase a second over all that the dashboard shows. It is for
// tables, which have one number for it.
func RangeRate(s Selector) string { return fmt.Sprintf("rate(%s[$__range])", s) }

// Increase is the increase over a fixed window such as 1h. It is for rare events,
// which a range of a minute mostly misses.
func Increase(s Selector, window string) string { return fmt.Sprintf("increase(%s[%s])", s, window) }

// Sum adds expr up and keeps the labels by; without any it gives one number.
func Sum(expr string, by ...string) string { return aggregate("sum", expr, by) }

// Max takes the largest of expr and keeps the labels by.
func Max(expr string, by ...string) string { return aggregate("max", expr, by) }

// Count is the number of the series of expr for each value of the labels by.
func Count(expr string, by ...string) string { return aggregate("count", expr, by) }

func aggregate(op, expr string, by []string) string {
	if len(by) == 0 {
		return fmt.Sprintf("%s(%s)", op, expr)
	}
	return fmt.Sprintf("%s by (%s) (%s)", op, strings.Join(by, ", "), expr)
}

// Share is part over whole, both summed by the labels: 0 while the part has no
// series, and absent while the whole is 0 or missing. A vector(0) in the place
// of 0 * whole would call a dead service healthy.
func Share(part, whole string, by ...string) string {
	p, w := Sum(part, by...), Sum(whole, by...)
	return fmt.Sprintf("(%s or 0 * %s) / (%s > 0)", p, w, w)
}

// Mean is total over number, both summed by the labels, and absent while there
// is nothing to average.
func Mean(total, number string, by ...string) string {
	return fmt.Sprintf("%s / (%s > 0)", Sum(total, by...), Sum(number, by...))
}

// Quantile estimates the q-quantile of a histogram over all its series with the
// same labels by. s selects the histogram without its _bucket suffix. Without
// traffic a quantile is NaN, which the comparison drops: a panel then says so
// instead of printing NaN.
func Quantile(q float64, s Selector, by ...string) string {
	return quantile(q, Rate(bucket(s)), by)
}

// RangeQuantile is Quantile over all that the dashboard shows.
func RangeQuantile(q float64, s Selector, by ...string) string {
	return quantile(q, RangeRate(bucket(s)), by)
}

func quantile(q float64, rate string, by []string) string {
	labels := append(append(make([]string, 0, len(by)+1), by...), "le")
	return fmt.Sprintf("histogram_quantile(%g, %s) >= 0", q, Sum(rate, labels...))
}

// Buckets is the observations a second in each bucket of a histogram, over all
// its series.
func Buckets(s Selector) string { return Sum(Rate(bucket(s)), "le") }

func bucket(s Selector) Selector {
	return Selector{Metric: s.Metric + "_bucket", Matchers: s.Matchers}
}
