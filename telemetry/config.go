package telemetry

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"

	sdklog "go.opentelemetry.io/otel/sdk/log"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/exporters/stdout"
	"github.com/tutorflow/observability/telemetry/config"
)

// Config is everything about the telemetry that a deployer may want to set; see
// package config.
type Config = config.Config

// Service names the program that is observed. An empty field is taken from the
// file or the environment, and Revision from the version control system by way
// of the build information.
type Service = config.Service

// DefaultConfig returns the configuration of a service that is scraped: metrics
// for Prometheus, no spans, logs on stdout.
func DefaultConfig() Config { return config.Default() }

// chosen are the exporters that the configuration names, by signal.
type chosen map[exporters.Signal][]exporters.Factory

// configure checks the configuration, what was wrong before included, and
// chooses the exporters. Where telemetry is optional, what is wrong is switched
// off and told in notes.
func (t *Telemetry) configure(before error) (use chosen, notes []string, err error) {
	l := t.loaded
	if l.Config.Service.Revision == "" {
		l.Config.Service.Revision = buildRevision()
	}
	if l.Config.Service.Environment == "" {
		l.Config.Service.Environment = DefaultConfig().Service.Environment
	}
	err = errors.Join(before, l.Validate())
	if l.Config.Optional {
		var rest error
		notes, rest = l.Relax(err)
		if rest != nil {
			notes = append(notes, rest.Error()+": it is not read")
		}
		err = l.Validate()
	}
	errs := []error{err, t.options.validate()}

	use = make(chosen)
	factories := t.factories()
	for _, signal := range []exporters.Signal{exporters.Metrics, exporters.Traces, exporters.Logs} {
		found, err := t.choose(signal, factories)
		if err != nil && l.Config.Optional {
			notes = append(notes, err.Error()+": "+l.Off(signal))
			found, err = nil, nil
		}
		errs = append(errs, err)
		for _, f := range found {
			if err := t.check(f, signal); err != nil && l.Config.Optional {
				notes = append(notes, err.Error()+": "+l.Leave(signal, f.Name))
			} else if err != nil {
				errs = append(errs, err)
			} else {
				use[signal] = append(use[signal], f)
			}
		}
	}
	t.config = l.Config
	t.instance = newInstance(t.config)
	return use, notes, errors.Join(errs...)
}

// choose returns the exporters of signal. Log lines are on the console whether
// it is named or not.
func (t *Telemetry) choose(signal exporters.Signal, from []exporters.Factory) ([]exporters.Factory, error) {
	c := &t.loaded.Config
	names := map[exporters.Signal][]string{exporters.Metrics: c.Metrics.Exporters, exporters.Traces: c.Traces.Exporters, exporters.Logs: c.Logs.Exporters}[signal]
	console := slices.IndexFunc(from, func(f exporters.Factory) bool { return f.Name == stdout.Name && f.Logs == nil })
	if signal != exporters.Logs || console < 0 {
		return exporters.Select(signal, names, from)
	}
	from = slices.Clone(from)
	from[console].Logs = func(context.Context, exporters.Settings) (sdklog.Exporter, error) { return nil, nil }
	found, err := exporters.Select(signal, names, from)
	return slices.DeleteFunc(found, func(f exporters.Factory) bool { return f.Name == stdout.Name }), err
}

// check has an exporter look at its settings for signal.
func (t *Telemetry) check(f exporters.Factory, signal exporters.Signal) error {
	if f.Check == nil {
		return nil
	}
	if err := f.Check(signal, exporters.Settings{OTLP: t.loaded.Config.OTLP.For(signal)}); err != nil {
		return fmt.Errorf("check %s exporter for %s: %w", f.Name, signal, err)
	}
	return nil
}

// buildRevision is the commit that the program was built from, if the build
// knew it.
func buildRevision() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			return setting.Value
		}
	}
	return ""
}
