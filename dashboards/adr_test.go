package dashboards_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/tutorflow/observability/alerting/alerts"
)

// The comparison with others counts what is here; a number that nobody counts
// again is soon wrong.
func TestTheComparisonCountsWhatThereIs(t *testing.T) {
	text, err := os.ReadFile("../docs/adr/0010-dashboards-and-alerts-against-the-anchors.md")
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Join(strings.Fields(string(text)), " ")
	var panels, queries int
	boards := load(t)
	for _, b := range boards {
		panels += len(b.data())
		for _, p := range b.data() {
			queries += len(p.Targets)
		}
	}
	rules, names := alerts.All(alerts.Defaults()), map[string]bool{}
	for _, a := range rules {
		names[a.Name] = true
	}
	want := fmt.Sprintf("%d dashboards, %d panels, %d queries, %d alert rules with %d names, %d recording rules, %d runbooks",
		len(boards), panels, queries, len(rules), len(names), len(alerts.Records(alerts.Defaults())), len(names))
	if !strings.Contains(words, want) {
		t.Errorf("the comparison does not say %q", want)
	}
}
