package dashboards_test

import (
	"regexp"
	"slices"
	"strings"
)

var (
	// A selector is a metric with matchers; a series is a metric by its looks,
	// with or without them.
	selectorPattern = regexp.MustCompile(`([a-zA-Z_][a-zA-Z0-9_:]*)\{([^}]*)\}`)
	seriesPattern   = regexp.MustCompile(`\b(?:tutorflow_\w+|process_\w+|go_\w+|\w+:\w+:\w+|ALERTS)\b\{?`)
	rangePattern    = regexp.MustCompile(`(\w*)\(([a-zA-Z_][a-zA-Z0-9_:]*)\{[^}]*\}\[([^\]]*)\]`)
	variablePattern = regexp.MustCompile(`\$([a-z]\w*)`)
)

// eachQuery runs f on every query and says where it stands.
func eachQuery(f func(expr string) []string) check {
	return func(b *board) []string {
		var found []string
		for where, expr := range b.exprs() {
			for _, problem := range f(expr) {
				found = append(found, where+": "+problem)
			}
		}
		return found
	}
}

func scopedToVariables(expr string) []string {
	var found []string
	for _, s := range seriesPattern.FindAllString(expr, -1) {
		if !strings.HasSuffix(s, "{") {
			found = append(found, s+" has no matchers")
		}
	}
	for _, m := range selectorPattern.FindAllStringSubmatch(expr, -1) {
		name, matchers := m[1], strings.Split(m[2], ",")
		if !slices.Contains(matchers, `job=~"$job"`) {
			found = append(found, name+" is not limited to the chosen jobs")
		}
		// Series recorded per job have no instance to choose.
		if strings.HasPrefix(name, "job:") || name == "ALERTS" {
			continue
		}
		if !slices.Contains(matchers, `instance=~"$instance"`) {
			found = append(found, name+" is not limited to the chosen instances")
		}
	}
	return found
}

func definedVariables(b *board) []string {
	var found []string
	for where, expr := range b.exprs() {
		for _, m := range variablePattern.FindAllStringSubmatch(expr, -1) {
			if !slices.ContainsFunc(b.Templating.List, func(v *variable) bool { return v.Name == m[1] }) {
				found = append(found, where+": $"+m[1]+" is no variable of the dashboard")
			}
		}
	}
	return found
}

// windows wants rates over the interval that fits the resolution. Rare events
// may be counted over a fixed window if the title says which.
func windows(b *board) []string {
	named := map[string]string{"1h": "last hour", "15m": "15 minutes"}
	var found []string
	for _, p := range b.data() {
		for _, q := range p.Targets {
			for _, m := range rangePattern.FindAllStringSubmatch(q.Expr, -1) {
				switch function, window := m[1], m[3]; {
				case function == "rate" && window == "$__rate_interval":
				case function == "increase" && named[window] != "" && strings.Contains(p.Title, named[window]):
				default:
					found = append(found, p.Title+": "+function+" over ["+window+"]")
				}
			}
		}
	}
	return found
}

func queryTraps(expr string) []string {
	var found []string
	if strings.Contains(expr, "vector(0)") {
		found = append(found, "vector(0) calls a dead service healthy")
	}
	if strings.Contains(expr, "histogram_quantile(") && !regexp.MustCompile(`histogram_quantile\([0-9.]+, sum by \((\w+, )*le\) \(rate\(`).MatchString(expr) {
		found = append(found, "quantile is not over sum by (…, le) (rate(…))")
	}
	if strings.Contains(expr, "histogram_quantile(") && !strings.HasSuffix(expr, ") >= 0") {
		found = append(found, "quantile prints NaN while idle")
	}
	if strings.Contains(expr, " / ") && !strings.HasSuffix(expr, " > 0)") {
		found = append(found, "division by what may be 0")
	}
	if regexp.MustCompile(`rate\((sum|max|avg)`).MatchString(expr) {
		found = append(found, "rate of a sum hides resets")
	}
	return found
}

// answers are the panels about what callers get: probes would dilute them.
func answers(expr string) []string {
	judged := strings.Contains(expr, `status=~"5.."`) || strings.Contains(expr, "tutorflow_http_request_duration_seconds_bucket{")
	if !judged {
		return nil
	}
	var found []string
	for _, m := range selectorPattern.FindAllStringSubmatch(expr, -1) {
		if strings.HasPrefix(m[1], "tutorflow_http_request") && !strings.Contains(m[2], `endpoint!~"/health(/.*)?|/metrics"`) {
			found = append(found, "probes are counted")
		}
	}
	return found
}

func exemplars(b *board) []string {
	var found []string
	for _, p := range b.data() {
		var latency, asked bool
		for _, q := range p.Targets {
			latency = latency || strings.Contains(q.Expr, "_bucket{")
			asked = asked || q.Exemplar
			if q.Range == q.Instant {
				found = append(found, p.Title+" "+q.RefID+": is neither or both a range and an instant query")
			}
		}
		if latency && p.Type == "timeseries" && !asked {
			found = append(found, p.Title+": latency without exemplars")
		}
	}
	return found
}

// units wants the unit to follow from the query.
func units(b *board) []string {
	known := []string{"reqps", "cps", "cpm", "s", "percentunit", "short"}
	var found []string
	for _, p := range b.data() {
		unit := p.FieldConfig.Defaults.Unit
		if !slices.Contains(known, unit) {
			found = append(found, p.Title+": unit "+unit+" is unknown")
		}
		for _, q := range p.Targets[:1] {
			want := unit
			switch {
			case strings.Contains(q.Expr, "histogram_quantile("), strings.Contains(q.Expr, "_seconds"):
				want = "s"
			case strings.Contains(q.Expr, " / "), strings.Contains(q.Expr, "ratio5m"), strings.Contains(q.Expr, "utilization"):
				want = "percentunit"
			case strings.HasPrefix(q.Expr, "60 * "):
				want = "cpm"
			case strings.Contains(q.Expr, "rate("):
				if unit != "reqps" && unit != "cps" {
					want = "reqps or cps"
				}
			default:
				want = "short"
			}
			if unit != want {
				found = append(found, p.Title+": unit "+unit+", the query gives "+want)
			}
		}
	}
	return found
}
