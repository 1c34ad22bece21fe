package dashboards_test

import (
	"strings"
	"testing"
)

// Every check passes on every dashboard, and finds each defect that plant puts
// into the first one that can have it: a check that finds nothing proves nothing.
func TestDashboardHygiene(t *testing.T) {
	tests := map[string]struct {
		check check
		plant map[string]func(*board)
	}{
		"identity": {identity, map[string]func(*board){
			"another uid":         func(b *board) { b.UID = "api" },
			"another title":       func(b *board) { b.Title = "API" },
			"no tag":              func(b *board) { b.Tags = nil },
			"editable":            func(b *board) { b.Editable = nil },
			"no schema":           func(b *board) { b.SchemaVersion = 0 },
			"a fast refresh":      func(b *board) { b.Refresh = "10s" },
			"no links":            func(b *board) { b.Links = nil },
			"a link without time": func(b *board) { b.Links[0].KeepTime = false },
		}},
		"no data source is built in": {portable, map[string]func(*board){
			"inputs":                func(b *board) { b.raw = `{"__inputs":[]` + b.raw },
			"an input variable":     func(b *board) { b.raw += "${DS_PROMETHEUS}" },
			"a literal uid":         func(b *board) { b.data()[0].Datasource.UID = "P1809F7CD0C75ACF3" },
			"a target without":      func(b *board) { b.data()[0].Targets[0].Datasource = datasource{} },
			"a variable without":    func(b *board) { b.Templating.List[1].Datasource = datasource{} },
			"an annotation without": func(b *board) { b.Annotations.List[0].Datasource = datasource{} },
		}},
		"variables": {variables, map[string]func(*board){
			"no instance": func(b *board) { b.Templating.List = b.Templating.List[:2] },
			"another order": func(b *board) {
				b.Templating.List[0], b.Templating.List[1] = b.Templating.List[1], b.Templating.List[0]
			},
			"all as nothing":       func(b *board) { b.Templating.List[1].AllValue = "" },
			"no refresh":           func(b *board) { b.Templating.List[1].Refresh = 1 },
			"another label":        func(b *board) { b.Templating.List[2].Definition = `label_values(up{job=~"$job"}, pod)` },
			"instances of all":     func(b *board) { b.Templating.List[2].Definition = "label_values(up, instance)" },
			"no label to be read":  func(b *board) { b.Templating.List[1].Label = "" },
			"any data source type": func(b *board) { b.Templating.List[0].Query = []byte(`"loki"`) },
		}},
		"panels are unique": {uniquePanels, map[string]func(*board){
			"an id twice":    func(b *board) { b.Panels[2].ID = b.Panels[1].ID },
			"no id":          func(b *board) { b.Panels[2].ID = 0 },
			"a title twice":  func(b *board) { b.Panels[2].Title = b.Panels[1].Title },
			"no title":       func(b *board) { b.Panels[2].Title = "" },
			"a refId twice":  func(b *board) { p := b.data()[0]; p.Targets = append(p.Targets, p.Targets[0]) },
			"an empty refId": func(b *board) { b.data()[0].Targets[0].RefID = "" },
		}},
		"nothing overlaps": {grid, map[string]func(*board){
			"two panels in a place": func(b *board) { b.Panels[2].GridPos = b.Panels[1].GridPos },
			"one column too far":    func(b *board) { b.Panels[1].GridPos.X = 24 },
			"no height":             func(b *board) { b.Panels[1].GridPos.H = 0 },
		}},
		"every panel explains itself": {described, map[string]func(*board){
			"no description":   func(b *board) { b.data()[0].Description = "" },
			"an empty panel":   func(b *board) { b.data()[0].FieldConfig.Defaults.NoValue = "" },
			"a floating scale": func(b *board) { b.data()[0].FieldConfig.Defaults.Min = nil },
			"no legend":        func(b *board) { b.data()[0].Targets[0].LegendFormat = "" },
		}},
		"units follow from the query": {units, map[string]func(*board){
			"no unit":         func(b *board) { b.data()[0].FieldConfig.Defaults.Unit = "" },
			"ratio as number": func(b *board) { panelWith(b, " / ").FieldConfig.Defaults.Unit = "short" },
			"seconds as ms":   func(b *board) { panelWith(b, "histogram_quantile").FieldConfig.Defaults.Unit = "ms" },
			"rate as number":  func(b *board) { panelWith(b, "rate(").FieldConfig.Defaults.Unit = "short" },
		}},
		"queries follow the variables": {eachQuery(scopedToVariables), map[string]func(*board){
			"no job":      replace(`job=~"$job",`, ""),
			"no instance": replace(`,instance=~"$instance"`, ""),
			"no matchers": replace(`{job=~"$job",instance=~"$instance"}`, ""),
			"exact job":   replace(`job=~"$job"`, `job="$job"`),
		}},
		"variables are defined": {definedVariables, map[string]func(*board){
			"a strange variable": replace(`$instance`, `$pod`),
		}},
		"rates use the rate interval": {windows, map[string]func(*board){
			"a fixed rate":         replace("$__rate_interval", "5m"),
			"the plain interval":   replace("$__rate_interval", "$__interval"),
			"a window not in name": func(b *board) { p := panelWith(b, "rate("); p.Targets[0].Expr = `increase(x_total{a="b"}[1h])` },
		}},
		"known traps are avoided": {eachQuery(queryTraps), map[string]func(*board){
			"vector(0)":            func(b *board) { b.data()[0].Targets[0].Expr += " or vector(0)" },
			"a quantile sans le":   replace(", le)", ")"),
			"a quantile of NaN":    replace(") >= 0", ")"),
			"an unguarded divisor": replace(" > 0)", ")"),
			"a rate of a sum":      func(b *board) { b.data()[0].Targets[0].Expr = "rate(sum(x)[5m:])" },
		}},
		"probes do not dilute errors and latency": {eachQuery(answers), map[string]func(*board){
			"probes counted": replace(`,endpoint!~"/health(/.*)?|/metrics"`, ""),
		}},
		"latency leads to traces": {exemplars, map[string]func(*board){
			"no exemplars": func(b *board) {
				for _, p := range b.data() {
					for _, q := range p.Targets {
						q.Exemplar = false
					}
				}
			},
			"no kind of query": func(b *board) { b.data()[0].Targets[0].Range, b.data()[0].Targets[0].Instant = false, false },
		}},
		"metrics, labels and values are in the catalogue": {eachQuery(inCatalog), map[string]func(*board){
			"a misspelt metric":     replace("tutorflow_", "tutorflows_"),
			"another histogram":     replace("_duration_seconds_bucket", "_latency_seconds_bucket"),
			"a misspelt label":      replace("endpoint=~", "route=~"),
			"a strange value":       replace(`status="failed"`, `status="declined"`),
			"one strange of values": replace(`"paid|failed"`, `"succeeded|failed"`),
			"a counter as is":       replace("rate(", "abs("),
			"a rate of a gauge":     replace("sum by (job) (tutorflow_http_requests_active{", "sum by (job) (rate(tutorflow_http_requests_active{"),
		}},
		"recorded series are in the rules": {eachQuery(recordedByRules(ruleFile(t))), map[string]func(*board){
			"a series nobody records": replace("ratio5m{", "ratio10m{"),
		}},
		"every status has its colour": {coloredStatuses, map[string]func(*board){
			"a status without": func(b *board) {
				for _, p := range b.data() {
					p.FieldConfig.Overrides = nil
				}
			},
			"a colour of no status": func(b *board) {
				for _, p := range b.data() {
					for i := range p.FieldConfig.Overrides {
						p.FieldConfig.Overrides[i].Matcher.Options += "s"
					}
				}
			},
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for _, b := range load(t) {
				for _, problem := range tt.check(b) {
					t.Errorf("%s: %s", b.UID, problem)
				}
			}
			for defect, plant := range tt.plant {
				found := 0
				for _, b := range load(t) {
					plant(b)
					found += len(tt.check(b))
				}
				if found == 0 {
					t.Errorf("planted %s and the check did not find it", defect)
				}
			}
		})
	}
}

// replace plants a defect in every query that has old in it.
func replace(old, replacement string) func(*board) {
	return func(b *board) {
		for _, p := range b.data() {
			for _, q := range p.Targets {
				q.Expr = strings.Replace(q.Expr, old, replacement, 1)
			}
		}
	}
}

// panelWith returns the first panel with text in its first query, or the first
// of all.
func panelWith(b *board, text string) *panel {
	for _, p := range b.data() {
		if strings.Contains(p.Targets[0].Expr, text) {
			return p
		}
	}
	return b.data()[0]
}
