// Command generate writes the dashboards of package dashboards, one JSON file
// each. The thresholds and the address of the runbooks are the flags of
// alerting/generate: give both the same.
//
// Usage:
//
//	go run ./dashboards/generate [-runbooks URL] [-THRESHOLD VALUE]… -out DIR
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/tutorflow/observability/alerting/alerts"
	"github.com/tutorflow/observability/dashboards/internal/boards"
	"github.com/tutorflow/observability/dashboards/internal/grafana"
)

func main() {
	thresholds := alerts.Defaults()
	alerts.Flags(flag.CommandLine, &thresholds)
	runbooks := flag.String("runbooks", alerts.RunbookURL, "`URL` of the folder that holds the runbooks")
	out := flag.String("out", "json", "`directory` to write to")
	flag.Parse()
	if err := generate(*out, thresholds, *runbooks); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func generate(dir string, thresholds alerts.Thresholds, runbooks string) error {
	if err := thresholds.Validate(); err != nil {
		return fmt.Errorf("generate dashboards: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("write dashboards: %w", err)
	}
	for _, d := range boards.All(thresholds, runbooks) {
		data, err := grafana.Marshal(d)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, d.UID+".json"), data, 0o644); err != nil {
			return fmt.Errorf("write dashboard %s: %w", d.UID, err)
		}
	}
	return nil
}
