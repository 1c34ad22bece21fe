// Command generate writes into each runbook when its alert fires. A team that
// overrides thresholds runs it on its copy of docs/runbooks.
//
// Usage:
//
//	go run ./alerting/internal/runbook/generate [-THRESHOLD VALUE]… -dir DIRECTORY
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/tutorflow/observability/alerting/alerts"
	"github.com/tutorflow/observability/alerting/internal/runbook"
)

func main() {
	thresholds := alerts.Defaults()
	alerts.Flags(flag.CommandLine, &thresholds)
	dir := flag.String("dir", "docs/runbooks", "`directory` of the runbooks")
	flag.Parse()

	if err := generate(*dir, thresholds); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func generate(dir string, thresholds alerts.Thresholds) error {
	if err := thresholds.Validate(); err != nil {
		return fmt.Errorf("generate runbooks: %w", err)
	}
	var problems []error
	for name, generated := range runbook.Files(thresholds) {
		if err := fill(filepath.Join(dir, name), generated); err != nil {
			problems = append(problems, err)
		}
	}
	return errors.Join(problems...)
}

func fill(file, generated string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read runbook: %w", err)
	}
	filled, err := runbook.Fill(string(text), generated)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	if filled == string(text) {
		return nil
	}
	if err := os.WriteFile(file, []byte(filled), 0o644); err != nil {
		return fmt.Errorf("write runbook: %w", err)
	}
	return nil
}
