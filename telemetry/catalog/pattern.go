package catalog

import (
	"fmt"
	"strings"
)

// splitPattern takes the method and the path template out of a pattern of
// http.ServeMux. The host is left out, as the OpenTelemetry conventions define
// http.route.
func splitPattern(pattern string) (method, template string) {
	pattern = strings.TrimSpace(pattern)
	if i := strings.IndexAny(pattern, " \t"); i >= 0 {
		method, pattern = pattern[:i], strings.TrimSpace(pattern[i:])
	}
	if i := strings.IndexByte(pattern, '/'); i >= 0 {
		return method, pattern[i:]
	}
	return method, ""
}

// Template returns the route template of a pattern of http.ServeMux.
func Template(pattern string) string {
	_, template := splitPattern(pattern)
	return template
}

// CheckPattern holds a pattern given to Declare to a method that is a label, and
// a template of at most MaxLabelBytes without spaces. Beyond balanced braces the
// syntax of the template is the router's.
func CheckPattern(pattern string) error {
	method, template := splitPattern(pattern)
	words := 1
	if method != "" {
		words = 2
	}
	if template == "" || len(template) > MaxLabelBytes || !balanced(template) ||
		len(strings.Fields(pattern)) != words || strings.TrimSpace(pattern) != pattern ||
		method != "" && ParseMethod(method).Other() {
		return fmt.Errorf("declare route %.140q: allowed are a standard method and a path of at most %d bytes, like %q, or a path alone", pattern, MaxLabelBytes, "GET /bookings/{id}")
	}
	return nil
}

func balanced(template string) bool {
	depth := 0
	for _, r := range template {
		switch r {
		case '{':
			depth++
		case '}':
			depth--
		}
		if depth < 0 {
			return false
		}
	}
	return depth == 0
}
