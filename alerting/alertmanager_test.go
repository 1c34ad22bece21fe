package alerting_test

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/tutorflow/observability/alerting"
	"github.com/tutorflow/observability/alerting/alerts"
)

// routing is the part of alertmanager.yml that amtool has no opinion on.
type routing struct {
	Route        route
	InhibitRules []struct {
		Source []string `yaml:"source_matchers"`
		Target []string `yaml:"target_matchers"`
		Equal  []string
	} `yaml:"inhibit_rules"`
	Receivers []map[string]any
}

type route struct {
	Receiver string
	GroupBy  []string `yaml:"group_by"`
	Routes   []route
}

// origin are the labels that tell where an alert comes from. Alerts that differ
// in one of them have nothing to do with each other.
var origin = []string{"cluster", "environment", "job"}

// routingProblems returns what would let the trouble of one job hide that of
// another, and what belongs to a deployment alone.
func routingProblems(text string) (found []string) {
	var r routing
	if err := yaml.Unmarshal([]byte(text), &r); err != nil {
		return []string{err.Error()}
	}
	for _, label := range origin {
		for _, rule := range r.InhibitRules {
			if !slices.Contains(rule.Equal, label) {
				found = append(found, fmt.Sprintf("%v inhibits %v whatever the %s", rule.Source, rule.Target, label))
			}
		}
		for _, route := range append(r.Route.Routes, r.Route) {
			if len(route.GroupBy) > 0 && !slices.Contains(route.GroupBy, label) {
				found = append(found, fmt.Sprintf("the route to %s mixes alerts whatever the %s", route.Receiver, label))
			}
		}
	}
	for _, receiver := range r.Receivers {
		if len(receiver) != 1 {
			found = append(found, fmt.Sprintf("receiver %v has an integration", receiver["name"]))
		}
	}
	if len(r.InhibitRules) == 0 || len(r.Route.Routes) == 0 || len(r.Receivers) == 0 {
		found = append(found, "no routes, no inhibitions or no receivers")
	}
	return found
}

func TestTheTroubleOfAJobHidesNoOther(t *testing.T) {
	text, err := fs.ReadFile(alerting.FS(), "alertmanager.yml")
	if err != nil {
		t.Fatal(err)
	}
	good := string(text)
	for _, problem := range routingProblems(good) {
		t.Error(problem)
	}
	for name, plant := range map[string][2]string{
		"an inhibition without equal":      {"    equal: [cluster, environment, job, slo]\n", ""},
		"an inhibition across jobs":        {"environment, job, instance]", "environment, instance]"},
		"an inhibition across clusters":    {"equal: [cluster, ", "equal: ["},
		"a page for the jobs of a cluster": {"group_by: [cluster, environment, job]", "group_by: [cluster, environment]"},
		"a receiver of a vendor":           {"  - name: ticket\n", "  - name: ticket\n    slack_configs: [{channel: alerts}]\n"},
		"no inhibitions":                   {"inhibit_rules:", "other_rules:"},
	} {
		bad := strings.Replace(good, plant[0], plant[1], 1)
		if bad == good || len(routingProblems(bad)) == 0 {
			t.Errorf("planted %s and it was not found", name)
		}
	}
}

// A matcher that no alert can satisfy routes and inhibits nothing.
func TestMatchersNameAlertsAndComponentsThatExist(t *testing.T) {
	data, err := fs.ReadFile(alerting.FS(), "alertmanager.yml")
	if err != nil {
		t.Fatal(err)
	}
	exists := map[string]bool{}
	for _, a := range alerts.All(alerts.Defaults()) {
		exists["alertname "+a.Name], exists["component "+a.Component], exists["severity "+string(a.Severity)] = true, true, true
		exists["long_window "+a.LongWindow] = true
	}
	found := 0
	for _, m := range regexp.MustCompile(`(alertname|component|severity|long_window)=~?"([^"]*)"`).FindAllStringSubmatch(string(data), -1) {
		for _, value := range strings.Split(m[2], "|") {
			found++
			if !exists[m[1]+" "+value] {
				t.Errorf("no alert has the %s %s", m[1], value)
			}
		}
	}
	if found < 15 {
		t.Errorf("only %d values found", found)
	}
}
