package alerting_test

import (
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/tutorflow/observability/alerting/alerts"
	"github.com/tutorflow/observability/alerting/internal/runbook"
	"github.com/tutorflow/observability/dashboards"
)

const runbookDir = "../docs/runbooks"

// A runbookCheck looks at the text of a file in the folder of the runbooks and
// returns what is wrong with it.
type runbookCheck func(file, text string) []string

var (
	heading     = regexp.MustCompile(`(?m)^## (.+)$`)
	anchor      = regexp.MustCompile(`(?m)^#+ (.+)$`)
	link        = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	setting     = regexp.MustCompile(`\b(?:OTEL|TUTORFLOW)_[A-Z_]+\b`)
	flagName    = regexp.MustCompile("`-([a-z-]+)`")
	panelTitles = regexp.MustCompile(`[Pp]anels?\s+"([^"]+)"(?:\s+and\s+"([^"]+)")?`)
	aside       = regexp.MustCompile("`[^`]*`|step [0-9]") // no number of the alert
	numeral     = regexp.MustCompile(`\b\d+(\.\d+)?\b%?`)
	statusCode  = regexp.MustCompile(`^[1-5]\d\d$`)
	query       = regexp.MustCompile("(?s)```promql\n(.*?)```")
)

// section returns what is written by hand under a heading.
func section(text, title string) string {
	_, rest, _ := strings.Cut(runbook.Strip(text), "\n## "+title+"\n")
	body, _, _ := strings.Cut(rest, "\n## ")
	return body
}

// generatedPart wants the generated part to be what the generator writes.
func generatedPart(file, text string) []string {
	filled, err := runbook.Fill(text, runbook.Files(alerts.Defaults())[file])
	if err != nil {
		return []string{err.Error()}
	}
	if filled != text {
		return []string{"the generated part is stale, run go generate ./alerting/..."}
	}
	return nil
}

func title(file, text string) []string {
	if !strings.HasPrefix(text, "# "+strings.TrimSuffix(file, ".md")+"\n") {
		return []string{"the title is not the alert's name"}
	}
	return nil
}

// metrics wants every metric that the text names to be in the catalogue.
func metrics(_, text string) []string {
	var found []string
	for _, name := range rawMetric.FindAllString(recorded.ReplaceAllString(text, ""), -1) {
		if _, ok := definition(name); !ok {
			found = append(found, "no metric is called "+name)
		}
	}
	return found
}

// outline wants the four headings in their order, with something below each.
func outline(_, text string) []string {
	var titles, found []string
	for _, m := range heading.FindAllStringSubmatch(text, -1) {
		titles = append(titles, m[1])
		if len(strings.Fields(section(text, m[1]))) < 12 {
			found = append(found, "says next to nothing about "+m[1])
		}
	}
	if want := []string{"Meaning", "Impact", "Diagnosis", "Mitigation"}; !slices.Equal(titles, want) {
		found = append(found, fmt.Sprintf("headings are %q, want %q", titles, want))
	}
	return found
}

// noNumbers wants the numbers of an alert in the generated part alone, where they
// cannot become wrong. Code, steps and statuses of HTTP are no such numbers.
func noNumbers(_, text string) []string {
	var found []string
	for _, n := range numeral.FindAllString(aside.ReplaceAllString(section(text, "Meaning"), ""), -1) {
		if !statusCode.MatchString(n) {
			found = append(found, "Meaning names "+n+" by hand")
		}
	}
	return found
}

// steps wants numbered steps, and at least one query for a Prometheus that has
// not loaded the rules.
func steps(_, text string) []string {
	var found []string
	for _, title := range []string{"Diagnosis", "Mitigation"} {
		if body := section(text, title); !strings.HasPrefix(body, "\n1. ") || !strings.Contains(body, "\n2. ") {
			found = append(found, title+" has no numbered steps")
		}
	}
	if !slices.ContainsFunc(query.FindAllStringSubmatch(section(text, "Diagnosis"), -1), func(q []string) bool {
		return !recorded.MatchString(q[1])
	}) {
		found = append(found, "Diagnosis has no query that works without the rules")
	}
	return found
}

func links(file, text string) []string {
	var found []string
	for _, m := range link.FindAllStringSubmatch(text, -1) {
		path, fragment, _ := strings.Cut(m[1], "#")
		target, err := os.ReadFile(filepath.Join(runbookDir, path))
		switch {
		case path == "":
			target = []byte(text)
		case err != nil:
			found = append(found, err.Error())
			continue
		}
		if fragment != "" && !slices.Contains(anchors(string(target)), fragment) {
			found = append(found, path+" has no heading for #"+fragment)
		}
	}
	return found
}

// anchors are the fragments that lead to the headings of a page.
func anchors(text string) (all []string) {
	for _, m := range anchor.FindAllStringSubmatch(text, -1) {
		all = append(all, strings.ReplaceAll(strings.ToLower(m[1]), " ", "-"))
	}
	return all
}

// settings wants each setting and each flag of the generators to exist.
func settings(_, text string) []string {
	var found []string
	reference, err := os.ReadFile("../docs/configuration.md")
	if err != nil {
		return []string{err.Error()}
	}
	for _, name := range setting.FindAllString(text, -1) {
		if !strings.Contains(string(reference), "`"+name+"`") {
			found = append(found, "no setting is called "+name)
		}
	}
	set, thresholds := flag.NewFlagSet("", flag.ContinueOnError), alerts.Defaults()
	set.SetOutput(io.Discard)
	alerts.Flags(set, &thresholds)
	for _, m := range flagName.FindAllStringSubmatch(text, -1) {
		if set.Lookup(m[1]) == nil {
			found = append(found, "the generators have no flag -"+m[1])
		}
	}
	return found
}

// panels wants each panel that a text names to be on a dashboard.
func panels(_, text string) []string {
	var all strings.Builder
	err := fs.WalkDir(dashboards.FS(), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		board, err := fs.ReadFile(dashboards.FS(), path)
		all.Write(board)
		return err
	})
	if err != nil {
		return []string{err.Error()}
	}
	var found []string
	for _, m := range panelTitles.FindAllStringSubmatch(runbook.Strip(text), -1) {
		for _, title := range m[1:] {
			if title != "" && !strings.Contains(all.String(), `"title": "`+title+`"`) {
				found = append(found, "no panel is called "+title)
			}
		}
	}
	return found
}
