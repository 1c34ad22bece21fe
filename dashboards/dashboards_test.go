package dashboards_test

import (
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tutorflow/observability/alerting/alerts"
	"github.com/tutorflow/observability/dashboards"
	"github.com/tutorflow/observability/dashboards/internal/boards"
	"github.com/tutorflow/observability/dashboards/internal/grafana"
)

func TestCommittedDashboardsAreWhatTheGeneratorWrites(t *testing.T) {
	for _, d := range boards.All(alerts.Defaults(), alerts.RunbookURL) {
		t.Run(d.UID, func(t *testing.T) {
			generated, err := grafana.Marshal(d)
			if err != nil {
				t.Fatal(err)
			}
			committed, err := fs.ReadFile(dashboards.FS(), d.UID+".json")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(committed), string(generated)); diff != "" {
				t.Errorf("%s.json is stale, run go generate ./dashboards/... (-committed +generated):\n%s", d.UID, diff)
			}
		})
	}
}

func TestListNamesEveryFileAndNothingElse(t *testing.T) {
	var generated []dashboards.Dashboard
	for _, d := range boards.All(alerts.Defaults(), alerts.RunbookURL) {
		generated = append(generated, dashboards.Dashboard{UID: d.UID, Title: d.Title, File: d.UID + ".json"})
	}
	if diff := cmp.Diff(generated, dashboards.List()); diff != "" {
		t.Errorf("List differs (-generated +listed):\n%s", diff)
	}
	files, err := fs.Glob(dashboards.FS(), "*")
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, d := range dashboards.List() {
		listed = append(listed, d.File)
	}
	slices.Sort(listed)
	if diff := cmp.Diff(files, listed); diff != "" {
		t.Errorf("List and FS differ (-embedded +listed):\n%s", diff)
	}
}

// Of the flags only the thresholds are seen in the lines; the rest is in texts and
// links.
func TestTextsAndLinksFollowTheFlags(t *testing.T) {
	thresholds := alerts.Defaults()
	thresholds.BookingsRatio, thresholds.AvailabilityObjective = 0.35, 0.9985
	var all string
	for _, d := range boards.All(thresholds, "https://wiki.corp.example/runbooks") {
		data, err := grafana.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		all += string(data)
	}
	for _, want := range []string{"Below 35% of last week", "the objective of 99.85%", "https://wiki.corp.example/runbooks/HighErrorRate.md"} {
		if !strings.Contains(all, want) {
			t.Errorf("no dashboard says %q", want)
		}
	}
	if strings.Contains(all, alerts.RunbookURL) {
		t.Errorf("a link still goes to %s", alerts.RunbookURL)
	}
}
