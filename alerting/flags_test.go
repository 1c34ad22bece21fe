package alerting_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/tutorflow/observability/alerting/alerts"
)

func TestTheDocumentationListsEveryFlagWithItsDefault(t *testing.T) {
	text, err := os.ReadFile("../docs/alerting.md")
	if err != nil {
		t.Fatal(err)
	}
	thresholds := alerts.Defaults()
	set := flag.NewFlagSet("", flag.ContinueOnError)
	alerts.Flags(set, &thresholds)
	set.VisitAll(func(f *flag.Flag) {
		value := f.DefValue
		if f.Name == "probes" {
			value = "`" + strings.ReplaceAll(value, "|", `\|`) + "`"
		}
		if row := fmt.Sprintf("| `-%s` | %s |", f.Name, value); !strings.Contains(string(text), row) {
			t.Errorf("docs/alerting.md has no row %s", row)
		}
	})
	if n := strings.Count(string(text), "\n| `-"); n != len(flagNames(set)) {
		t.Errorf("docs/alerting.md lists %d flags, there are %d", n, len(flagNames(set)))
	}
}

func flagNames(set *flag.FlagSet) (names []string) {
	set.VisitAll(func(f *flag.Flag) { names = append(names, f.Name) })
	return names
}
