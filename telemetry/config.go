package telemetry

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"

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
// chooses the exporters. Where telemetry is optional or disabled, what is wrong
// is switched off and told in notes.
func (t *Telemetry) configure(before error) (use chosen, notes []config.Note, err error) {
	l := t.loaded
	if l.Config.Service.Revision == "" {
		l.Config.Service.Revision = buildRevision()
	}
	if l.Config.Service.Environment == "" {
		l.Config.Service.Environment = DefaultConfig().Service.Environment
	}
	lenient := l.Config.Optional || l.Config.Disabled
	note := func(err error, consequence string) {
		notes = append(notes, config.Note{Reason: err.Error(), Consequence: consequence})
	}

	// Before anything is taken back, so that everything is told.
	use = make(chosen)
	var errs []error
	factories := t.factories()
	for _, signal := range exporters.Signals() {
		if use[signal], err = t.choose(signal, factories); err != nil && lenient {
			note(err, l.Off(signal))
		} else {
			errs = append(errs, err)
		}
	}
	wrong := errors.Join(before, l.Validate())
	if lenient {
		told, rest := l.Relax(wrong)
		if notes = append(notes, told...); rest != nil {
			note(rest, "it is not read")
		}
		wrong = l.Validate()
	}
	errs = append(errs, wrong, t.options.validate())

	for signal, found := range use {
		use[signal] = slices.DeleteFunc(found, func(f exporters.Factory) bool { return !slices.Contains(l.Config.Exporters(signal), f.Name) })
	}
	if wrong == nil && l.Config.Admin.Port != 0 {
		if err := adminConfig(l.Config.Admin).Check(); err != nil && lenient {
			told, _ := l.Relax(&config.Error{Key: "admin.certificate"})
			note(err, told[0].Consequence)
		} else {
			errs = append(errs, err)
		}
	}
	if wrong == nil && !l.Config.Disabled { // their settings are known to be right as far as they are ours
		errs = append(errs, t.checkExporters(use, lenient, note))
	}
	if l.Config.Disabled {
		for signal := range use {
			use[signal] = nil
		}
	}
	t.config = l.Config
	t.instance = newInstance(t.config)
	return use, notes, errors.Join(errs...)
}

// checkExporters has each exporter look at its settings, and leaves out those
// with a complaint where that is only to be noted.
func (t *Telemetry) checkExporters(use chosen, lenient bool, note func(error, string)) error {
	var errs []error
	for signal, found := range use {
		use[signal] = slices.DeleteFunc(found, func(f exporters.Factory) bool {
			err := check(f, signal, exporters.Settings{OTLP: t.loaded.Config.OTLP.For(signal)})
			if err == nil {
				return false
			}
			err = opening(f, signal, err)
			if lenient {
				note(err, t.loaded.Leave(signal, f.Name))
			} else {
				errs = append(errs, err)
			}
			return true
		})
	}
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(errs...)
}

// choose returns the exporters of signal. Log lines are on the console whether
// it is named or not.
func (t *Telemetry) choose(signal exporters.Signal, from []exporters.Factory) ([]exporters.Factory, error) {
	console := slices.IndexFunc(from, func(f exporters.Factory) bool { return f.Name == stdout.Name && f.Logs == nil })
	stands := signal == exporters.Logs && console >= 0
	if stands {
		from = slices.Clone(from)
		from[console].Logs = func(context.Context, exporters.Settings) (sdklog.Exporter, error) { return nil, nil }
	}
	found, err := exporters.Select(signal, t.loaded.Config.Exporters(signal), from)
	if err != nil {
		key := string(signal) + ".exporters"
		return nil, fmt.Errorf("configure telemetry: %s (%s): %w", key, t.loaded.Source(key), err)
	}
	return slices.DeleteFunc(found, func(f exporters.Factory) bool { return stands && f.Name == stdout.Name }), nil
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
