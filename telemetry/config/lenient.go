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

// Relax takes back the settings that err is about and switches off the parts
// that they belong to. It returns what it did, a sentence for each, and what
// remains of err: that is not about a setting.
func (l *Loaded) Relax(err error) (done []string, rest error) {
	wrong, others := Errors(err)
	for _, e := range wrong {
		done = append(done, e.Error()+": "+l.relax(e.Key))
	}
	return done, errors.Join(others...)
}

func (l *Loaded) relax(key string) (consequence string) {
	l.reset(key)
	section, rest, _ := strings.Cut(key, ".")
	switch section {
	case "metrics", "traces":
		return l.Off(exporters.Signal(section))
	case "logs":
		if rest == "exporters" || strings.HasPrefix(rest, "batch.") {
			return l.Off(exporters.Logs)
		}
	case "otlp":
		signal, _, _ := strings.Cut(rest, ".")
		var consequences []string
		for _, s := range []exporters.Signal{exporters.Metrics, exporters.Traces, exporters.Logs} {
			if signal != string(s) && slices.Contains([]string{"metrics", "traces", "logs"}, signal) {
				continue
			}
			consequences = append(consequences, l.Leave(s, "otlp"))
		}
		return strings.Join(consequences, ", ")
	case "admin":
		l.Config.Admin = Admin{Host: Default().Admin.Host}
		l.sources["admin.port"] = "off, since " + key + " is wrong"
		return "there is no admin listener"
	}
	return "the default holds"
}

// Off leaves a signal without exporters, and says so.
func (l *Loaded) Off(signal exporters.Signal) (consequence string) {
	*l.exporterList(signal) = []string{exporters.None}
	l.sources[string(signal)+".exporters"] = "off, since a setting is wrong"
	return string(signal) + " are off"
}

// Leave takes one exporter out of those of a signal, and says so.
func (l *Loaded) Leave(signal exporters.Signal, exporter string) (consequence string) {
	list := l.exporterList(signal)
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
