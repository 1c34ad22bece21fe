// Command generate writes the reference of the metrics of package catalog, in
// Markdown.
//
// Usage:
//
//	go run ./telemetry/catalog/generate -out FILE
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/tutorflow/observability/telemetry/catalog"
	"github.com/tutorflow/observability/telemetry/catalog/internal/reference"
)

func main() {
	out := flag.String("out", "metrics.md", "`file` to write")
	flag.Parse()
	if err := generate(*out); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func generate(path string) error {
	page, err := reference.Markdown(catalog.All())
	if err != nil {
		return err
	}
	if err := os.WriteFile(path, page, 0o644); err != nil {
		return fmt.Errorf("write reference of metrics: %w", err)
	}
	return nil
}
