package exporters

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Select returns the factories that names choose for signal, in the order of
// the names. "none" alone chooses nothing. All that is wrong is in one error:
// an unknown name, one that does not carry the signal, one given twice, "none"
// beside another.
func Select(signal Signal, names []string, from []Factory) ([]Factory, error) {
	var chosen []Factory
	var errs []error
	for i, name := range names {
		at := slices.IndexFunc(from, func(f Factory) bool { return f.Name == name })
		switch {
		case slices.Contains(names[:i], name):
			errs = append(errs, fmt.Errorf("select %s exporter %.64q: given twice", signal, name))
		case name == None && len(names) > 1:
			errs = append(errs, fmt.Errorf("select %s exporter %q: allowed only alone, not in %.200q", signal, name, strings.Join(names, ",")))
		case name == None:
		case at < 0 || !from[at].Carries(signal):
			errs = append(errs, fmt.Errorf("select %s exporter %.64q: allowed are %s; others are added by telemetry.WithExporters", signal, name, strings.Join(allowed(signal, from), ", ")))
		default:
			chosen = append(chosen, from[at])
		}
	}
	if len(names) == 0 {
		errs = append(errs, fmt.Errorf("select %s exporter \"\": allowed are %s", signal, strings.Join(allowed(signal, from), ", ")))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return chosen, nil
}

// Check reports what is wrong with a list of factories: names that are empty,
// reserved or given twice.
func Check(factories []Factory) error {
	var errs []error
	for i, f := range factories {
		switch {
		case f.Name == "" || f.Name == None || strings.ContainsAny(f.Name, ", "):
			errs = append(errs, fmt.Errorf("register exporter %q: name: allowed is one word other than %q", f.Name, None))
		case f.Metrics == nil && f.Traces == nil && f.Logs == nil:
			errs = append(errs, fmt.Errorf("register exporter %q: carries no signal", f.Name))
		case slices.ContainsFunc(factories[:i], func(other Factory) bool { return other.Name == f.Name }):
			errs = append(errs, fmt.Errorf("register exporter %q: name: given twice", f.Name))
		}
	}
	return errors.Join(errs...)
}

func allowed(signal Signal, from []Factory) []string {
	names := []string{}
	for _, f := range from {
		if f.Carries(signal) {
			names = append(names, f.Name)
		}
	}
	return append(names, None)
}
