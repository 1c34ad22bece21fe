package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Error is a setting that is wrong.
type Error struct {
	// Key is the setting, as a file names it.
	Key string
	// Source says who set it: a variable, a line of a file, or code.
	Source string
	// Value is what it was set to, cut, and never a secret.
	Value string
	// Allowed is what it may be set to.
	Allowed string
}

// Error names the setting, where its value came from, the value, and what is
// allowed.
func (e *Error) Error() string {
	return fmt.Sprintf("configure telemetry: %s (%s) is %s, allowed is %s", e.Key, e.Source, e.Value, e.Allowed)
}

// hidden stands for the value of a secret, as it does in log lines.
const hidden = "[REDACTED]"

func quote(value string) string { return fmt.Sprintf("%.100q", value) }

// Errors are all the errors about settings in err. The others are what remains.
func Errors(err error) (settings []*Error, others []error) {
	if err == nil {
		return nil, nil
	}
	var one *Error
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			s, o := Errors(e)
			settings, others = append(settings, s...), append(others, o...)
		}
		return settings, others
	}
	if errors.As(err, &one) {
		return []*Error{one}, nil
	}
	return nil, []error{err}
}

// join makes one error of many, in the order of their texts, each once.
func join(errs []error) error {
	errs = slices.DeleteFunc(slices.Clone(errs), func(e error) bool { return e == nil })
	slices.SortStableFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(slices.CompactFunc(errs, func(a, b error) bool { return a.Error() == b.Error() })...)
}
