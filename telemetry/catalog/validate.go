package catalog

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Names are held to what the Prometheus exporter leaves unchanged under its
// default translation strategy: anything else would show under another name
// there than here.
var (
	metricName = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)+$`)
	labelName  = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)
)

// reservedLabels are those that a scrape or the exposition format sets itself.
func reservedLabels() []string { return []string{"job", "instance", "le", "quantile"} }

// reservedPrefixes belong to other sources on the same scrape.
func reservedPrefixes() []string {
	return []string{"go_", "process_", "promhttp_", "scrape_", "target_", "otel_", "http_server_"}
}

// problems lists everything that is wrong with the definition; a nil error in it
// is none.
func (d Definition) problems() []error {
	errs := []error{d.validateName()}
	if strings.TrimSpace(d.Description) == "" || !utf8.ValidString(d.Description) {
		errs = append(errs, fmt.Errorf("description %.140q: must say what is measured, in UTF-8", d.Description))
	}
	seen := make(map[string]bool, len(d.Labels))
	for _, l := range d.Labels {
		errs = append(errs, l.validate())
		if seen[l.Name] {
			errs = append(errs, fmt.Errorf("label %q: given twice, each must be unique", l.Name))
		}
		seen[l.Name] = true
	}
	if d.Kind == KindHistogram {
		errs = append(errs, validateBuckets(d.Buckets))
	}
	return errs
}

func (d Definition) validateName() error {
	counts := strings.HasSuffix(d.Name, "_total")
	switch {
	case !metricName.MatchString(d.Name) || len(d.Name) > MaxLabelBytes:
		return fmt.Errorf("name: allowed are at most %d bytes of lower-case words joined by single underscores, like tutorflow_lessons_total", MaxLabelBytes)
	case slices.ContainsFunc(reservedPrefixes(), func(p string) bool { return strings.HasPrefix(d.Name, p) }):
		return fmt.Errorf("name: the prefixes %q belong to other sources", reservedPrefixes())
	case counts != (d.Kind == KindCounter):
		return fmt.Errorf("name: the ending _total is for counters and for them alone, this is a %s", d.Kind)
	case strings.Contains("_"+strings.TrimSuffix(d.Name, "_total")+"_", "_total_"):
		return errors.New("name: the word total may only come last")
	}
	for _, suffix := range []string{"_bucket", "_count", "_sum", "_info", "_created"} {
		if strings.HasSuffix(d.Name, suffix) && d.Name != ApplicationInfo {
			return fmt.Errorf("name: the ending %s belongs to the exposition format", suffix)
		}
	}
	return nil
}

func validateBuckets(bounds []float64) error {
	if len(bounds) == 0 {
		return errors.New("buckets []: a histogram needs at least one upper bound")
	}
	for i, b := range bounds {
		if math.IsNaN(b) || math.IsInf(b, 0) || i > 0 && b <= bounds[i-1] {
			return fmt.Errorf("buckets %v: must be finite and strictly increasing", bounds)
		}
	}
	return nil
}

func truncate(s string, most int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= most {
		return s
	}
	s = s[:most]
	for !utf8.ValidString(s) {
		s = s[:len(s)-1]
	}
	return s
}

// unitOf reads the unit off a name that ends in a base unit of Prometheus, so
// that name and unit cannot disagree.
func unitOf(name string) string {
	switch name = strings.TrimSuffix(name, "_total"); {
	case strings.HasSuffix(name, "_seconds"):
		return "s"
	case strings.HasSuffix(name, "_bytes"):
		return "By"
	}
	return ""
}
