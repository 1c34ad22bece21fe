package dashboards_test

import (
	"fmt"
	"slices"
	"strings"
)

// A check looks at a dashboard and returns what is wrong with it.
type check func(*board) []string

func identity(b *board) []string {
	var found []string
	want := func(ok bool, problem string) {
		if !ok {
			found = append(found, problem)
		}
	}
	want(strings.HasPrefix(b.UID, "tutorflow-") && len(b.UID) <= 40, "uid is not tutorflow-… of at most 40 bytes")
	want(strings.HasPrefix(b.Title, "TutorFlow / "), "title does not begin with TutorFlow /")
	want(slices.Contains(b.Tags, "tutorflow"), "no tag tutorflow")
	want(b.Editable != nil && !*b.Editable, "editable")
	want(b.SchemaVersion > 0, "no schema version")
	want(b.Timezone == "browser" && b.Refresh == "1m", "timezone is not the browser's or refresh is not 1m")
	want(len(b.Links) == 1 && b.Links[0].Type == "dashboards" && slices.Contains(b.Links[0].Tags, "tutorflow"), "no link to the other dashboards")
	want(len(b.Links) == 1 && b.Links[0].KeepTime && b.Links[0].IncludeVars, "the link loses time or variables")
	return found
}

func portable(b *board) []string {
	var found []string
	for _, mark := range []string{"__inputs", "__requires", "${DS_"} {
		if strings.Contains(b.raw, mark) {
			found = append(found, "holds "+mark+": the import would ask, and provisioning fail")
		}
	}
	want := datasource{Type: "prometheus", UID: "${datasource}"}
	report := func(where string, got datasource) {
		if got != want {
			found = append(found, fmt.Sprintf("%s reads data source %v", where, got))
		}
	}
	for _, p := range b.queried() {
		report(p.Title, p.Datasource)
		for _, q := range p.Targets {
			report(p.Title+" "+q.RefID, q.Datasource)
		}
	}
	for _, v := range b.Templating.List {
		if v.Type == "query" {
			report("variable "+v.Name, v.Datasource)
		}
	}
	for _, a := range b.Annotations.List {
		report("annotation "+a.Name, a.Datasource)
	}
	return found
}

func variables(b *board) []string {
	var found []string
	for i, name := range []string{"datasource", "job", "instance"} {
		if i >= len(b.Templating.List) || b.Templating.List[i].Name != name {
			found = append(found, fmt.Sprintf("variable %d is not %s", i+1, name))
		}
	}
	for _, v := range b.Templating.List {
		if v.Label == "" {
			found = append(found, "variable "+v.Name+" has no label")
		}
		if v.Name == "datasource" {
			if v.Type != "datasource" || string(v.Query) != `"prometheus"` {
				found = append(found, "variable datasource does not choose a Prometheus")
			}
			continue
		}
		if v.Type != "query" || !v.Multi || !v.IncludeAll || v.AllValue != ".+" || v.Refresh != 2 || v.Sort != 1 {
			found = append(found, "variable "+v.Name+" lacks multi, all as .+, refresh on time range or sorting")
		}
		if !strings.Contains(v.Definition, ", "+v.Name+")") || !strings.Contains(string(v.Query), "label_values(") {
			found = append(found, "variable "+v.Name+" does not list the values of its label")
		}
		if v.Name != "job" && !strings.Contains(v.Definition, `{job=~"$job"}`) {
			found = append(found, "variable "+v.Name+" is not limited to the chosen jobs")
		}
	}
	return found
}

func uniquePanels(b *board) []string {
	var found []string
	ids, titles := map[int]bool{}, map[string]bool{}
	for _, p := range b.Panels {
		if p.ID < 1 || ids[p.ID] {
			found = append(found, fmt.Sprintf("%s: id %d is not positive and unique", p.Title, p.ID))
		}
		if p.Title == "" || titles[p.Title] {
			found = append(found, fmt.Sprintf("%q: title is empty or used twice", p.Title))
		}
		ids[p.ID], titles[p.Title] = true, true
		refs := map[string]bool{}
		for _, q := range p.Targets {
			if q.RefID == "" || refs[q.RefID] {
				found = append(found, fmt.Sprintf("%s: refId %q is empty or used twice", p.Title, q.RefID))
			}
			refs[q.RefID] = true
		}
	}
	return found
}

