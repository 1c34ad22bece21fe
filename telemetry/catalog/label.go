package catalog

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// MaxLabelBytes is the longest label value that any series carries.
const MaxLabelBytes = 128

// The values into which unknown ones are folded.
const (
	// OtherMethod replaces an HTTP method that is not one of the nine standard
	// ones; the text is that of the OpenTelemetry HTTP conventions.
	OtherMethod = "_OTHER"
	// UnmatchedEndpoint replaces the path of a request that no route served, and
	// stands for work outside a request.
	UnmatchedEndpoint = "unmatched"
	// Other replaces every other unknown value.
	Other = "other"
)

// EnumLabel is a label whose values are the constants of T.
type EnumLabel[T ~int] struct {
	name   string
	values []string
}

// Enum makes the label called name for the constants of T: the constant 0
// shows as the first value, 1 as the second, as iota counts. A constant outside
// the values is not recorded but counted in
// tutorflow_telemetry_label_overflow_total.
func Enum[T ~int](name string, values ...string) EnumLabel[T] {
	return EnumLabel[T]{name: name, values: slices.Clone(values)}
}

func (l EnumLabel[T]) label() Label { return Label{Name: l.name, Values: l.values} }

func (l EnumLabel[T]) value(v T) string {
	if v < 0 || int(v) >= len(l.values) {
		return Other
	}
	return l.values[v]
}

// validate reports everything that makes the label unfit for Prometheus.
func (l Label) validate() error {
	var errs []error
	if !labelName.MatchString(l.Name) || len(l.Name) > MaxLabelBytes ||
		slices.Contains(reservedLabels(), l.Name) || strings.HasPrefix(l.Name, "otel_") {
		errs = append(errs, fmt.Errorf("label %.140q: allowed are names like %q, other than %q and otel_*", l.Name, "lesson_type", reservedLabels()))
	}
	seen := make(map[string]bool, len(l.Values))
	for _, v := range l.Values {
		switch {
		case v == "" || len(v) > MaxLabelBytes || !utf8.ValidString(v):
			errs = append(errs, fmt.Errorf("label %q value %.140q: allowed are 1 to %d bytes of UTF-8", l.Name, v, MaxLabelBytes))
		case seen[v]:
			errs = append(errs, fmt.Errorf("label %q value %q: given twice, each must be unique", l.Name, v))
		}
		seen[v] = true
	}
	return errors.Join(errs...)
}

// declaredNames reports those of values that a program may not declare as names
// of its own: they are label values that queries spell out.
func declaredNames(label string, values ...string) error {
	var errs []error
	for _, v := range values {
		if !labelName.MatchString(v) || len(v) > MaxLabelBytes {
			errs = append(errs, fmt.Errorf("label %q value %.140q: allowed are at most %d bytes of lower-case words joined by underscores, like %q", label, v, MaxLabelBytes, "toss_payments"))
		}
	}
	return errors.Join(errs...)
}

// LabelValue cuts v to MaxLabelBytes and repairs its UTF-8, so that one bad
// name given by the program cannot cost a scrape.
func LabelValue(v string) string {
	return truncate(v, MaxLabelBytes)
}
