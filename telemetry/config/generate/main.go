// Command generate writes the reference of the configuration, in Markdown, and
// the JSON Schema of its file.
//
// Usage:
//
//	go run ./telemetry/config/generate -out FOLDER
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/tutorflow/observability/telemetry/config"
	"github.com/tutorflow/observability/telemetry/config/internal/reference"
)

func main() {
	out := flag.String("out", ".", "`folder` to write to")
	flag.Parse()
	if err := generate(*out); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func generate(folder string) error {
	for name, content := range map[string]func() ([]byte, error){
		"configuration.md":      reference.Markdown,
		"telemetry.schema.json": config.Schema,
	} {
		text, err := content()
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o644); err != nil {
			return fmt.Errorf("write reference of configuration: %w", err)
		}
	}
	return nil
}
