package config

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

// FileVariable names the file; without it DefaultFile is read where there is
// one.
const (
	FileVariable = "TUTORFLOW_TELEMETRY_FILE"
	DefaultFile  = "telemetry.yaml"
)

// The sources that are no variable and no line of a file.
const (
	SourceDefault = "default"
	SourceCode    = "code"
)

// Loaded is a configuration that knows where each of its values came from. It is
// not safe for concurrent use.
type Loaded struct {
	Config Config
	// Unread are variables that are set, that look like ours, and that nothing here
	// reads, like misspelt ones.
	Unread []string

	settings []setting
	sources  map[string]string
}

// From returns what Loaded knows of a configuration that code made.
func From(c Config) *Loaded {
	l := &Loaded{Config: Default(), settings: settings(), sources: make(map[string]string)}
	l.Change(func(to *Config) { *to = c })
	return l
}

// Load returns Default, changed by a file, and that changed by environ, which is
// written like os.Environ. A variable that is empty counts as unset, as the
// specification of OpenTelemetry demands.
//
// Everything that is wrong is in one error, of which Errors gives the parts; the
// configuration is usable all the same and lacks what was wrong. Values are
// checked by Validate, when code has had its say.
func Load(environ []string) (*Loaded, error) {
	l := &Loaded{Config: Default(), settings: settings(), sources: make(map[string]string)}
	variables := make(map[string]string)
	for _, pair := range environ {
		if name, value, _ := strings.Cut(pair, "="); strings.TrimSpace(value) != "" {
			variables[name] = value
		}
	}
	return l, join([]error{l.file(variables), l.environment(variables)})
}

func (l *Loaded) file(variables map[string]string) error {
	name, named := variables[FileVariable]
	if !named {
		name = DefaultFile
	}
	entries, err := readFile(name, func(v string) (string, bool) { value, set := variables[v]; return value, set })
	if errors.Is(err, os.ErrNotExist) && !named {
		return nil
	}
	errs := []error{err}
	for _, s := range l.settings {
		e, given := entries[s.key]
		if !given {
			continue
		}
		source := fmt.Sprintf("%s:%d", name, e.line)
		if err := s.read(&l.Config, e.raw); err != nil {
			errs = append(errs, s.wrong(source, e.raw, err))
			continue
		}
		l.sources[s.key] = source
	}
	return errors.Join(errs...)
}

func (l *Loaded) environment(variables map[string]string) error {
	var errs []error
	read := map[string]bool{FileVariable: true}
	for _, s := range l.settings {
		for _, name := range s.variables {
			read[name] = true
			text, set := variables[name]
			if !set {
				continue
			}
			if err := s.read(&l.Config, raw{text: text}); err != nil {
				errs = append(errs, s.wrong(name, raw{text: text}, err))
				continue
			}
			l.sources[s.key] = name
		}
	}
	l.nameService()
	if l.Config.Admin.Port == 0 && l.sources["admin.host"] != "" && l.sources["admin.port"] == "" {
		// The default of the specification.
		l.Config.Admin.Port, l.sources["admin.port"] = 9464, l.sources["admin.host"]
	}
	for name := range variables {
		if ours(name) && !read[name] {
			l.Unread = append(l.Unread, name)
		}
	}
	slices.Sort(l.Unread)
	return errors.Join(errs...)
}

// ours reports whether a variable is meant for telemetry. A service may have
// others that begin with TUTORFLOW_.
func ours(name string) bool {
	// OTEL_GO_X_ are experiments of the SDK, which reads them itself.
	return !strings.HasPrefix(name, "OTEL_GO_X_") && slices.ContainsFunc([]string{"OTEL_", "TUTORFLOW_TELEMETRY_", "TUTORFLOW_ADMIN_", "TUTORFLOW_HTTP_", "TUTORFLOW_LOG_", "TUTORFLOW_TRUSTED_"},
		func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

// nameService takes the attributes that name the service out of those of the
// environment, for where nothing else has named it.
func (l *Loaded) nameService() {
	source := l.sources["service.attributes"]
	if source != "OTEL_RESOURCE_ATTRIBUTES" {
		return
	}
	attributes := maps.Clone(l.Config.Service.Attributes)
	for _, known := range []struct {
		attribute, key string
		field          *string
	}{
		{"service.name", "service.name", &l.Config.Service.Name},
		{"service.version", "service.version", &l.Config.Service.Version},
		{"deployment.environment", "service.environment", &l.Config.Service.Environment},
		{"deployment.environment.name", "service.environment", &l.Config.Service.Environment},
	} {
		value, given := attributes[known.attribute]
		delete(attributes, known.attribute)
		// The environment is above the file, a variable of its own above this one.
		if by := l.sources[known.key]; given && value != "" && (by == "" || by == source || strings.Contains(by, ":")) {
			*known.field, l.sources[known.key] = value, source
		}
	}
	// An attribute whose source has nothing to say.
	maps.DeleteFunc(attributes, func(_, value string) bool { return value == "" })
	if len(attributes) == 0 {
		attributes = nil
	}
	l.Config.Service.Attributes = attributes
}

// Change has code change the configuration, and remembers what it changed.
func (l *Loaded) Change(change func(*Config)) {
	before := make([]string, len(l.settings))
	for i, s := range l.settings {
		before[i] = s.show(&l.Config)
	}
	change(&l.Config)
	for i, s := range l.settings {
		if s.show(&l.Config) != before[i] {
			l.sources[s.key] = SourceCode
		}
	}
}

// Source returns who set a setting: a variable, FILE:LINE, SourceCode or
// SourceDefault, or why it is not what they said.
func (l *Loaded) Source(key string) string {
	if s := l.sources[key]; s != "" {
		return s
	}
	return SourceDefault
}
