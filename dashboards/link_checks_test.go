package dashboards_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	addressPattern = regexp.MustCompile(`^/d/([a-z-]+)\?(.+)$`)
	passedPattern  = regexp.MustCompile(`^\$\{(\w+):queryparam\}$`)
	setPattern     = regexp.MustCompile(`^var-(\w+)=\$\{(__data\.fields|__field\.labels)\.(\w+)\}$`)
	viewPattern    = regexp.MustCompile(`^viewPanel=([0-9]+)$`)
	groupPattern   = regexp.MustCompile(`by \(([^)]*)\)`)
)

// linkProblems wants links to lead somewhere, and to take the time range and the
// chosen variables along.
func linkProblems(t *testing.T) check {
	boards := map[string]*board{}
	for _, b := range load(t) {
		boards[b.UID] = b
	}
	return func(b *board) []string {
		var found []string
		for _, p := range b.data() {
			if p.Type == "stat" && len(p.Links) == 0 {
				found = append(found, p.Title+": a number without a link to its detail")
			}
			for _, l := range p.allLinks() {
				for _, problem := range addressProblems(l, p, b, boards) {
					found = append(found, fmt.Sprintf("%s: link %s: %s", p.Title, l.Title, problem))
				}
			}
		}
		return found
	}
}

// allLinks returns those of the panel's menu, of its values and of its columns.
func (p *panel) allLinks() []link {
	all := append(slices.Clone(p.Links), p.FieldConfig.Defaults.Links...)
	for _, o := range p.FieldConfig.Overrides {
		for _, property := range o.Properties {
			var links []link
			if property.ID == "links" && json.Unmarshal(property.Value, &links) == nil {
				all = append(all, links...)
			}
		}
	}
	return all
}

func addressProblems(l link, from *panel, b *board, boards map[string]*board) []string {
	if strings.HasPrefix(l.URL, "https://") && strings.HasSuffix(l.URL, ".md") {
		return nil // a runbook
	}
	m := addressPattern.FindStringSubmatch(l.URL)
	if m == nil || l.Title == "" {
		return []string{"no title, or " + l.URL + " is neither a dashboard nor a runbook"}
	}
	to := boards[m[1]]
	if to == nil {
		return []string{"no dashboard has the uid " + m[1]}
	}
	var found, passed []string
	for _, parameter := range strings.Split(m[2], "&") {
		passing, set, view := passedPattern.FindStringSubmatch(parameter), setPattern.FindStringSubmatch(parameter), viewPattern.FindStringSubmatch(parameter)
		switch {
		case parameter == "${__url_time_range}":
			passed = append(passed, "time")
		case parameter == "${__all_variables}":
			passed = append(passed, "datasource", "job", "instance")
		case passing != nil && b.has(passing[1]) && to.has(passing[1]):
			passed = append(passed, passing[1])
		case set != nil && to.has(set[1]) && from.groups(set[3]) && (set[2] == "__data.fields") == (from.Type == "table"):
		case view != nil && slices.ContainsFunc(to.data(), func(p *panel) bool { return fmt.Sprint(p.ID) == view[1] && p != from }):
		default:
			found = append(found, "nothing takes "+parameter)
		}
	}
	for _, name := range []string{"time", "datasource", "job", "instance"} {
		if !slices.Contains(passed, name) {
			found = append(found, "loses "+name)
		}
	}
	return found
}

func (b *board) has(name string) bool {
	return slices.ContainsFunc(b.Templating.List, func(v *variable) bool { return v.Name == name })
}

// groups reports whether the series of every query of the panel keep the label.
func (p *panel) groups(label string) bool {
	for _, q := range p.Targets {
		m := groupPattern.FindStringSubmatch(q.Expr)
		if m == nil || !slices.Contains(strings.Split(m[1], ", "), label) {
			return false
		}
	}
	return len(p.Targets) > 0
}

// alertLists wants lists of alerts to follow the chosen jobs, and to name
// components that alerts have.
func alertLists(b *board) []string {
	var found []string
	filter := regexp.MustCompile(`"alertInstanceLabelFilter": "\{job=~\\"\$\{job:pipe\}\\",component=~\\"([a-z|]+)\\"\}"`)
	lists := len(b.data()) - len(b.queried())
	filters := filter.FindAllStringSubmatch(b.raw, -1)
	if len(filters) != lists {
		found = append(found, fmt.Sprintf("%d lists of alerts, %d of them by job and component", lists, len(filters)))
	}
	for _, m := range filters {
		for _, component := range strings.Split(m[1], "|") {
			if !slices.Contains(components(), component) {
				found = append(found, "no alert has the component "+component)
			}
		}
	}
	return found
}
