// Command generate writes the manifests of package kubernetes.
//
// Usage:
//
//	go run ./internal/kubernetes/generate -out DIR
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/tutorflow/observability/internal/kubernetes"
)

func main() {
	out := flag.String("out", ".", "`directory` to write to")
	flag.Parse()
	if err := generate(*out); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func generate(dir string) error {
	manifests, err := kubernetes.Manifests()
	if err != nil {
		return err
	}
	for name, text := range manifests {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return fmt.Errorf("write manifest: %w", err)
		}
	}
	return nil
}
