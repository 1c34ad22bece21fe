package alerting_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tutorflow/observability/alerting/alerts"
	"github.com/tutorflow/observability/alerting/internal/rulefile"
	"github.com/tutorflow/observability/dashboards"
)

const watchdog = "TutorFlowWatchdog"

var (
	labelValue = regexp.MustCompile(`\$labels\.([a-z_]+)`)
	printed    = regexp.MustCompile(`\{\{ *\$value([^}]*)\}\}`)
	action     = regexp.MustCompile(`\{\{[^}]*\}\}`)
)

// eachAlert runs f on every alerting rule.
func eachAlert(f func(r rulefile.Rule) []string) check {
	return eachRule(func(r rulefile.Rule) []string {
		if r.Alert == "" {
			return nil
		}
		if r.Labels == nil || r.Annotations == nil {
			return []string{"no labels or no annotations"}
		}
		return f(r)
	})
}

// atOnce are the alerts without a wait, and why.
func atOnce() map[string]string {
	return map[string]string{
		"TutorFlowRestartLoop": "the window of 30 minutes waits long enough",
		watchdog:               "a Prometheus that was restarted is not down",
	}
}

func complete(r rulefile.Rule) []string {
	var found []string
	want := func(ok bool, problem string) {
		if !ok {
			found = append(found, problem)
		}
	}
	a := r.Annotations
	severities := []string{string(alerts.Critical), string(alerts.Warning)}
	if r.Alert == watchdog {
		severities = []string{string(alerts.None)}
	}
	want(slices.Contains(severities, r.Labels.Severity), fmt.Sprintf("severity is none of %q", severities))
	want(r.Labels.Component != "", "no component")
	for _, label := range []string{r.Labels.Severity, r.Labels.Component, r.Labels.LongWindow, r.Labels.ShortWindow} {
		want(!strings.Contains(label, "{{"), "a label is a template and would change while the alert fires")
	}
	_, waitsNot := atOnce()[r.Alert]
	want(waitsNot == (r.For == 0), fmt.Sprintf("for is %s, which is not what is declared", r.For))
	want(r.Alert == watchdog || strings.ContainsAny(r.Expr, "<>"), "no comparison")
	want(strings.HasSuffix(a.Summary, ".") && !strings.Contains(a.Summary, "\n"), "summary is not one sentence")
	want(strings.HasSuffix(a.Description, ".") && len(a.Description) > len(a.Summary), "description says no more than the summary")
	want(strings.HasSuffix(a.RunbookURL, "/"+r.Alert+".md"), "runbook_url is not that of the alert")
	return found
}

// signalOf is the series that $value and $labels are of, "" for the watchdog.
func signalOf(r rulefile.Rule) string { return recorded.FindString(r.Expr) }

// oneLevel wants all conditions to be on series with the same labels: "and" drops
// what has no partner, silently.
func oneLevel(r rulefile.Rule) []string {
	var found []string
	want := alerts.LevelOf(signalOf(r))
	for _, name := range recorded.FindAllString(r.Expr, -1) {
		if got := alerts.LevelOf(name); !slices.Equal(got, want) {
			found = append(found, fmt.Sprintf("%s has the labels %q, the first condition has %q", name, got, want))
		}
	}
	return found
}

// templates wants the texts to use only labels that the signal has, which its
// name lists, and each of them: somebody has to find what is broken.
func templates(r rulefile.Rule) []string {
	var has, used []string
	if signal := signalOf(r); signal != "" {
		has = alerts.LevelOf(signal)
	}
	texts := r.Annotations.Summary + r.Annotations.Description
	for _, m := range labelValue.FindAllStringSubmatch(texts, -1) {
		used = append(used, m[1])
	}
	var found []string
	for _, m := range labelValue.FindAllStringSubmatch(texts+r.Annotations.DashboardURL, -1) {
		if !slices.Contains(has, m[1]) {
			found = append(found, "prints the label "+m[1]+", which the expression does not keep")
		}
	}
	for _, label := range has {
		if !slices.Contains(used, label) {
			found = append(found, "does not say which "+label)
		}
	}
	return found
}

// humanized wants values in the unit of the signal: 0.05 of something is 5%.
func humanized(r rulefile.Rule) []string {
	want := "humanize"
	for _, a := range alerts.All(alerts.Defaults()) {
		for _, c := range a.Conditions {
			if c.Series == signalOf(r) {
				want = map[string]string{"percentunit": "humanizePercentage", "s": "humanizeDuration"}[c.Unit]
			}
		}
	}
	if want == "" {
		want = "humanize"
	}
	var found []string
	for _, text := range []string{r.Annotations.Summary, r.Annotations.Description} {
		for _, m := range printed.FindAllStringSubmatch(text, -1) {
			if strings.TrimSpace(m[1]) != "| "+want {
				found = append(found, m[0]+" is not in the unit of the signal, which takes "+want)
			}
		}
	}
	return found
}

// linked wants dashboard_url to be the address of one of the boards, and to set
// exactly those variables of it that are labels of the signal.
func linked(boards map[string][]string) func(rulefile.Rule) []string {
	return func(r rulefile.Rule) []string {
		address, err := url.Parse(action.ReplaceAllString(r.Annotations.DashboardURL, "x"))
		if err != nil {
			return []string{err.Error()}
		}
		uid, ok := strings.CutPrefix(address.Path, "/d/")
		variables, isBoard := boards[uid]
		if !ok || !isBoard {
			return []string{"dashboard_url is no dashboard of ours"}
		}
		var want, got []string
		if signal := signalOf(r); signal != "" {
			want = slices.DeleteFunc(alerts.LevelOf(signal), func(l string) bool { return !slices.Contains(variables, l) })
		}
		for name := range address.Query() {
			got = append(got, strings.TrimPrefix(name, "var-"))
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			return []string{fmt.Sprintf("dashboard_url sets %q; of the labels, %s has the variables %q", got, uid, want)}
		}
		for _, label := range want {
			if !strings.Contains(r.Annotations.DashboardURL, "var-"+label+"={{ $labels."+label+" | urlquery }}") {
				return []string{"dashboard_url does not escape " + label}
			}
		}
		return nil
	}
}

// boardVariables are the variables of every dashboard, by uid.
func boardVariables(t *testing.T) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	for _, d := range dashboards.List() {
		data, err := fs.ReadFile(dashboards.FS(), d.File)
		if err != nil {
			t.Fatal(err)
		}
		var board struct {
			Templating struct{ List []struct{ Name string } }
		}
		if err := json.Unmarshal(data, &board); err != nil {
			t.Fatalf("parse %s: %v", d.File, err)
		}
		for _, v := range board.Templating.List {
			found[d.UID] = append(found[d.UID], v.Name)
		}
	}
	return found
}
