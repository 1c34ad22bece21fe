package reference

import (
	"bytes"
	"cmp"
	_ "embed"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/tutorflow/observability/telemetry/catalog"
)

var (
	//go:embed head.md
	head string
	//go:embed tail.md
	tail string
)

// group is a table of the page: the metrics whose names begin with one of the
// prefixes.
type group struct {
	title    string
	prefixes []string
}

func groups() []group {
	return []group{
		{"HTTP server", []string{"tutorflow_http_"}},
		{"Database pools", []string{"tutorflow_db_"}},
		{"Business events", []string{catalog.Bookings, catalog.Payments, catalog.Reviews, catalog.Attendance}},
		{"Errors", []string{catalog.Errors}},
		{"External services", []string{"tutorflow_external_"}},
		{"Application", []string{"tutorflow_application_"}},
		{"Health checks", []string{"tutorflow_health_"}},
		{"Telemetry about the telemetry", []string{"tutorflow_telemetry_"}},
	}
}

// openLabels says what the values of a label are that the catalogue does not
// list, because a program declares them or because they are a range.
func openLabels() map[string]string {
	return map[string]string{
		"endpoint":    "route template, `unmatched`",
		"status":      "100 to 599",
		"pool":        "name given to `ObserveDB`",
		"error_type":  "`" + strings.Join(catalog.ErrorTypes(), "` `") + "`, those of `WithErrorType`",
		"service":     "declared name, `other`",
		"operation":   "declared name, `other`",
		"name":        "name of the service",
		"version":     "its version",
		"revision":    "its source revision",
		"environment": "where it runs",
		"check":       "name of the check",
		"exporter":    "`prometheus`, `console` and so on; `sdk`",
		// Of the metric alone where two have a label of one name.
		catalog.TelemetryDropped + " reason":         "`queue_full` `export_failed` `rejected` `shutdown` `too_large` `invalid_text` `invalid_value`",
		catalog.TelemetryLogLinesDropped + " reason": "`queue_full` `write_error` `closed` `rate_limited`",
		"source": "what was read: `health`, `pool:NAME`, `export:EXPORTER`, or `scope:NAME` for the callbacks of an OpenTelemetry scope",
		"metric": "name of the metric",
	}
}

// Markdown writes the page of definitions. Each of them must belong to one
// group, and its labels be described.
func Markdown(definitions []catalog.Definition) ([]byte, error) {
	var page bytes.Buffer
	var errs []error
	page.WriteString(head)
	written := 0
	for _, g := range groups() {
		rows, err := g.rows(definitions)
		errs = append(errs, err)
		written += len(rows)
		fmt.Fprintf(&page, "\n## %s\n\n| Metric | Type | Unit | Labels | Meaning |\n|---|---|---|---|---|\n%s", g.title, strings.Join(rows, ""))
	}
	if written != len(definitions) {
		errs = append(errs, fmt.Errorf("%d rows for %d metrics: each must belong to one group", written, len(definitions)))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("write reference of metrics: %w", err)
	}
	page.WriteString("\n")
	page.WriteString(tail)
	return page.Bytes(), nil
}

func (g group) rows(definitions []catalog.Definition) (rows []string, err error) {
	for _, d := range definitions {
		for _, prefix := range g.prefixes {
			if strings.HasPrefix(d.Name, prefix) {
				labels, labelErr := describe(d)
				err = errors.Join(err, labelErr)
				rows = append(rows, fmt.Sprintf("| `%s` | %s | %s | %s | %s |\n", d.Name, d.Kind, unit(d.Unit), labels, meaning(d)))
			}
		}
	}
	return rows, err
}

func describe(d catalog.Definition) (string, error) {
	var labels []string
	for _, l := range d.Labels {
		values := cmp.Or(openLabels()[d.Name+" "+l.Name], openLabels()[l.Name])
		if len(l.Values) > 0 {
			values = "`" + strings.Join(l.Values, "` `") + "`"
		}
		if values == "" {
			return "", fmt.Errorf("metric %s: label %q has no values and no description", d.Name, l.Name)
		}
		labels = append(labels, fmt.Sprintf("**%s**: %s", l.Name, values))
	}
	return strings.Join(labels, "<br>"), nil
}

func unit(code string) string {
	switch {
	case code == "s":
		return "seconds"
	case strings.HasPrefix(code, "{"):
		return strings.Trim(code, "{}") + "s"
	}
	return code
}

func meaning(d catalog.Definition) string {
	if len(d.Buckets) == 0 {
		return d.Description
	}
	var bounds []string
	for _, b := range d.Buckets {
		bounds = append(bounds, strconv.FormatFloat(b, 'g', -1, 64))
	}
	return d.Description + " Buckets: " + strings.Join(bounds, ", ") + "."
}
