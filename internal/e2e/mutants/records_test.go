package mutants_test

import (
	"fmt"
	"regexp"

	"github.com/prometheus/prometheus/model/rulefmt"
)

// slips are what is easily written wrong in a query. Each is planted into every
// place of a recorded series that it fits, one place at a time.
var slips = []struct {
	name string
	find *regexp.Regexp
	put  string
}{
	// Time.
	{"a window twice as long", regexp.MustCompile(`\[5m\]`), "[10m]"},
	{"a window of ten minutes halved", regexp.MustCompile(`\[10m\]`), "[5m]"},
	{"a window of a quarter of an hour doubled", regexp.MustCompile(`\[15m\]`), "[30m]"},
	{"a window of half an hour halved", regexp.MustCompile(`\[30m\]`), "[15m]"},
	{"a window of an hour doubled", regexp.MustCompile(`\[1h\]`), "[2h]"},
	{"a window of two hours halved", regexp.MustCompile(`\[2h\]`), "[1h]"},
	{"a window of six hours halved", regexp.MustCompile(`\[6h\]`), "[3h]"},
	{"a window of a day halved", regexp.MustCompile(`\[1d\]`), "[12h]"},
	{"a window of three days halved", regexp.MustCompile(`\[3d\]`), "[36h]"},
	{"a window of thirty days cut", regexp.MustCompile(`\[30d\]`), "[10d]"},
	{"another offset", regexp.MustCompile(`offset (1w|1h)`), "offset 2d"},
	{"an offset into the future", regexp.MustCompile(`offset (1w|1h)`), "offset -$1"},

	// Zeros and what is not there.
	{"no zero where there are no bad events", regexp.MustCompile(`(?s)\s+or\s+0 \* .*?(\)\n/|$)`), "$1"},
	{"no services that push", regexp.MustCompile(`or\s+count by \(job\) \(\w+\)\s+`), ""},
	{"one where there are no bad events", regexp.MustCompile(`\b0 \* `), "1 * "},
	{"zeros of requests for zeros of durations", regexp.MustCompile(`0 \* job:tutorflow_http_requests:rate5m`), "0 * job:tutorflow_http_request_duration_seconds_count:rate5m"},
	{"zeros of durations for zeros of requests", regexp.MustCompile(`0 \* job:tutorflow_http_request_duration_seconds_count:rate5m`), "0 * job:tutorflow_http_requests:rate5m"},
	{"zero is a whole", regexp.MustCompile(` > 0\)`), ")"},
	{"zero is a limit", regexp.MustCompile(` > 0\n`), "\n"},
	{"no number is a quantile", regexp.MustCompile(` >= 0`), ""},
	{"what is not there is below", regexp.MustCompile(`(?s)clamp_min\((.*),\s*0\s*\)`), "($1)"},
	{"one or the other, or both", regexp.MustCompile(`unless`), "or"},
	{"one without the other", regexp.MustCompile(`\band (on \(job\) )?`), "unless $1"},

	// Labels.
	{"the sum over jobs", regexp.MustCompile(`by \(job, `), "by ("},
	{"the sum over the second label", regexp.MustCompile(`by \(job, \w+`), "by (job"},
	{"no sum over instances", regexp.MustCompile(`(sum|count|group|min|max) by \(job(, (?:check|service|le|reason|source|exporter|metric)\b.*?)?\)`), "$1 by (job$2, instance)"},
	{"the largest for the sum", regexp.MustCompile(`\bsum by`), "max by"},
	{"a match of all labels", regexp.MustCompile(` and on \(job\)`), " and"},
	{"a match of no label", regexp.MustCompile(` and on \(job\)`), " and on ()"},
	{"jobs that are not ours", regexp.MustCompile(` and on \(job\) job:tutorflow_application_info:present1d`), ""},
	{"the other label of the Operator", regexp.MustCompile(`exported_endpoint`), "exported_pod"},
	{"the other other label of the Operator", regexp.MustCompile(`exported_service`), "exported_pod"},

	// Which events count.
	{"probes counted", regexp.MustCompile(`endpoint!~"[^"]*",?`), ""},
	{"detailed probes counted", regexp.MustCompile(`/health\(/\.\*\)\?`), "/health"},
	{"probes of health counted", regexp.MustCompile(`/health\(/\.\*\)\?`), "/health/.*"},
	{"scrapes counted", regexp.MustCompile(`\|/metrics`), ""},
	{"4xx for 5xx", regexp.MustCompile(`5\.\.`), "4.."},
	{"every status", regexp.MustCompile(`,?status(=|=~|!=)"[^"]*"`), ""},
	{"the first status of two", regexp.MustCompile(`status=~"(\w+)\|\w+"`), `status="$1"`},
	{"the second status of two", regexp.MustCompile(`status=~"\w+\|(\w+)"`), `status="$1"`},
	{"every reason", regexp.MustCompile(`\{reason!?[=~]+"[^"]*"\}`), ""},
	{"every result", regexp.MustCompile(`,?result="[^"]*"`), ""},
	{"every exporter", regexp.MustCompile(`exporter!="[^"]*",?`), ""},
	{"every cause", regexp.MustCompile(`\{cause="[^"]*"\}`), ""},
	{"every metric", regexp.MustCompile(`\{metric!~"[^"]*"\}`), ""},
	{"an exact bound", regexp.MustCompile(`le=~"([0-9]+)[^"]*"`), `le="$1"`},
	{"the bound of Prometheus 3 alone", regexp.MustCompile(`le=~"1\(\[\.\]0\)\?"`), `le="1.0"`},
	{"the next bucket", regexp.MustCompile(`le=~"[^"]*"`), `le=~"5([.]0)?"`},

	// Arithmetic.
	{"another quantile", regexp.MustCompile(`quantile\(0\.95`), "quantile(0.5"},
	{"another quantile over time", regexp.MustCompile(`quantile_over_time\(0\.9`), "quantile_over_time(0.5"},
	{"a factor of ten", regexp.MustCompile(`(300|60) \* `), "${1}0 * "},
	{"another objective", regexp.MustCompile(`0\.99`), "0.9"},
	{"part and whole exchanged", regexp.MustCompile(`(?s)^(\S+) / \((\S+) > 0\)`), "$2 / ($1 > 0)"},
	{"one minus nothing", regexp.MustCompile(`^1 - `), ""},
	{"events in parts", regexp.MustCompile(`\bround\(`), "("},
	{"a rate for an increase", regexp.MustCompile(`\bincrease\(`), "rate("},
	{"resets for changes", regexp.MustCompile(`\bchanges\(`), "resets("},
}

// defectsOfRecord returns what can be wrong with a recorded series.
func defectsOfRecord(r rulefmt.Rule) (defects []defect) {
	for _, slip := range slips {
		for i, at := range slip.find.FindAllStringSubmatchIndex(r.Expr, -1) {
			wrong := slip.find.ExpandString(nil, slip.put, r.Expr, at)
			mutant := r
			mutant.Expr = r.Expr[:at[0]] + string(wrong) + r.Expr[at[1]:]
			name := slip.name
			if i > 0 {
				name = fmt.Sprintf("%s, place %d", name, i+1)
			}
			defects = append(defects, defect{name, mutant})
		}
	}
	for label := range r.Labels {
		mutant := r
		mutant.Labels = copied(r.Labels)
		mutant.Labels[label] += "x"
		defects = append(defects, defect{"another " + label, mutant})
	}
	return defects
}
