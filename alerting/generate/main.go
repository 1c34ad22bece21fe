// Command generate writes the rule file of package alerting. Every threshold is
// a flag; the dashboards draw the lines of the same flags.
//
// Usage:
//
//	go run ./alerting/generate [-runbooks URL] [-grafana URL] [-THRESHOLD VALUE]… -out FILE
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/tutorflow/observability/alerting/alerts"
	"github.com/tutorflow/observability/alerting/internal/rulefile"
)

func main() {
	thresholds, links := alerts.Defaults(), rulefile.DefaultLinks()
	alerts.Flags(flag.CommandLine, &thresholds)
	flag.StringVar(&links.Runbooks, "runbooks", links.Runbooks, "`URL` of the folder that holds the runbooks")
	flag.StringVar(&links.Grafana, "grafana", links.Grafana, "root `URL` of the Grafana that shows the dashboards")
	out := flag.String("out", "tutorflow.yaml", "`file` to write")
	flag.Parse()

	if err := generate(*out, thresholds, links); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func generate(file string, thresholds alerts.Thresholds, links rulefile.Links) error {
	if err := thresholds.Validate(); err != nil {
		return fmt.Errorf("generate rules: %w", err)
	}
	data, err := rulefile.Marshal(rulefile.TutorFlow(thresholds, links))
	if err != nil {
		return err
	}
	err = os.MkdirAll(filepath.Dir(file), 0o755)
	if err == nil {
		err = os.WriteFile(file, data, 0o644)
	}
	if err != nil {
		return fmt.Errorf("write rules: %w", err)
	}
	return nil
}
