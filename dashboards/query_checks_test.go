package dashboards_test

import (
	"regexp"
	"slices"
	"strings"

	"github.com/tutorflow/observability/alerting/alerts"
)

var (
	// A selector is a metric with matchers, or matchers on its name; a series is a
	// metric by its looks, with or without them.
	selectorPattern = regexp.MustCompile(`([a-zA-Z_][a-zA-Z0-9_:]*)\{([^}]*)\}`)
	namelessPattern = regexp.MustCompile(`(?:^|[^a-zA-Z0-9_:])\{(__name__[^}]*)\}`)
	seriesPattern   = regexp.MustCompile(`\b(?:tutorflow_\w+|process_\w+|go_\w+|promhttp_\w+|scrape_\w+|\w+:\w+:\w+|ALERTS|up)\b\{?`)
	rangePattern    = regexp.MustCompile(`(\w*)\(([a-zA-Z_][a-zA-Z0-9_:]*)\{[^}]*\}\[([^\]]*)\]`)
	variablePattern = regexp.MustCompile(`\$([a-z]\w*)`)
	stringPattern   = regexp.MustCompile(`"[^"]*"`)
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
	for _, s := range seriesPattern.FindAllString(stringPattern.ReplaceAllString(expr, `""`), -1) {
		if !strings.HasSuffix(s, "{") {
			found = append(found, s+" has no matchers")
		}
	}
	for _, m := range selectorPattern.FindAllStringSubmatch(expr, -1) {
		found = append(found, unscoped(m[1], m[2])...)
	}
	for _, m := range namelessPattern.FindAllStringSubmatch(expr, -1) {
		found = append(found, unscoped("{…}", m[1])...)
	}
	return found
}

// unscoped says which of the chosen labels the matchers of a metric leave out.
func unscoped(name, matchers string) []string {
	labels := []string{"job", "instance"}
	switch {
	case strings.HasPrefix(name, "prometheus_"):
		labels = nil // Prometheus about itself
	case name == "ALERTS":
		labels = []string{"job"}
	case strings.Contains(name, ":"):
		// A recorded series has the labels that its name lists.
		labels = slices.DeleteFunc(labels, func(l string) bool { return !slices.Contains(alerts.LevelOf(name), l) })
	}
	var found []string
	for _, l := range labels {
		if !slices.Contains(strings.Split(matchers, ","), l+`=~"$`+l+`"`) {
			found = append(found, name+" is not limited to the chosen "+l+"s")
		}
	}
	return found
}

// selects reports whether expr reads the metric.
func selects(expr, metric string) bool {
	return slices.ContainsFunc(selectorPattern.FindAllStringSubmatch(expr, -1), func(m []string) bool { return m[1] == metric })
}

// definedVariables wants what queries speak of to be at the top of the dashboard,
// and what is there to be used.
func definedVariables(b *board) []string {
	var found []string
	used := map[string]bool{"datasource": true}
	for where, expr := range b.exprs() {
		for _, m := range variablePattern.FindAllStringSubmatch(expr, -1) {
			used[m[1]] = true
			if !slices.ContainsFunc(b.Templating.List, func(v *variable) bool { return v.Name == m[1] }) {
				found = append(found, where+": $"+m[1]+" is no variable of the dashboard")
			}
		}
	}
	for _, v := range b.Templating.List {
		if !used[v.Name] {
			found = append(found, "no query uses the variable "+v.Name)
		}
	}
	return found
}

// windows wants rates over the interval that fits the resolution, or in a table
// over all of it. Rare events may be counted over a fixed window if the title says
// which.
func windows(b *board) []string {
	named := map[string]string{"1h": "last hour"}
	var found []string
	for _, p := range b.queried() {
		for _, q := range p.Targets {
			for _, m := range rangePattern.FindAllStringSubmatch(q.Expr, -1) {
				switch function, window := m[1], m[3]; {
				case function == "rate" && window == "$__rate_interval":
				case function == "rate" && window == "$__range" && p.Type == "table" && q.Instant:
				case (function == "increase" || function == "changes") && named[window] != "" && strings.Contains(p.Title, named[window]):
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
	if regexp.MustCompile(`(rate|increase)\((sum|max|avg)`).MatchString(expr) {
		found = append(found, "rate of a sum hides resets")
	}
	return found
}

// answers are the panels about what callers get: probes would dilute them.
func answers(expr string) []string {
	judged := strings.Contains(expr, `status=~"5.."`) || strings.Contains(expr, `status=~"4.."`) || strings.Contains(expr, "tutorflow_http_request_duration_seconds_bucket{")
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

// exemplars wants latency to lead to traces, and each query to be of one kind.
func exemplars(b *board) []string {
	var found []string
	for _, p := range b.queried() {
		var latency, asked bool
		for _, q := range p.Targets {
			latency = latency || strings.Contains(q.Expr, "_bucket{")
			asked = asked || q.Exemplar
			if q.Range == q.Instant {
				found = append(found, p.Title+" "+q.RefID+": is neither or both a range and an instant query")
			}
			if q.Range && strings.Contains(q.Expr, "topk(") {
				found = append(found, p.Title+" "+q.RefID+": topk over a range shows others at each instant")
			}
		}
		if latency && (p.Type == "timeseries" || p.Type == "heatmap") && !asked {
			found = append(found, p.Title+": latency without exemplars")
		}
	}
	return found
}
