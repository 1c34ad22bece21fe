package runbook

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tutorflow/observability/alerting/alerts"
)

// The lines around the generated part of a file.
const (
	begin = "<!-- alert: written by go generate ./alerting/... -->\n"
	end   = "<!-- /alert -->\n"
)

// IndexFile is the name of the file that lists the runbooks.
const IndexFile = "README.md"

// Files returns the generated part of each file in the folder of the runbooks,
// by its name.
func Files(t alerts.Thresholds) map[string]string {
	all := alerts.All(t)
	files := map[string]string{IndexFile: Index(all)}
	for _, a := range all {
		named := slices.DeleteFunc(slices.Clone(all), func(other alerts.Alert) bool { return other.Name != a.Name })
		files[a.Name+".md"] = Block(named)
	}
	return files
}

// Fill returns text with the generated part replaced.
func Fill(text, generated string) (string, error) {
	before, rest, ok := strings.Cut(text, begin)
	if !ok {
		return "", fmt.Errorf("fill runbook: no line %q", strings.TrimSpace(begin))
	}
	_, after, ok := strings.Cut(rest, end)
	if !ok {
		return "", fmt.Errorf("fill runbook: no line %q", strings.TrimSpace(end))
	}
	if strings.Contains(after, begin) || strings.Contains(after, end) {
		return "", errors.New("fill runbook: more than one generated part")
	}
	return before + begin + "\n" + generated + "\n" + end + after, nil
}

// Strip returns text without the generated part.
func Strip(text string) string {
	before, rest, _ := strings.Cut(text, begin)
	_, after, _ := strings.Cut(rest, end)
	return before + after
}
