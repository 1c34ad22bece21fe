package alerts_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tutorflow/observability/alerting/alerts"
	"github.com/tutorflow/observability/dashboards"
)

var recorded = regexp.MustCompile(`[a-z_]+:[a-z0-9_]+:[a-z0-9_]+`)

func TestRecordsReadOnlyEarlierOnes(t *testing.T) {
	earlier := map[string]bool{}
	for _, r := range alerts.Records(alerts.Defaults()) {
		for _, name := range recorded.FindAllString(r.Expr, -1) {
			if !earlier[name] {
				t.Errorf("%s reads %s, which is not recorded by then", r.Name, name)
			}
		}
		earlier[r.Name] = true
	}
}

func TestConditionsAreOnRecordedSeriesOfOneLevel(t *testing.T) {
	names := map[string]bool{}
	for _, r := range alerts.Records(alerts.Defaults()) {
		names[r.Name] = true
	}
	for _, a := range alerts.All(alerts.Defaults()) {
		for _, c := range a.Conditions {
			if !names[c.Series] {
				t.Errorf("%s compares %s, which nothing records", a.Title(), c.Series)
			}
			if !slices.Equal(alerts.LevelOf(c.Series), a.Labels()) {
				t.Errorf("%s compares %s with labels other than %q", a.Title(), c.Series, a.Labels())
			}
			if !slices.Contains([]string{">", ">=", "<"}, c.Op) || c.What == "" || c.Unit == "" {
				t.Errorf("%s has the condition %+v", a.Title(), c)
			}
		}
	}
}

// Whoever evaluates rules and stores series pays for each.
func TestEveryRecordIsRead(t *testing.T) {
	var readers []string
	for _, r := range alerts.Records(alerts.Defaults()) {
		readers = append(readers, r.Expr)
	}
	for _, a := range alerts.All(alerts.Defaults()) {
		readers = append(readers, a.Expr())
	}
	// One is for a panel alone.
	readers = append(readers, alerts.BudgetRemaining)
	var read []string
	for _, text := range readers {
		read = append(read, recorded.FindAllString(text, -1)...)
	}
	for _, r := range alerts.Records(alerts.Defaults()) {
		if !slices.Contains(read, r.Name) {
			t.Errorf("nothing reads %s", r.Name)
		}
	}
}

func TestTitlesAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, a := range alerts.All(alerts.Defaults()) {
		if seen[a.Title()] {
			t.Errorf("two alerts have the title %s", a.Title())
		}
		seen[a.Title()] = true
	}
	if want := "TutorFlowErrorBudgetBurn 6h/30m"; !seen[want] {
		t.Errorf("no alert has the title %s", want)
	}
}

func TestEveryAlertWithConditionsIsOnOneDashboard(t *testing.T) {
	var found []string
	for _, d := range dashboards.List() {
		for _, a := range alerts.On(d.UID, alerts.Defaults()) {
			found = append(found, a.Title())
		}
	}
	var want []string
	for _, a := range alerts.All(alerts.Defaults()) {
		if len(a.Conditions) > 0 {
			want = append(want, a.Title())
		}
	}
	slices.Sort(found)
	slices.Sort(want)
	if !slices.Equal(found, want) {
		t.Errorf("on dashboards are %q, want %q", found, want)
	}
	if got := alerts.On("of-others", alerts.Defaults()); len(got) > 0 {
		t.Errorf("on a dashboard that does not exist are %v", got)
	}
}

func TestSlicesAreTheCallers(t *testing.T) {
	clear(alerts.All(alerts.Defaults()))
	clear(alerts.Records(alerts.Defaults()))
	clear(alerts.All(alerts.Defaults())[0].Conditions)
	if a := alerts.All(alerts.Defaults())[0]; a.Name == "" || a.Conditions[0].Series == "" {
		t.Errorf("the first alert has become %+v", a)
	}
	if r := alerts.Records(alerts.Defaults())[0]; r.Name == "" {
		t.Errorf("the first record has become %+v", r)
	}
}

func TestExpr(t *testing.T) {
	tests := map[string]struct {
		conditions []alerts.Condition
		want       string
	}{
		"no condition always holds": {nil, "vector(1)"},
		"one condition":             {[]alerts.Condition{{Series: "job:a:b", Op: ">", Value: 0.05}}, "job:a:b > 0.05"},
		"two conditions": {[]alerts.Condition{{Series: "job:a:b", Op: "<", Value: 1e6}, {Series: "job:a:c", Op: ">=", Value: 5}},
			"job:a:b < 1000000\nand\njob:a:c >= 5\n"},
	}
	for name, tt := range tests {
		if got := (alerts.Alert{Conditions: tt.conditions}).Expr(); got != tt.want {
			t.Errorf("%s: the expression is %q, want %q", name, got, tt.want)
		}
	}
}

func TestAddressesTakeABaseWithOrWithoutASlash(t *testing.T) {
	a := alerts.Alert{
		Name: "Slow", DashboardUID: "tutorflow-x",
		Conditions: []alerts.Condition{{Series: "job_instance_service_signal:a:b"}},
	}
	const link = "https://g.example/sub/d/tutorflow-x?var-job={{ $labels.job | urlquery }}" +
		"&var-instance={{ $labels.instance | urlquery }}&var-service={{ $labels.service | urlquery }}"
	for _, base := range []string{"https://g.example/sub", "https://g.example/sub/"} {
		if got := a.DashboardLink(base); got != link {
			t.Errorf("below %s the dashboard is %s, want %s", base, got, link)
		}
		if got, want := a.Runbook(base), "https://g.example/sub/Slow.md"; got != want {
			t.Errorf("below %s the runbook is %s, want %s", base, got, want)
		}
	}
	if got, want := (alerts.Alert{DashboardUID: "tutorflow-x"}).DashboardLink("https://g.example"), "https://g.example/d/tutorflow-x"; got != want {
		t.Errorf("the dashboard of an alert without labels is %s, want %s", got, want)
	}
}

func TestTextsSayTheThresholdsInForce(t *testing.T) {
	thresholds := alerts.Defaults()
	thresholds.AvailabilityObjective, thresholds.ErrorRatio, thresholds.MinBadEvents = 0.99999, 0.07, 9
	var text strings.Builder
	for _, a := range alerts.All(thresholds) {
		text.WriteString(a.Summary + "\n" + a.Description + "\n")
	}
	for _, want := range []string{"99.999% of requests without a 5xx", "(threshold 7%)", "at least 9 of them"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no text says %q", want)
		}
	}
}
