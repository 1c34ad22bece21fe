package catalog

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"
)

// ExternalService declares a service that the program calls, with the names of
// the operations it uses, at least one. Names are lower-case words joined by
// underscores.
type ExternalService struct {
	Name       string
	Operations []string
}

// TutorFlowServices are the services that TutorFlow calls; they come declared.
func TutorFlowServices() []ExternalService {
	return []ExternalService{
		{Name: "kakao_oauth", Operations: []string{"token", "user_info"}},
		{Name: "toss_payments", Operations: []string{"confirm", "cancel"}},
		{Name: "kakao_alimtalk", Operations: []string{"send"}},
	}
}

// ExternalServices counts and times calls to declared services.
type ExternalServices struct {
	calls     *vector
	durations *histogram
	folded    *overflow
	declared  map[externalCall]*externalSeries
}

type externalCall struct{ service, operation string }

type externalSeries struct {
	calls    []*cell
	duration *histogramSeries
}

// ExternalServices makes the instruments of external calls for the declared
// services; all series start at 0. Each service also has the operation other,
// and there is a service other, for calls that were not declared. Declaring a
// service twice adds up its operations.
func (m *Meter) ExternalServices(services ...ExternalService) (*ExternalServices, error) {
	declared := make(map[string][]string)
	var order []string
	var errs error
	for _, s := range services {
		if len(s.Operations) == 0 {
			errs = errors.Join(errs, fmt.Errorf("service %.140q: operations []: at least one is needed", s.Name))
		}
	}
	for _, s := range append(slices.Clone(services), ExternalService{Name: Other}) {
		if _, known := declared[s.Name]; !known {
			order = append(order, s.Name)
		}
		declared[s.Name] = append(declared[s.Name], s.Operations...)
	}
	pairs := 0
	for _, name := range order {
		operations := append(declared[name], Other)
		slices.Sort(operations)
		declared[name] = slices.Compact(operations)
		pairs += len(declared[name])
		errs = errors.Join(errs,
			declaredNames("service", name), declaredNames("operation", declared[name]...))
	}
	if most := MaxSeries / len(callStatus().values); pairs > most {
		errs = errors.Join(errs, fmt.Errorf("operations: %d, allowed are %d", pairs, most))
	}
	if errs != nil {
		return nil, fmt.Errorf("declare external services: %w", errs)
	}
	return m.externalServices(order, declared)
}

func (m *Meter) externalServices(order []string, operations map[string][]string) (*ExternalServices, error) {
	calls, err := m.vector(ExternalServiceCalls)
	d, _ := Lookup(ExternalServiceDuration)
	err = errors.Join(err, m.claim(d))
	if err != nil {
		return nil, err
	}
	durations, err := m.histogram(d)
	if err != nil {
		return nil, err
	}
	x := &ExternalServices{calls: calls, durations: durations, folded: m.overflow(ExternalServiceCalls,
		"a service or an operation is not declared; see ExternalService"),
		declared: make(map[externalCall]*externalSeries)}
	for _, service := range order {
		for _, operation := range operations[service] {
			s := &externalSeries{duration: durations.add(attribute.String("service", service), attribute.String("operation", operation))}
			for _, status := range callStatus().values {
				s.calls = append(s.calls, calls.cell(service, operation, status))
			}
			x.declared[externalCall{service, operation}] = s
		}
	}
	return x, nil
}

// Declared reports whether the service was declared.
func (x *ExternalServices) Declared(service string) bool {
	return x.declared[externalCall{service, Other}] != nil
}

// Record counts one call and records its duration. An operation, or a service,
// that was not declared is folded to other, and a status that does not exist to
// CallError; both are counted as overflow.
func (x *ExternalServices) Record(ctx context.Context, service, operation string, status CallStatus, took time.Duration) {
	s := x.declared[externalCall{service, operation}]
	if s == nil {
		x.folded.count()
		if s = x.declared[externalCall{service, Other}]; s == nil {
			s = x.declared[externalCall{Other, Other}]
		}
	}
	if status < 0 || int(status) >= len(s.calls) {
		x.folded.count()
		status = CallError
	}
	s.calls[status].value.Add(1)
	s.duration.record(ctx, took.Seconds())
}
