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
		// A quotient of floats equals no limit, so burn rates have no other side.
		if !strings.Contains(m[1], "burn_rate") {
			other := map[string]string{">": ">=", ">=": ">", "<": "<="}[m[2]]
			add(fmt.Sprintf("%s %s instead of %s", m[1], other, m[2]), replaced(fmt.Sprintf("%s %s %s", m[1], other, m[3])))
		}
		for _, wrong := range wrongs {
			add(fmt.Sprintf("%s %s %g instead of %g", m[1], m[2], wrong, limit), replaced(fmt.Sprintf("%s %s %g", m[1], m[2], wrong)))
		}
		if len(conditions) > 1 {
			rest := append(append([]string(nil), conditions[:i]...), conditions[i+1:]...)
			add("without "+condition, func(r *rulefmt.Rule) { r.Expr = strings.Join(rest, "\nand\n") })
		}
	}
	if len(conditions) > 1 {
		add("one condition is enough", func(r *rulefmt.Rule) { r.Expr = strings.Join(conditions, "\nor\n") })
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

func copied(m map[string]string) map[string]string {
	n := make(map[string]string, len(m))
	for k, v := range m {
		n[k] = v
	}
	return n
}
