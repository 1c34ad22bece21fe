package alerting_test

import (
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tutorflow/observability/alerting"
	"github.com/tutorflow/observability/alerting/alerts"
	"github.com/tutorflow/observability/alerting/internal/rulefile"
)

func TestCommittedRulesAreWhatTheGeneratorWrites(t *testing.T) {
	committed, err := fs.ReadFile(alerting.FS(), "rules/tutorflow.yaml")
	if err != nil {
		t.Fatal(err)
	}
	generated, err := rulefile.Marshal(committedRules()...)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(committed), string(generated)); diff != "" {
		t.Errorf("rules/tutorflow.yaml is stale, run go generate ./alerting/... (-committed +generated):\n%s", diff)
	}
}

func TestEmbeddedFilesArePresent(t *testing.T) {
	for _, pattern := range []string{"rules/*.yaml", "tests/*.yaml", "prometheus.yml", "alertmanager.yml"} {
		if found, err := fs.Glob(alerting.FS(), pattern); err != nil || len(found) == 0 {
			t.Errorf("no %s is embedded (error %v)", pattern, err)
		}
	}
}

func TestLinksCanBeReplaced(t *testing.T) {
	groups := []rulefile.Group{rulefile.TutorFlow(alerts.Defaults(), rulefile.Links{Runbooks: "https://wiki.example/runbooks/", Grafana: "https://graphs.example"})}
	for _, rule := range alertRules(groups) {
		if got, want := rule.Annotations.RunbookURL, "https://wiki.example/runbooks/"+rule.Alert+".md"; got != want {
			t.Errorf("%s has the runbook %s, want %s", rule.Alert, got, want)
		}
		if got, want := rule.Annotations.DashboardURL, "https://graphs.example/d/"; !strings.HasPrefix(got, want) {
			t.Errorf("%s has the dashboard %s, want one below %s", rule.Alert, got, want)
		}
	}
}

// The service level that the rules are bought with: names, thresholds and times
// are a contract, so they are written out here once more.
func TestAlertsKeepTheirContract(t *testing.T) {
	type contract struct{ Name, Expr, For, Severity string }
	want := []contract{
		{"HighErrorRate", "job:tutorflow_http_requests_failed:ratio5m > 0.05\nand\njob:tutorflow_http_requests_failed:increase5m >= 5\n", "5m", "critical"},
		{"HighLatency", "job:tutorflow_http_request_duration_seconds:p95_5m > 1\nand\njob:tutorflow_http_requests_slow:increase5m >= 5\n", "5m", "warning"},
		{"DatabaseConnectionPoolExhausted", "job_instance_pool:tutorflow_db_connections:utilization > 0.9\nand\njob_instance_pool:tutorflow_db_connections:limit >= 5\n", "5m", "warning"},
	}
	var got []contract
	for _, r := range alertRules(committedRules()) {
		if !strings.HasPrefix(r.Alert, "TutorFlow") {
			got = append(got, contract{r.Alert, r.Expr, r.For.String(), r.Labels.Severity})
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("alerts differ (-want +got):\n%s", diff)
	}
}

// By default Prometheus keeps fifteen days, and one of the Prometheus Operator a day:
// a window that is longer is silently cut.
func TestThePagesSayHowLongTheSamplesOfTheLongestWindowAreKept(t *testing.T) {
	longest := 0
	for _, r := range alerts.Records(alerts.Defaults()) {
		for _, m := range dayPattern.FindAllStringSubmatch(r.Expr, -1) {
			days, err := strconv.Atoi(m[1])
			if err != nil {
				t.Fatal(err)
			}
			longest = max(longest, days)
		}
	}
	want := fmt.Sprintf("--storage.tsdb.retention.time=%dd", longest)
	for _, file := range []string{"prometheus.yml", "../docs/alerting.md"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), want) {
			t.Errorf("%s does not say %s", file, want)
		}
	}
}

var dayPattern = regexp.MustCompile(`\[(\d+)d\]`)

func alertRules(groups []rulefile.Group) []rulefile.Rule {
	var found []rulefile.Rule
	for _, g := range groups {
		for _, r := range g.Rules {
			if r.Alert != "" {
				found = append(found, r)
			}
		}
	}
	return found
}
