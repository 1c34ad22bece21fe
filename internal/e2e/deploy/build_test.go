package deploy_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

// buildContext copies what the builder would be sent of the repository.
func buildContext(t *testing.T, s *stack) string {
	t.Helper()
	ignored, err := os.Open(s.path("Dockerfile.dockerignore"))
	if err != nil {
		t.Fatal(err)
	}
	defer ignored.Close()
	patterns, err := ignorefile.ReadAll(ignored)
	if err != nil {
		t.Fatal(err)
	}
	matcher, err := patternmatcher.New(patterns)
	if err != nil {
		t.Fatal(err)
	}
	to := t.TempDir()
	from := os.DirFS(s.root)
	if err := fs.WalkDir(from, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || name == "." {
			return err
		}
		skip, err := matcher.MatchesOrParentMatches(name)
		switch {
		case err != nil:
			return err
		case skip && entry.IsDir():
			return fs.SkipDir
		case entry.IsDir():
			return os.Mkdir(filepath.Join(to, name), 0o755)
		case skip || !entry.Type().IsRegular():
			return nil
		}
		data, err := fs.ReadFile(from, name)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, name), data, 0o644)
	}); err != nil {
		t.Fatal(err)
	}
	return to
}

// build runs the commands of the stage that builds, in the place of /src and
// with the returned folder in the place of /out. The environment is this
// machine's, so that what it has compiled before is used.
func build(t *testing.T, s *stack) (out string) {
	t.Helper()
	stage, ok := s.stage("build")
	if !ok {
		t.Fatal("the Dockerfile has no stage build")
	}
	out = t.TempDir()
	source := ""
	for _, command := range stage.Commands {
		switch c := command.(type) {
		case *instructions.CopyCommand:
			source = buildContext(t, s)
		case *instructions.RunCommand:
			line := strings.ReplaceAll(strings.Join(c.CmdLine, " "), "/out/", out+"/")
			shell := exec.CommandContext(t.Context(), "sh", "-c", line)
			shell.Dir = source
			if text, err := shell.CombinedOutput(); err != nil {
				t.Fatalf("%s: %v\n%s", line, err, text)
			}
		}
	}
	return out
}

func TestTheImagesAreBuiltFromWhatTheBuilderIsSent(t *testing.T) {
	s, err := readStack(t, repository)
	if err != nil {
		t.Fatal(err)
	}
	out := build(t, s)

	for _, stage := range s.stages {
		for _, command := range stage.Commands {
			if c, ok := command.(*instructions.CopyCommand); ok && c.From == "build" {
				for _, source := range c.SourcePaths {
					if _, err := os.Stat(filepath.Join(out, strings.TrimPrefix(source, "/out/"))); err != nil {
						t.Errorf("stage %s copies %s, which is not built: %v", stage.Name, source, err)
					}
				}
			}
		}
	}

	// The flags of the command, by the program that was built: it ends with an
	// error of the database, which it opens when it knows them all.
	arguments := append([]string{}, s.project.Services["tutorflow"].Command...)
	for i, argument := range arguments {
		if strings.HasPrefix(argument, "-db=") {
			arguments[i] = "-db=/nonexistent/x.db"
		}
	}
	service := exec.CommandContext(t.Context(), filepath.Join(out, "tutorflow"), arguments...)
	if text, err := service.CombinedOutput(); err == nil || !strings.Contains(string(text), "open sqlite") {
		t.Errorf("tutorflow %q ended with %v, want an error of the database:\n%s", arguments, err, text)
	}

	// Prometheus's file with the rules where it reads them.
	folder := t.TempDir()
	for to, from := range map[string]string{
		"prometheus.yml":       s.path("prometheus.yml"),
		"rules/tutorflow.yaml": filepath.Join(out, "tutorflow.yaml"),
	} {
		data, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(folder, to)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, to), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	promtool := exec.CommandContext(t.Context(), filepath.Join(s.root, "bin/promtool"), "check", "config", "prometheus.yml")
	promtool.Dir = folder
	if text, err := promtool.CombinedOutput(); err != nil || !strings.Contains(string(text), "rules/tutorflow.yaml") {
		t.Errorf("promtool check config: %v, want success and the rules checked (make bin/promtool builds it)\n%s", err, text)
	}
	rules, err := os.ReadFile(filepath.Join(out, "tutorflow.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if text := string(rules); strings.Count(text, "dashboard_url: http://localhost:3000/d/") == 0 ||
		strings.Count(text, "dashboard_url: http://localhost:3000/d/") != strings.Count(text, "- alert: ") {
		t.Error("not every alert links to the Grafana of the stack")
	}
}
