// Command generate writes the dashboards of package dashboards, one JSON file
// each.
//
// Usage:
//
//	go run ./dashboards/generate -out DIR
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/tutorflow/observability/dashboards/internal/boards"
	"github.com/tutorflow/observability/dashboards/internal/grafana"
)

func main() {
	out := flag.String("out", "json", "`directory` to write to")
	flag.Parse()
	if err := generate(*out); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func generate(dir string) error {
	for _, d := range boards.All() {
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
