package telemetry

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/tutorflow/observability/exporters"
)

var errNothing = errors.New("the factory returned nothing that exports")

// open calls a factory, whose panic is an error. Only the type of its value is
// told: the value may hold a secret.
func open[E any](ctx context.Context, factory func(context.Context, exporters.Settings) (E, error), settings exporters.Settings) (exporter E, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic with a %s", typeName(v))
		}
	}()
	return factory(ctx, settings)
}

// together calls each of stops at the same time.
func together(ctx context.Context, stops ...func(context.Context) error) error {
	errs := make([]error, len(stops))
	var all sync.WaitGroup
	for i, stop := range stops {
		all.Go(func() { errs[i] = stop(ctx) })
	}
	all.Wait()
	return errors.Join(errs...)
}
