package stack_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// span and record are what the debug exporter writes of them.
type (
	span   struct{ trace, id, parent, name, kind string }
	record struct {
		trace, body string
		attributes  map[string]string
	}
)

var (
	fieldLine     = regexp.MustCompile(`^ *([A-Z][A-Za-z ]*?) *: ?(.*)$`)
	attributeLine = regexp.MustCompile(`^ *-> ([^:]+): [A-Z][a-z]+\((.*)\)$`)
)

// received reads what the collector got.
func (c *collector) received(t *testing.T) (spans []span, records []record) {
	t.Helper()
	text, err := os.ReadFile(c.debug)
	if err != nil {
		t.Fatal(err)
	}
	var fields, attributes map[string]string
	var what string
	keep := func() {
		switch what {
		case "Span":
			spans = append(spans, span{fields["Trace ID"], fields["ID"], fields["Parent ID"], fields["Name"], fields["Kind"]})
		case "LogRecord":
			body := strings.TrimSuffix(strings.TrimPrefix(fields["Body"], "Str("), ")")
			records = append(records, record{fields["Trace ID"], body, attributes})
		}
		what = ""
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\n")
		if start, _, ok := strings.Cut(line, " #"); ok && !strings.HasPrefix(line, " ") {
			keep()
			what, fields, attributes = start, map[string]string{}, map[string]string{}
		} else if m := attributeLine.FindStringSubmatch(line); m != nil && what != "" {
			attributes[m[1]] = m[2]
		} else if m := fieldLine.FindStringSubmatch(line); m != nil && what != "" && fields[m[1]] == "" {
			fields[m[1]] = m[2]
		}
	}
	keep()
	return spans, records
}
