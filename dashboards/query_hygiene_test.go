package dashboards_test

import (
	"slices"
	"strings"
	"testing"
)

func TestQueryHygiene(t *testing.T) {
	verify(t, map[string]hygiene{
		"units follow from the query": {units, map[string]func(*board){
			"no unit":         func(b *board) { b.queried()[0].FieldConfig.Defaults.Unit = "" },
			"an alert's unit": asking("slo_burn_rate", func(p *panel) { p.FieldConfig.Defaults.Unit = "percentunit" }),
			"bounds as rate":  ofKind("heatmap", func(p *panel) { p.FieldConfig.Defaults.Unit = "reqps" }),
			"seconds a column of shares": ofKind("table", func(p *panel) {
				p.Targets[0].Expr = p.Targets[1].Expr
			}),
			"ratio as number": asking(" / ", func(p *panel) { p.FieldConfig.Defaults.Unit = "short" }),
			"seconds as ms":   asking("histogram_quantile", func(p *panel) { p.FieldConfig.Defaults.Unit = "ms" }),
			"rate as number":  asking("rate(", func(p *panel) { p.FieldConfig.Defaults.Unit = "short" }),
		}},
		"queries follow the variables": {eachQuery(scopedToVariables), map[string]func(*board){
			"no job":              replace(`job=~"$job",`, ""),
			"no instance":         replace(`,instance=~"$instance"`, ""),
			"no service's job":    replace(`calls_failed:ratio5m{job=~"$job"}`, `calls_failed:ratio5m{}`),
			"no pool's instance":  replace(`connections:utilization{job=~"$job",instance=~"$instance"}`, `connections:utilization{job=~"$job"}`),
			"any name of any job": func(b *board) { b.queried()[0].Targets[0].Expr = `count({__name__=~"tutorflow_.+"})` },
			"up of everything":    replace(`(up{job=~"$job",instance=~"$instance"}`, "(up"),
			"no matchers":         replace(`{job=~"$job",instance=~"$instance"}`, ""),
			"exact job":           replace(`job=~"$job"`, `job="$job"`),
		}},
		"variables are defined": {definedVariables, map[string]func(*board){
			"a strange variable":       replace(`$instance`, `$pod`),
			"a variable without a use": replace(`,endpoint=~"$endpoint"`, ""),
		}},
		"rates use the rate interval": {windows, map[string]func(*board){
			"a fixed rate":         replace("$__rate_interval", "5m"),
			"the plain interval":   replace("$__rate_interval", "$__interval"),
			"the range over time":  asking("$__rate_interval", func(p *panel) { p.Targets[0].Expr = `rate(x_total{a="b"}[$__range])` }),
			"a window not in name": asking("rate(", func(p *panel) { p.Targets[0].Expr = `increase(x_total{a="b"}[1h])` }),
		}},
		"known traps are avoided": {eachQuery(queryTraps), map[string]func(*board){
			"vector(0)":            func(b *board) { b.queried()[0].Targets[0].Expr += " or vector(0)" },
			"a quantile sans le":   replace(", le)", ")"),
			"a quantile of NaN":    replace(") >= 0", ")"),
			"an unguarded divisor": replace(" > 0)", ")"),
			"an increase of a sum": func(b *board) { b.queried()[0].Targets[0].Expr = "increase(sum(x)[1h:])" },
			"a rate of a sum":      func(b *board) { b.queried()[0].Targets[0].Expr = "rate(sum(x)[5m:])" },
		}},
		"probes do not dilute errors and latency": {eachQuery(answers), map[string]func(*board){
			"probes counted": replace(`,endpoint!~"/health(/.*)?|/metrics"`, ""),
		}},
		"latency leads to traces": {exemplars, map[string]func(*board){
			"no exemplars": func(b *board) {
				for _, p := range b.queried() {
					for _, q := range p.Targets {
						q.Exemplar = false
					}
				}
			},
			"a blind heatmap":   ofKind("heatmap", func(p *panel) { p.Targets[0].Exemplar = false }),
			"topk over a range": ofKind("timeseries", func(p *panel) { p.Targets[0].Expr = "topk(5, x)" }),
			"no kind of query":  func(b *board) { b.queried()[0].Targets[0].Range, b.queried()[0].Targets[0].Instant = false, false },
		}},
		"metrics, labels and values are in the catalogue": {eachQuery(inCatalog), map[string]func(*board){
			"a misspelt metric":     replace("tutorflow_", "tutorflows_"),
			"another histogram":     replace("_duration_seconds_bucket", "_latency_seconds_bucket"),
			"a misspelt label":      replace("endpoint=~", "route=~"),
			"a strange value":       replace(`status="failed"`, `status="declined"`),
			"one strange of values": replace(`"paid|failed"`, `"succeeded|failed"`),
			"a counter as is":       replace("rate(", "abs("),
			"one counter of two": asking("sum by (job) (rate(tutorflow_", func(p *panel) {
				q := p.Targets[0]
				q.Expr += " + " + selectorPattern.FindString(q.Expr)
			}),
			"a rate of a record":    replace("job:tutorflow_http_requests_slow:rate5m{", "rate(job:tutorflow_http_requests_slow:rate5m{"),
			"a metric of Python":    func(b *board) { b.queried()[0].Targets[0].Expr = `python_gc_objects{job=~"$job"}` },
			"another process gauge": func(b *board) { b.queried()[0].Targets[0].Expr = `rate(process_open_fds{job=~"$job"}[5m])` },
			"a rate of a gauge":     replace("sum by (job) (tutorflow_http_requests_active{", "sum by (job) (rate(tutorflow_http_requests_active{"),
		}},
		"recorded series are in the rules": {eachQuery(recordedByRules(ruleFile(t))), map[string]func(*board){
			"a series nobody records": replace("ratio5m{", "ratio10m{"),
		}},
		"every status has its colour": {fixedColors, map[string]func(*board){
			"a status without": func(b *board) {
				for _, p := range b.queried() {
					p.FieldConfig.Overrides = nil
				}
			},
			"no shade of a service's errors": func(b *board) {
				for _, p := range b.queried() {
					p.FieldConfig.Overrides = slices.DeleteFunc(p.FieldConfig.Overrides, func(o *override) bool { return strings.Contains(o.Matcher.Options, " error$") })
				}
			},
			"no 5xx": func(b *board) {
				for _, p := range b.queried() {
					p.FieldConfig.Overrides = slices.DeleteFunc(p.FieldConfig.Overrides, func(o *override) bool { return o.Matcher.Options == "5xx" })
				}
			},
			"a colour of no status": func(b *board) {
				for _, p := range b.queried() {
					for _, o := range p.FieldConfig.Overrides {
						if o.Matcher.Options == "paid" {
							o.Matcher.Options = "succeeded"
							p.FieldConfig.Overrides = append(p.FieldConfig.Overrides, &override{Matcher: struct{ ID, Options string }{"byName", "paid"}, Properties: o.Properties})
						}
					}
				}
			},
		}},
	})
}
