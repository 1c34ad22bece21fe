package deploy_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/distribution/reference"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// images returns the images that services are made of, by what uses them.
func (s *stack) images() map[string]string {
	images := map[string]string{}
	for name, service := range s.project.Services {
		if service.Image != "" {
			images[name] = service.Image
		}
	}
	for _, stage := range s.stages {
		if _, ours := s.stage(stage.BaseName); !ours {
			images["stage "+stage.Name] = stage.BaseName
		}
	}
	return images
}

var fixedTag = regexp.MustCompile(`^v?\d+(\.\d+)+(-[a-z0-9.]+)?$`)

// checkImages looks for images that are not one version of a public one.
func checkImages(s *stack) (problems []string) {
	for user, image := range s.images() {
		named, err := reference.ParseNormalizedNamed(image)
		if err != nil {
			problems = append(problems, fmt.Sprintf("%s: image %q: %v", user, image, err))
			continue
		}
		if reference.Domain(named) != "docker.io" || strings.HasPrefix(image, "docker.io/") {
			problems = append(problems, fmt.Sprintf("%s: image %q names a registry", user, image))
		}
		if tagged, ok := named.(reference.Tagged); !ok || !fixedTag.MatchString(tagged.Tag()) {
			problems = append(problems, fmt.Sprintf("%s: image %q is not of one version", user, image))
		}
	}
	for name, service := range s.project.Services {
		if service.Build == nil {
			if service.Image == "" {
				problems = append(problems, name+" has neither an image nor a build")
			}
			continue
		}
		_, ok := s.stage(service.Build.Target)
		file := filepath.Join(service.Build.Context, service.Build.Dockerfile)
		if !ok || file != s.path("Dockerfile") || service.Build.Context != s.root {
			problems = append(problems, fmt.Sprintf("%s is built from target %q of %s, want a stage of examples/stack/Dockerfile at the root", name, service.Build.Target, file))
		}
	}
	return problems
}

// checkVersions looks for programs in another version than the files are
// checked with.
func checkVersions(s *stack) (problems []string) {
	modules, err := os.ReadFile(filepath.Join(s.root, "internal/e2e/go.mod"))
	if err != nil {
		return []string{err.Error()}
	}
	builder, err := os.ReadFile(filepath.Join(s.root, "internal/e2e/stack/builder.yaml"))
	if err != nil {
		return []string{err.Error()}
	}
	makefile, err := os.ReadFile(filepath.Join(s.root, "Makefile"))
	if err != nil {
		return []string{err.Error()}
	}
	first := func(pattern string, text []byte) string {
		m := regexp.MustCompile(pattern).FindSubmatch(text)
		if m == nil {
			return "nothing like " + pattern
		}
		return string(m[1])
	}
	images := s.images()
	// The module of Prometheus 3.16.0 is v0.316.0.
	m := regexp.MustCompile(`prometheus/prometheus v0\.(\d)(\d\d)\.(\d+)`).FindStringSubmatch(string(modules))
	if m == nil {
		return []string{"the version of Prometheus is not in go.mod"}
	}
	for user, want := range map[string]string{
		"stage prometheus": fmt.Sprintf("prom/prometheus:v%s.%s.%s", m[1], strings.TrimPrefix(m[2], "0"), m[3]),
		"alertmanager":     "prom/alertmanager:" + first(`(?m)^ALERTMANAGER_VERSION := (\S+)$`, makefile),
		"collector":        "otel/opentelemetry-collector-contrib:" + first(`(?m)^  version: (\S+)`, builder),
	} {
		if images[user] != want {
			problems = append(problems, fmt.Sprintf("%s is %q, want what the tests have: %q", user, images[user], want))
		}
	}
	return problems
}

// checkServices looks for what a service on a laptop must not lack.
func checkServices(s *stack) (problems []string) {
	for name, service := range s.project.Services {
		for _, p := range service.Ports {
			if p.HostIP != "127.0.0.1" || p.Published == "" {
				problems = append(problems, fmt.Sprintf("%s: port %d is open on %q as %q, want a port of 127.0.0.1", name, p.Target, p.HostIP, p.Published))
			}
		}
		for _, v := range service.Volumes {
			if v.Type != types.VolumeTypeBind {
				continue
			}
			if _, err := os.Stat(v.Source); err != nil || !strings.HasPrefix(v.Source, s.root) || !v.ReadOnly {
				problems = append(problems, fmt.Sprintf("%s: %s is mounted read-only: %v, want so and a file of the repository: %v", name, v.Source, v.ReadOnly, err))
			}
		}
		if service.MemLimit <= 0 {
			problems = append(problems, name+" has no limit of memory")
		}
		for other, d := range service.DependsOn {
			if d.Condition == types.ServiceConditionHealthy && s.project.Services[other].HealthCheck == nil {
				problems = append(problems, fmt.Sprintf("%s waits for the health of %s, which has no check", name, other))
			}
		}
	}
	return problems
}

// checkRules looks for rules that are not where Prometheus reads them, and for
// alerts that link to another Grafana.
func checkRules(s *stack) (problems []string) {
	stage, _ := s.stage("prometheus")
	var copied []string
	for _, command := range stage.Commands {
		if c, ok := command.(*instructions.CopyCommand); ok && c.From == "build" {
			copied = append(copied, c.DestPath)
		}
	}
	config := ""
	for to := range mounts(s.project.Services["prometheus"]) {
		config = filepath.Dir(to)
	}
	for _, glob := range s.prometheus.RuleFiles {
		glob, _ = filepath.Rel(s.path("."), glob)
		if len(copied) != 1 {
			problems = append(problems, fmt.Sprintf("these are copied to Prometheus: %q, want the rules", copied))
		} else if ok, _ := filepath.Match(filepath.Join(config, glob), copied[0]); !ok {
			problems = append(problems, fmt.Sprintf("the rules are at %s, and Prometheus reads %s", copied[0], filepath.Join(config, glob)))
		}
	}
	text, err := s.text("Dockerfile")
	root := s.project.Services["grafana"].Environment["GF_SERVER_ROOT_URL"]
	if err != nil || root == nil || !strings.Contains(text, "-grafana "+*root+" ") {
		problems = append(problems, fmt.Sprintf("the alerts do not link to the Grafana of the stack: %v", err))
	}
	return problems
}
