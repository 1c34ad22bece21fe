package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tutorflow/observability/exporters"
)

// unknownService is the name of a service that has none, as the specification
// of OpenTelemetry has it.
const unknownService = "unknown_service"

// Note is what became of something that is wrong, where telemetry is optional.
type Note struct{ Reason, Consequence string }

// Relax takes back the settings that err is about, and those that are wrong
// then, and switches off the parts that they belong to. It returns what it did,
// and what remains of err: that is not about a setting.
func (l *Loaded) Relax(err error) (done []Note, rest error) {
	wrong, others := Errors(err)
	// What is taken back may show what else is wrong. Each round takes back one
	// setting at least.
	for range l.settings {
		if len(wrong) == 0 {
			break
		}
		for _, e := range wrong {
			done = append(done, Note{e.Error(), l.relax(e.Key)})
		}
		wrong, _ = Errors(l.Validate())
	}
	return done, errors.Join(others...)
}

func (l *Loaded) relax(key string) (consequence string) {
	if !slices.ContainsFunc(l.settings, func(s setting) bool { return s.key == key }) {
		return "it is not read"
	}
	l.reset(key)
	section, rest, _ := strings.Cut(key, ".")
	switch {
	case key == "disabled":
		// Whoever pulls the kill switch means it.
		l.Config.Disabled, l.sources[key] = true, "on, since it is wrong"
		return "telemetry is off"
	case key == "service.name":
		return "the service is called " + unknownService
	case key == "service.attributes":
		// The SDK has no option that keeps it from reading the variable.
		return "the default holds, beside what OpenTelemetry's SDK can read of OTEL_RESOURCE_ATTRIBUTES"
	case key == "metrics.interval" || key == "metrics.timeout":
		return l.onlyScraped()
	case section == "metrics" || section == "traces":
		return l.Off(exporters.Signal(section))
	case key == "logs.exporters" || strings.HasPrefix(key, "logs.batch."):
		return l.Off(exporters.Logs)
	case section == "otlp":
		return l.withoutOTLP(rest)
	case section == "admin":
		l.Config.Admin = Admin{Host: Default().Admin.Host}
		l.sources["admin.port"] = "off, since " + key + " is wrong"
		return "there is no admin listener"
	}
	return "the default holds"
}

// onlyScraped leaves metrics to those who ask for them.
func (l *Loaded) onlyScraped() string {
	var left []string
	for _, name := range slices.Clone(l.Config.Metrics.Exporters) {
		if name != "prometheus" && name != exporters.None {
			left = append(left, l.Leave(exporters.Metrics, name))
		}
	}
	if left == nil {
		return "the default holds"
	}
	return strings.Join(left, ", ")
}

// withoutOTLP leaves otlp out, of one signal where the setting is one of its own.
func (l *Loaded) withoutOTLP(rest string) string {
	own, _, _ := strings.Cut(rest, ".")
	one := slices.Contains(exporters.Signals(), exporters.Signal(own))
	var left []string
	for _, s := range exporters.Signals() {
		if (!one || own == string(s)) && slices.Contains(l.Config.Exporters(s), "otlp") {
			left = append(left, l.Leave(s, "otlp"))
		}
	}
	if left == nil {
		return "nothing goes to otlp"
	}
	return strings.Join(left, ", ")
}

// Off leaves a signal without exporters, and says so.
func (l *Loaded) Off(signal exporters.Signal) (consequence string) {
	*l.Config.exporterList(signal) = []string{exporters.None}
	l.sources[string(signal)+".exporters"] = "off, since a setting is wrong"
	return string(signal) + " are off"
}

// Leave takes one exporter out of those of a signal, and says so.
func (l *Loaded) Leave(signal exporters.Signal, exporter string) (consequence string) {
	list := l.Config.exporterList(signal)
	if slices.Contains(*list, exporter) {
		*list = slices.DeleteFunc(slices.Clone(*list), func(s string) bool { return s == exporter })
		if len(*list) == 0 {
			*list = []string{exporters.None}
		}
		l.sources[string(signal)+".exporters"] = "without " + exporter + ", since a setting is wrong"
	}
	return fmt.Sprintf("%s do not go to %s", signal, exporter)
}

// reset gives a setting its default, and those of a batch theirs, since they
// must fit together.
func (l *Loaded) reset(key string) {
	defaults := Default()
	defaults.Service.Name = unknownService
	batch, _, _ := strings.Cut(key, ".batch.")
	for _, s := range l.settings {
		if s.key == key || batch != key && strings.HasPrefix(s.key, batch+".batch.") {
			s.field(&l.Config).Set(s.field(&defaults))
			l.sources[s.key] = SourceDefault
		}
	}
}
