package dashboards_test

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestStructureHygiene(t *testing.T) {
	verify(t, map[string]hygiene{
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
			"a literal uid":         func(b *board) { b.queried()[0].Datasource.UID = "P1809F7CD0C75ACF3" },
			"a target without":      func(b *board) { b.queried()[0].Targets[0].Datasource = datasource{} },
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
			"a refId twice":  func(b *board) { p := b.queried()[0]; p.Targets = append(p.Targets, p.Targets[0]) },
			"an empty refId": func(b *board) { b.queried()[0].Targets[0].RefID = "" },
		}},
		"nothing overlaps": {grid, map[string]func(*board){
			"two panels in a place": func(b *board) { b.Panels[2].GridPos = b.Panels[1].GridPos },
			"one column too far":    func(b *board) { b.Panels[1].GridPos.X = 24 },
			"no height":             func(b *board) { b.Panels[1].GridPos.H = 0 },
		}},
		"every panel explains itself": {described, map[string]func(*board){
			"no description":            func(b *board) { b.data()[0].Description = "" },
			"a heading for a sentence":  func(b *board) { b.data()[0].Description = "Requests by endpoint." },
			"an empty panel":            func(b *board) { b.queried()[0].FieldConfig.Defaults.NoValue = "" },
			"a floating scale":          asking("rate(", func(p *panel) { p.FieldConfig.Defaults.Min = nil }),
			"an overdraft cut off":      asking("budget_remaining", func(p *panel) { zero := 0.0; p.FieldConfig.Defaults.Min = &zero }),
			"a table without a word":    ofKind("table", func(p *panel) { p.Description = "" }),
			"a heatmap without a word":  ofKind("heatmap", func(p *panel) { p.Description = "" }),
			"alerts without a word":     ofKind("alertlist", func(p *panel) { p.Description = "" }),
			"a timeline without a word": ofKind("state-timeline", func(p *panel) { p.Description = "" }),
		}},
		"idle, blind and healthy differ": {emptyStates, map[string]func(*board){
			"no reason":             func(b *board) { b.queried()[0].FieldConfig.Defaults.NoValue = "No data" },
			"idle as blind":         asking(" > 0)", func(p *panel) { p.FieldConfig.Defaults.NoValue = "Not scraped" }),
			"a green blind service": asking("(up{", func(p *panel) { p.FieldConfig.Defaults.Thresholds.Steps[0].Color = "green" }),
			"a green blind number":  asking("increase(", func(p *panel) { p.FieldConfig.Defaults.Thresholds.Steps = nil }),
		}},
		"lines can be told apart": {legends, map[string]func(*board){
			"no legend":       func(b *board) { b.queried()[0].Targets[0].LegendFormat = "" },
			"a hidden legend": ofKind("timeseries", func(p *panel) { p.Options.Legend.ShowLegend = false }),
			"one legend for two queries": func(b *board) {
				for _, p := range b.queried() {
					for _, q := range p.Targets {
						q.LegendFormat = "{{job}}"
					}
				}
			},
		}},
		"columns have titles and units": {columns, map[string]func(*board){
			"a range query":          ofKind("table", func(p *panel) { p.Targets[0].Instant = false }),
			"series for a table":     ofKind("table", func(p *panel) { p.Targets[0].Format = "" }),
			"a column without title": ofKind("table", func(p *panel) { p.Transformations = nil }),
			"a column without unit":  ofKind("table", func(p *panel) { p.FieldConfig.Overrides = nil }),
		}},
		"links lead on": {linkProblems(t), map[string]func(*board){
			"a number without detail":    ofKind("stat", func(p *panel) { p.Links = nil }),
			"an unknown dashboard":       relink("/d/tutorflow-", "/d/tutor-"),
			"another site":               relink("/d/", "http://example.com/d/"),
			"a lost time range":          relink("${__url_time_range}", "from=now-1h"),
			"lost variables":             relink("&${__all_variables}", ""),
			"a lost job":                 relink("&${job:queryparam}", ""),
			"a variable of nobody":       relink("${job:queryparam}", "${pod:queryparam}"),
			"a variable nobody takes":    relink("var-endpoint=", "var-route="),
			"a label that is summed up":  relink(".service}", ".operation_id}"),
			"a field of a table in line": relink("__field.labels", "__data.fields"),
			"a panel that is not there":  relink("viewPanel=", "viewPanel=9"),
			"no title": ofKind("stat", func(p *panel) {
				if len(p.Links) > 0 {
					p.Links[0].Title = ""
				}
			}),
		}},
		"lists of alerts are about the dashboard": {alertLists, map[string]func(*board){
			"all jobs":                func(b *board) { b.raw = strings.Replace(b.raw, `{job=~\"${job:pipe}\",`, "{", 1) },
			"no filter":               func(b *board) { b.raw = strings.Replace(b.raw, `"alertInstanceLabelFilter"`, `"filter"`, 1) },
			"a component without any": func(b *board) { b.raw = strings.Replace(b.raw, `|api\"`, `|apis\"`, 1) },
		}},
	})
}

// relink plants a defect in every link of the panels that has old in it.
func relink(old, replacement string) func(*board) {
	change := func(links []link) {
		for i := range links {
			links[i].URL = strings.Replace(links[i].URL, old, replacement, 1)
		}
	}
	return func(b *board) {
		for _, p := range b.data() {
			change(p.Links)
			change(p.FieldConfig.Defaults.Links)
			for _, o := range p.FieldConfig.Overrides {
				for i, property := range o.Properties {
					if property.ID == "links" {
						o.Properties[i].Value = json.RawMessage(strings.Replace(string(property.Value), old, replacement, 1))
					}
				}
			}
		}
	}
}
