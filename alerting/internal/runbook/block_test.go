package runbook_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tutorflow/observability/alerting/alerts"
	"github.com/tutorflow/observability/alerting/internal/runbook"
)

const (
	begin = "<!-- alert: written by go generate ./alerting/... -->\n"
	end   = "<!-- /alert -->\n"
)

func TestBlockSaysWhenEachAlertOfANameFires(t *testing.T) {
	fast := alerts.Alert{
		Name: "X", Severity: alerts.Critical, Component: "api", For: 90 * time.Second, LongWindow: "1h", ShortWindow: "5m",
		Conditions: []alerts.Condition{
			{Series: "job_slo:a:b", Op: ">", Value: 0.125, What: "share", Unit: "percentunit"},
			{Series: "job_slo:c:d", Op: ">=", Value: 5, What: "events", Unit: "short"},
		},
		DashboardUID: "board",
	}
	slow := alerts.Alert{
		Name: "X", Severity: alerts.Warning, For: 3 * time.Hour, KeepFiring: time.Minute,
		Conditions: []alerts.Condition{{Series: "job_slo:a:b", Op: "<", Value: 2.5, What: "time", Unit: "s"}},
	}
	const want = `| Severity | Fires when | For | Panel |
|---|---|---|---|
| critical | share > 12.5%, and events ≥ 5 | 1.5m | X 1h/5m: share |
| warning | time < 2.5s | 3h, goes on for 1m | X: time |

Component ` + "`api`. One alert for each `job`, `slo`" + `. The panel is in the row "What the alerts threshold" of the dashboard [` + "`board`" + `](../../dashboards/json/board.json).

` + "```promql" + `
(
  job_slo:a:b > 0.125
  and
  job_slo:c:d >= 5
)
or
(
  job_slo:a:b < 2.5
)
` + "```\n"
	if diff := cmp.Diff(want, runbook.Block([]alerts.Alert{fast, slow})); diff != "" {
		t.Errorf("block differs (-want +got):\n%s", diff)
	}
}

func TestBlockOfAnAlertThatAlwaysFiresNamesNoPanel(t *testing.T) {
	got := runbook.Block([]alerts.Alert{{Name: "X", Severity: alerts.None, Component: "telemetry", DashboardUID: "board"}})
	if !strings.Contains(got, "| none | always | at once | – |\n") || strings.Contains(got, "board") {
		t.Errorf("block is\n%s", got)
	}
}

func TestIndexListsEachAlertUnderItsSeverity(t *testing.T) {
	index := runbook.Index(alerts.All(alerts.Defaults()))
	_, critical, _ := strings.Cut(index, "### Severity critical\n")
	critical, warning, _ := strings.Cut(critical, "### Severity warning\n")
	if n, all := strings.Count(index, ".md)"), len(alerts.All(alerts.Defaults())); n != all {
		t.Errorf("%d alerts are listed, want %d", n, all)
	}
	if !strings.Contains(critical, "[HighErrorRate](HighErrorRate.md)") || strings.Contains(critical, "[HighLatency]") || !strings.Contains(warning, "[HighLatency](HighLatency.md)") {
		t.Errorf("an alert is not under its severity:\n%s", index)
	}
}

func TestFillReplacesTheGeneratedPartAlone(t *testing.T) {
	got, err := runbook.Fill("before\n"+begin+"old\n"+end+"after\n", "new\n")
	if want := "before\n" + begin + "\nnew\n\n" + end + "after\n"; err != nil || got != want {
		t.Errorf("filled %q (error %v), want %q", got, err, want)
	}
	if again, err := runbook.Fill(got, "new\n"); err != nil || again != got {
		t.Errorf("a second time it is %q (error %v)", again, err)
	}
	if got := runbook.Strip(got); got != "before\nafter\n" {
		t.Errorf("without the generated part it is %q", got)
	}
}

func TestFillRefusesATextWithoutOnePlace(t *testing.T) {
	for name, text := range map[string]string{
		"no place":      "text\n",
		"no end of it":  begin + "text\n",
		"the end first": end + begin,
		"two places":    begin + end + begin + end,
	} {
		if got, err := runbook.Fill(text, "new\n"); err == nil || got != "" {
			t.Errorf("%s: filled %q (error %v)", name, got, err)
		}
	}
}
