package mutants_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
)

// defect is a rule with one thing wrong.
type defect struct {
	name string
	rule rulefmt.Rule
}

func defectsOf(r rulefmt.Rule) []defect {
	if r.Alert != "" {
		return defectsOfAlert(r)
	}
	return defectsOfRecord(r)
}

// comparison is a condition of an alert on a line of its own.
var comparison = regexp.MustCompile(`^(\S+) (>|>=|<) (\S+)$`)

// defectsOfAlert returns what can be wrong with an alert.
func defectsOfAlert(r rulefmt.Rule) (defects []defect) {
	add := func(name string, change func(*rulefmt.Rule)) {
		mutant := r
		mutant.Labels = copied(r.Labels)
		mutant.Annotations = copied(r.Annotations)
		change(&mutant)
		defects = append(defects, defect{name, mutant})
	}
	conditions := strings.Split(strings.TrimSpace(r.Expr), "\nand\n")
	for i, condition := range conditions {
		m := comparison.FindStringSubmatch(condition)
		if m == nil {
			continue
		}
		limit, _ := strconv.ParseFloat(m[3], 64)
		replaced := func(text string) func(*rulefmt.Rule) {
			all := append([]string(nil), conditions...)
			all[i] = text
			return func(r *rulefmt.Rule) { r.Expr = strings.Join(all, "\nand\n") }
		}
		wrongs := []float64{limit * 2, limit / 2}
		switch {
		case limit == 0:
			wrongs = []float64{1000}
		case limit == 1 && m[2] == "<": // a series of whole numbers
			wrongs = []float64{0}
		}
		for _, wrong := range wrongs {
			add(fmt.Sprintf("%s %s %g instead of %g", m[1], m[2], wrong, limit), replaced(fmt.Sprintf("%s %s %g", m[1], m[2], wrong)))
		}
		if len(conditions) > 1 {
			rest := append(append([]string(nil), conditions[:i]...), conditions[i+1:]...)
			add("without "+condition, func(r *rulefmt.Rule) { r.Expr = strings.Join(rest, "\nand\n") })
		}
	}
	if r.For > 0 {
		add("for twice as long", func(r *rulefmt.Rule) { r.For *= 2 })
		add("for half as long", func(r *rulefmt.Rule) { r.For /= 2 })
	} else {
		add("for a minute", func(r *rulefmt.Rule) { r.For = model.Duration(time.Minute) })
	}
	if r.KeepFiringFor > 0 {
		add("ends at once", func(r *rulefmt.Rule) { r.KeepFiringFor = 0 })
		add("keeps firing twice as long", func(r *rulefmt.Rule) { r.KeepFiringFor *= 2 })
	} else if r.Labels["severity"] != "none" {
		add("keeps firing for an hour", func(r *rulefmt.Rule) { r.KeepFiringFor = model.Duration(time.Hour) })
	}
	for label := range r.Labels {
		add("another "+label, func(r *rulefmt.Rule) { r.Labels[label] += "x" })
	}
	for annotation := range r.Annotations {
		add("another "+annotation, func(r *rulefmt.Rule) { r.Annotations[annotation] += "x" })
	}
	return defects
}

// slips are what is easily written wrong in a query. Each is planted into the
// first place of a recorded series that it fits.
var slips = []struct {
	name string
	find *regexp.Regexp
	put  string
}{
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
	{"no zero where there are no bad events", regexp.MustCompile(`(?s)\s+or\s+0 \* .*?(\)?\s+/|$)`), "$1"},
	{"no services that push", regexp.MustCompile(`or\s+count by \(job\) \(\w+\)\s+`), ""},
	{"the sum over jobs", regexp.MustCompile(`by \(job, `), "by ("},
	{"the sum over the second label", regexp.MustCompile(`by \(job, \w+`), "by (job"},
	{"probes counted", regexp.MustCompile(`endpoint!~"[^"]*",?`), ""},
	{"4xx for 5xx", regexp.MustCompile(`5\.\.`), "4.."},
	{"every status", regexp.MustCompile(`,?status(=|=~|!=)"[^"]*"`), ""},
	{"every reason", regexp.MustCompile(`\{reason!?[=~]+"[^"]*"\}`), ""},
	{"every result", regexp.MustCompile(`,result="[^"]*"`), ""},
	{"every metric", regexp.MustCompile(`\{metric!~"[^"]*"\}`), ""},
	{"an exact bound", regexp.MustCompile(`le=~"([0-9]+)[^"]*"`), `le="$1"`},
	{"the next bucket", regexp.MustCompile(`le=~"[^"]*"`), `le=~"5([.]0)?"`},
	{"another quantile", regexp.MustCompile(`quantile\(0\.95`), "quantile(0.5"},
	{"another quantile over time", regexp.MustCompile(`quantile_over_time\(0\.9`), "quantile_over_time(0.5"},
	{"a factor of ten", regexp.MustCompile(`(300|60) \* `), "${1}0 * "},
	{"another objective", regexp.MustCompile(`0\.99`), "0.9"},
	{"jobs that are not ours", regexp.MustCompile(` and on \(job\) job:tutorflow_application_info:present1d`), ""},
	{"part and whole exchanged", regexp.MustCompile(`(?s)^(\S+) / \((\S+) > 0\)`), "$2 / ($1 > 0)"},
	{"the other label of the Operator", regexp.MustCompile(`exported_endpoint`), "exported_pod"},
	{"the other other label of the Operator", regexp.MustCompile(`exported_service`), "exported_pod"},
	{"one minus nothing", regexp.MustCompile(`^1 - `), ""},
}

// defectsOfRecord returns what can be wrong with a recorded series.
func defectsOfRecord(r rulefmt.Rule) (defects []defect) {
	for _, slip := range slips {
		at := slip.find.FindStringSubmatchIndex(r.Expr)
		if at == nil {
			continue
		}
		wrong := slip.find.ExpandString(nil, slip.put, r.Expr, at)
		mutant := r
		mutant.Expr = r.Expr[:at[0]] + string(wrong) + r.Expr[at[1]:]
		defects = append(defects, defect{slip.name, mutant})
	}
	return defects
}

func copied(m map[string]string) map[string]string {
	n := make(map[string]string, len(m))
	for k, v := range m {
		n[k] = v
	}
	return n
}
