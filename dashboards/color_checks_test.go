package dashboards_test

import (
	"regexp"
	"slices"
	"strings"
)

// fixedColors wants the series of each status to have a colour of their own: one
// of the palette would mean something else on the next panel.
func fixedColors(b *board) []string {
	var found []string
	for _, p := range b.queried() {
		for _, q := range p.Targets {
			for label, values := range closed(q) {
				for _, v := range values {
					name := strings.ReplaceAll(q.LegendFormat, "{{"+label+"}}", v)
					if !slices.ContainsFunc(p.FieldConfig.Overrides, func(o *override) bool { return colors(o, name) }) {
						found = append(found, p.Title+": no colour for "+label+" "+v)
					}
				}
			}
		}
		found = append(found, strangeColors(p)...)
	}
	return found
}

// closed returns the labels in the legend of q that say how something ended, with
// the values that the query can return.
func closed(q *target) map[string][]string {
	found := map[string][]string{}
	if strings.Contains(q.LegendFormat, "{{class}}") {
		found["class"] = []string{"1xx", "2xx", "3xx", "4xx", "5xx"}
	}
	for _, m := range selectorPattern.FindAllStringSubmatch(q.Expr, -1) {
		def, _ := definition(m[1])
		for _, l := range def.Labels {
			if l.Name != "status" && l.Name != "result" || !strings.Contains(q.LegendFormat, "{{"+l.Name+"}}") {
				continue
			}
			for _, v := range l.Values {
				if !strings.Contains(m[2], l.Name+`!="`+v+`"`) {
					found[l.Name] = append(found[l.Name], v)
				}
			}
		}
	}
	return found
}

// colors reports whether o sets the colour of the series called name.
func colors(o *override, name string) bool {
	if !slices.ContainsFunc(o.Properties, func(p property) bool { return p.ID == "color" }) {
		return false
	}
	switch o.Matcher.ID {
	case "byName":
		return o.Matcher.Options == name
	case "byRegexp":
		pattern, err := regexp.Compile(strings.Trim(o.Matcher.Options, "/"))
		return err == nil && pattern.MatchString(name)
	}
	return false
}

// strangeColors finds colours by name of what the first query never returns.
func strangeColors(p *panel) []string {
	var found []string
	for _, o := range p.FieldConfig.Overrides {
		color := slices.ContainsFunc(o.Properties, func(p property) bool { return p.ID == "color" })
		if !color || o.Matcher.ID != "byName" || len(p.Targets) == 0 {
			continue
		}
		known := closed(p.Targets[0])
		for label, values := range known {
			if p.Targets[0].LegendFormat == "{{"+label+"}}" && !slices.Contains(values, o.Matcher.Options) {
				found = append(found, p.Title+": a colour for "+o.Matcher.Options+", which does not exist")
			}
		}
	}
	return found
}
