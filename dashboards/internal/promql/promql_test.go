package promql_test

import (
	"testing"

	"github.com/tutorflow/observability/dashboards/internal/promql"
)

func TestShapes(t *testing.T) {
	all := promql.Select("x_total", `job="a"`)
	bad := all.Where(`status="500"`)
	for name, tt := range map[string]struct{ got, want string }{
		"a selector is unchanged by Where": {all.String(), `x_total{job="a"}`},
		"matchers are appended":            {bad.String(), `x_total{job="a",status="500"}`},
		"a rate":                           {promql.Rate(all), `rate(x_total{job="a"}[$__rate_interval])`},
		"a rate of the whole range":        {promql.RangeRate(all), `rate(x_total{job="a"}[$__range])`},
		"an increase":                      {promql.Increase(all, "1h"), `increase(x_total{job="a"}[1h])`},
		"a sum of everything":              {promql.Sum("x"), "sum(x)"},
		"a sum by labels":                  {promql.Sum("x", "a", "b"), "sum by (a, b) (x)"},
		"a maximum by labels":              {promql.Max("x", "a"), "max by (a) (x)"},
		"a count by labels":                {promql.Count("x", "a"), "count by (a) (x)"},
		"a share is zero without its part": {promql.Share("p", "w", "a"), "(sum by (a) (p) or 0 * sum by (a) (w)) / (sum by (a) (w) > 0)"},
		"a mean is absent without events":  {promql.Mean("t", "n", "a"), "sum by (a) (t) / (sum by (a) (n) > 0)"},
		"a quantile sums over le": {promql.Quantile(0.95, promql.Select("d", `job="a"`), "job"),
			`histogram_quantile(0.95, sum by (job, le) (rate(d_bucket{job="a"}[$__rate_interval]))) >= 0`},
		"a quantile of the whole range": {promql.RangeQuantile(0.95, promql.Select("d"), "job"),
			`histogram_quantile(0.95, sum by (job, le) (rate(d_bucket{}[$__range]))) >= 0`},
		"the buckets of a histogram": {promql.Buckets(promql.Select("d", `job="a"`)), `sum by (le) (rate(d_bucket{job="a"}[$__rate_interval]))`},
		"a quantile of everything": {promql.Quantile(0.5, promql.Select("d"), []string{}...),
			`histogram_quantile(0.5, sum by (le) (rate(d_bucket{}[$__rate_interval]))) >= 0`},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: got %s, want %s", name, tt.got, tt.want)
		}
	}
}

func TestWhereDoesNotShareMatchers(t *testing.T) {
	base := promql.Selector{Metric: "x", Matchers: make([]string, 0, 4)}
	one, two := base.Where("a"), base.Where("b")
	if one.String() != "x{a}" || two.String() != "x{b}" {
		t.Errorf("got %s and %s, want x{a} and x{b}", one, two)
	}
}
