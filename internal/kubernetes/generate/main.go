// Command generate writes the manifests of package kubernetes, from the rules and
// dashboards of this repository or from those that a team has generated with
// thresholds and addresses of its own.
//
// Usage:
//
//	go run ./internal/kubernetes/generate [-rules FILE] [-dashboards DIR] -out DIR
package main

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tutorflow/observability/alerting"
	"github.com/tutorflow/observability/dashboards"
	"github.com/tutorflow/observability/internal/kubernetes"
)

func main() {
	rules := flag.String("rules", "", "`file` that alerting/generate wrote, in place of the committed one")
	boards := flag.String("dashboards", "", "`directory` that dashboards/generate wrote to, in place of the committed ones")
	out := flag.String("out", ".", "`directory` to write to")
	flag.Parse()
	if err := generate(*rules, *boards, *out); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func generate(rules, boards, dir string) error {
	text, err := fs.ReadFile(alerting.FS(), "rules/tutorflow.yaml")
	if rules != "" {
		text, err = os.ReadFile(rules)
	}
	if err != nil {
		return fmt.Errorf("read rules: %w", err)
	}
	from := dashboards.FS()
	if boards != "" {
		from = os.DirFS(boards)
	}
	manifests, err := kubernetes.Manifests(text, from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("write manifests: %w", err)
	}
	for name, text := range manifests {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return fmt.Errorf("write manifest: %w", err)
		}
	}
	return nil
}