func grid(b *board) []string {
	var found []string
	taken := map[[2]int]string{}
	for _, p := range b.Panels {
		g := p.GridPos
		if g.W < 1 || g.H < 1 || g.X < 0 || g.Y < 0 || g.X+g.W > 24 {
			found = append(found, fmt.Sprintf("%s: %+v is off the grid", p.Title, g))
			continue
		}
		for x := g.X; x < g.X+g.W; x++ {
			for y := g.Y; y < g.Y+g.H; y++ {
				if other := taken[[2]int{x, y}]; other != "" && other != p.Title {
					found = append(found, p.Title+" covers "+other)
				}
				taken[[2]int{x, y}] = p.Title
			}
		}
	}
	return found
}

func described(b *board) []string {
	var found []string
	for _, p := range b.data() {
		if len(p.Description) < 60 || !strings.HasSuffix(p.Description, ".") || strings.Contains(p.Description, "TODO") {
			found = append(found, p.Title+": the description does not say what it means and what to do")
		}
	}
	for _, p := range b.queried() {
		f := p.FieldConfig.Defaults
		if f.NoValue == "" {
			found = append(found, p.Title+": nothing to read while it is empty")
		}
		// An error budget can be overdrawn.
		below := len(p.Targets) > 0 && strings.Contains(p.Targets[0].Expr, "budget_remaining")
		if (f.Min == nil || *f.Min != 0) != below {
			found = append(found, p.Title+": the scale does not start at 0, or cannot show what is below")
		}
	}
	return found
}

// emptyStates wants an empty panel to say why: "No data" may be a service that is
// idle or one that is down. What is scraped is red when nothing is.
func emptyStates(b *board) []string {
	var found []string
	for _, p := range b.queried() {
		f := p.FieldConfig.Defaults
		if f.NoValue == "No data" {
			found = append(found, p.Title+": does not say why it is empty")
		}
		for _, q := range p.Targets {
			blind := p.Type == "stat" && (selects(q.Expr, "up") || f.NoValue == "Not scraped")
			if blind && (len(f.Thresholds.Steps) == 0 || f.Thresholds.Steps[0].Color != "red") {
				found = append(found, p.Title+": is not red when nothing is scraped")
			}
			idle := strings.Contains(q.Expr, " > 0)") || strings.Contains(q.Expr, "histogram_quantile(")
			if idle && f.NoValue == "Not scraped" {
				found = append(found, p.Title+": calls an idle service not scraped")
			}
		}
	}
	return found
}

// legends wants lines to be told apart.
func legends(b *board) []string {
	var found []string
	for _, p := range b.queried() {
		lines := p.Type == "timeseries" || p.Type == "state-timeline"
		if lines && !p.Options.Legend.ShowLegend {
			found = append(found, p.Title+": the legend is hidden")
		}
		texts := map[string]bool{}
		for _, q := range p.Targets {
			if p.Type == "table" {
				continue // its columns have titles
			}
			if q.LegendFormat == "" || texts[q.LegendFormat] {
				found = append(found, p.Title+" "+q.RefID+": no legend, or that of another query")
			}
			texts[q.LegendFormat] = true
		}
	}
	return found
}

// columns wants each query of a table to be a column with a title and a unit.
func columns(b *board) []string {
	var found []string
	for _, p := range b.queried() {
		if p.Type != "table" {
			continue
		}
		for _, q := range p.Targets {
			if q.Format != "table" || !q.Instant {
				found = append(found, p.Title+" "+q.RefID+": is not an instant query for a table")
			}
			if unit, ok := columnUnit(p, q.RefID); !ok || unit == "" {
				found = append(found, p.Title+" "+q.RefID+": the column has no title or no unit")
			}
		}
	}
	return found
}

// columnUnit returns the unit of the column that the query refID fills.
func columnUnit(p *panel, refID string) (string, bool) {
	for _, t := range p.Transformations {
		title := t.Options.RenameByName["Value #"+refID]
		for _, o := range p.FieldConfig.Overrides {
			for _, property := range o.Properties {
				if title != "" && o.Matcher.ID == "byName" && o.Matcher.Options == title && property.ID == "unit" {
					return strings.Trim(string(property.Value), `"`), true
				}
			}
		}
	}
	return "", false
}
