package dashboards_test

import (
	"io/fs"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tutorflow/observability/alerting/alerts"
	"github.com/tutorflow/observability/dashboards"
	"github.com/tutorflow/observability/dashboards/internal/boards"
	"github.com/tutorflow/observability/dashboards/internal/grafana"
)

func TestCommittedDashboardsAreWhatTheGeneratorWrites(t *testing.T) {
	for _, d := range boards.All(alerts.Defaults()) {
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
	for _, d := range boards.All(alerts.Defaults()) {
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
