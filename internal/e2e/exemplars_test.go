package e2e_test

import (
	"encoding/hex"
	"regexp"
	"strings"
)

// exemplar is the trace id of an exemplar in OpenMetrics.
var exemplar = regexp.MustCompile(`# \{[^}]*trace_id="([0-9a-f]{32})"`)

// traceIDs are the traces that the exemplars of a scrape point to, by series.
func traceIDs(scrape string) map[string]string {
	found := make(map[string]string)
	for line := range strings.Lines(scrape) {
		if match := exemplar.FindStringSubmatch(line); match != nil {
			series, _, _ := strings.Cut(line, " ")
			found[series] = match[1]
		}
	}
	return found
}

func hexadecimal(id []byte) string { return hex.EncodeToString(id) }
