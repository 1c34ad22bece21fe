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
	for _, p := range b.data() {
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
		if len(p.Description) < 25 || !strings.HasSuffix(p.Description, ".") {
			found = append(found, p.Title+": the description is not a sentence")
		}
		if p.FieldConfig.Defaults.NoValue == "" {
			found = append(found, p.Title+": nothing to read while it is empty")
		}
		if p.FieldConfig.Defaults.Min == nil || *p.FieldConfig.Defaults.Min != 0 {
			found = append(found, p.Title+": the scale does not start at 0")
		}
		for _, q := range p.Targets {
			if q.LegendFormat == "" {
				found = append(found, p.Title+" "+q.RefID+": no legend")
			}
		}
	}
	return found
}
