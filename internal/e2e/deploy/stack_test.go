package deploy_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/prometheus/common/promslog"
	prometheus "github.com/prometheus/prometheus/config"
)

// repository is the root of the repository.
const repository = "../../.."

// stack is what examples/stack says.
type stack struct {
	root        string // absolute
	project     *types.Project
	stages      []instructions.Stage
	prometheus  *prometheus.Config
	sources     datasources
	dashboards  providers
	environment []string
}

// path returns the place of a file of the stack.
func (s *stack) path(name string) string { return filepath.Join(s.root, "examples/stack", name) }

// text returns a file of the stack.
func (s *stack) text(name string) (string, error) {
	data, err := os.ReadFile(s.path(name))
	return string(data), err
}

// readStack reads the stack below root. The environment is all that compose
// sees of one.
func readStack(t *testing.T, root string, environment ...string) (*stack, error) {
	t.Helper()
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	s := &stack{root: root, environment: environment}
	for _, read := range []func(*testing.T) error{s.readCompose, s.readDockerfile, s.readPrometheus, s.readGrafana} {
		if err := read(t); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *stack) readCompose(t *testing.T) error {
	options, err := cli.NewProjectOptions([]string{s.path("compose.yaml")}, cli.WithEnv(s.environment))
	if err != nil {
		return err
	}
	s.project, err = options.LoadProject(t.Context())
	return err
}

// readDockerfile is as strict as the builder's own linter.
func (s *stack) readDockerfile(*testing.T) error {
	file, err := os.Open(s.path("Dockerfile"))
	if err != nil {
		return err
	}
	defer file.Close()
	parsed, err := parser.Parse(file)
	if err != nil {
		return err
	}
	var warnings []string
	for _, w := range parsed.Warnings {
		warnings = append(warnings, w.Short)
	}
	lint := linter.New(&linter.Config{Warn: func(rule, _, _, message string, _ []parser.Range) {
		warnings = append(warnings, rule+": "+message)
	}})
	if s.stages, _, err = instructions.Parse(parsed.AST, lint); err != nil {
		return err
	}
	if len(warnings) > 0 {
		return fmt.Errorf("lint Dockerfile: %s", strings.Join(warnings, "; "))
	}
	return nil
}

func (s *stack) readPrometheus(*testing.T) (err error) {
	s.prometheus, err = prometheus.LoadFile(s.path("prometheus.yml"), false, promslog.NewNopLogger())
	return err
}

// stage returns the stage of the Dockerfile that is called name.
func (s *stack) stage(name string) (instructions.Stage, bool) {
	for _, stage := range s.stages {
		if stage.Name == name {
			return stage, true
		}
	}
	return instructions.Stage{}, false
}
