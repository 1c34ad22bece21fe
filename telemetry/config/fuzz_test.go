package config_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tutorflow/observability/telemetry/config"
)

// canary is a part of secrets.
const canary = "c4n4ry"

// settle checks what must hold whatever is configured: it is right, or the error
// names each setting and Relax makes it right, and it can be shown without
// secrets.
func settle(t *testing.T, loaded *config.Loaded, err error) {
	t.Helper()
	err = errors.Join(err, loaded.Validate())
	if err != nil {
		if len(err.Error()) > 100_000 || strings.Contains(err.Error(), canary) || !utf8.ValidString(err.Error()) {
			t.Errorf("the error has %d bytes: %.2000q", len(err.Error()), err)
		}
		settings, others := config.Errors(err)
		for _, e := range settings {
			if e.Key == "" || e.Source == "" || e.Value == "" || e.Allowed == "" {
				t.Errorf("the error does not say what to change: %+v", e)
			}
		}
		for _, e := range others {
			if text := e.Error(); !strings.HasPrefix(text, "configure telemetry: ") && !strings.HasPrefix(text, "read configuration: ") {
				t.Errorf("the error does not say what it is about: %q", text)
			}
		}
		loaded.Relax(err)
		if err := loaded.Validate(); err != nil {
			t.Errorf("it is still wrong: %v", err)
		}
	}
	if err := loaded.Config.Validate(); err != nil {
		t.Errorf("as code it is wrong: %v", err)
	}
	var table bytes.Buffer
	if err := loaded.WriteText(&table); err != nil {
		t.Error(err)
	}
	if strings.Contains(table.String(), canary) || strings.Contains(loaded.String(), canary) {
		t.Errorf("a secret is shown:\n%s", table.String())
	}
	if lines := strings.Count(table.String(), "\n"); lines != len(loaded.Values()) {
		t.Errorf("%d values on %d lines", len(loaded.Values()), lines)
	}
}

func FuzzFile(f *testing.F) {
	for _, text := range []string{"", "service: {name: a}", "metrics: [", "otlp: {headers: {a: \"${B:-c}$$\"}}", "a: &a [*a]", "traces: {limits: {attribute_bytes: 1KiB}}"} {
		f.Add(text)
	}
	path := filepath.Join(f.TempDir(), "telemetry.yaml")
	f.Fuzz(func(t *testing.T, text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		loaded, err := config.Load([]string{config.FileVariable + "=" + path, "OTEL_SERVICE_NAME=test"})
		settle(t, loaded, err)
		again, err := config.Load([]string{config.FileVariable + "=" + path, "OTEL_SERVICE_NAME=test"})
		if settle(t, again, err); !reflect.DeepEqual(again.Config, loaded.Config) {
			t.Errorf("read again it is %+v, before it was %+v", again.Config, loaded.Config)
		}
	})
}

func FuzzEnvironment(f *testing.F) {
	var variables []string
	for _, r := range config.References() {
		variables = append(variables, r.Variables...)
	}
	for i := range variables {
		f.Add(uint8(i), "x=y,1s", uint8(i+1), "http://c")
	}
	f.Fuzz(func(t *testing.T, one uint8, value string, other uint8, second string) {
		first, last := variables[int(one)%len(variables)], variables[int(other)%len(variables)]
		loaded, err := config.Load([]string{"OTEL_SERVICE_NAME=test", first + "=" + withSecret(first, value), last + "=" + withSecret(last, second)})
		settle(t, loaded, err)
	})
}

// withSecret puts the canary where a variable may have a secret.
func withSecret(variable, value string) string {
	switch {
	case strings.HasSuffix(variable, "_HEADERS"):
		return value + "=" + canary
	case strings.HasSuffix(variable, "_TOKEN"):
		return canary + value
	case strings.HasSuffix(variable, "_ENDPOINT"):
		return "http://me:" + canary + "@c" + value
	}
	return value
}
