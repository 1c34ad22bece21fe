// Command generate writes the rule file of package alerting.
//
// Usage:
//
//	go run ./alerting/generate [-runbooks URL] [-grafana URL] -out FILE
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/tutorflow/observability/alerting/internal/rulefile"
	"github.com/tutorflow/observability/alerting/internal/rules"
)

func main() {
	links := rules.DefaultLinks()
	flag.StringVar(&links.Runbooks, "runbooks", links.Runbooks, "`URL` of the folder that holds the runbooks")
	flag.StringVar(&links.Grafana, "grafana", links.Grafana, "root `URL` of the Grafana that shows the dashboards")
	out := flag.String("out", "tutorflow.yaml", "`file` to write")
	flag.Parse()

	if err := generate(*out, links); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func generate(file string, links rules.Links) error {
	links.Runbooks = strings.TrimRight(links.Runbooks, "/")
	links.Grafana = strings.TrimRight(links.Grafana, "/")
	data, err := rulefile.Marshal(rules.Groups(links)...)
	if err != nil {
		return err
	}
	if err := os.WriteFile(file, data, 0o644); err != nil {
		return fmt.Errorf("write rules: %w", err)
	}
	return nil
}
