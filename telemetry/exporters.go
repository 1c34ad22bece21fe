package telemetry

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/telemetry/config"
	"github.com/tutorflow/observability/telemetry/internal/export"
)

var errNothing = errors.New("the factory returned nothing that exports")

// open calls a factory, whose panic is an error. Only the type of its value is
// told: the value may hold a secret.
func open[E any](ctx context.Context, factory func(context.Context, exporters.Settings) (E, error), settings exporters.Settings) (exporter E, err error) {
	defer recovered(&err)
	return factory(ctx, settings)
}

// check asks a factory about settings. Its panic is an error as well.
func check(f exporters.Factory, signal exporters.Signal, settings exporters.Settings) (err error) {
	if f.Check == nil {
		return nil
	}
	defer recovered(&err)
	return f.Check(signal, settings)
}

// recovered is deferred by what calls code that is not ours.
func recovered(err *error) {
	if v := recover(); v != nil {
		*err = fmt.Errorf("panic with a %s", typeName(v))
	}
}

// settings are those of every exporter of signal.
func (t *Telemetry) settings(signal exporters.Signal, report *export.Report) exporters.Settings {
	return exporters.Settings{OTLP: t.config.OTLP.For(signal), Rejected: report.Rejected, Failed: t.errors.Handle}
}

// opening is the error of an exporter that was not opened. Those of this module
// say so themselves.
func opening(f exporters.Factory, signal exporters.Signal, err error) error {
	if prefix := "open " + f.Name + " exporter"; !strings.HasPrefix(err.Error(), prefix) {
		return fmt.Errorf("%s for %s: %w", prefix, signal, err)
	}
	return err
}

// limits are those of a batch processor, whose texts are cut to textSize bytes.
func limits(b config.Batch, textSize int) export.Limits {
	return export.Limits{Timeout: b.Timeout, QueueSize: b.Queue, BatchSize: b.Size, Delay: b.Delay, TextSize: textSize}
}

// together calls each of stops at the same time.
func together(ctx context.Context, stops ...func(context.Context) error) error {
	errs := make([]error, len(stops))
	var all sync.WaitGroup
	for i, stop := range stops {
		all.Go(func() { errs[i] = contained(ctx, stop) })
	}
	all.Wait()
	return errors.Join(errs...)
}
