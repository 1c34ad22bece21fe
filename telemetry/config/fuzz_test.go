package config_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tutorflow/observability/telemetry/config"
)

// settle checks what must hold whatever is configured: it is right, or Relax
// makes it right, and it can be shown.
func settle(t *testing.T, loaded *config.Loaded, err error) {
	t.Helper()
	err = errors.Join(err, loaded.Validate())
	if err != nil {
		if len(err.Error()) > 100_000 {
			t.Errorf("the error has %d bytes", len(err.Error()))
		}
		loaded.Relax(err)
		if err := loaded.Validate(); err != nil {
			t.Errorf("it is still wrong: %v", err)
		}
	}
	var table bytes.Buffer
	if err := loaded.WriteText(&table); err != nil {
		t.Error(err)
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
		loaded, err := config.Load([]string{"OTEL_SERVICE_NAME=test",
			variables[int(one)%len(variables)] + "=" + value, variables[int(other)%len(variables)] + "=" + second})
		settle(t, loaded, err)
	})
}
