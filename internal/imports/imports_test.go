package imports_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const (
	module = "github.com/tutorflow/observability"
	otel   = "go.opentelemetry.io/otel"
	grpc   = "google.golang.org/grpc"
	client = "github.com/prometheus/client_golang"
)

// rule says what packages must not reach, by whatever way. All paths stand for
// the package and those below it; those of packages and except are relative to
// the module.
type rule struct {
	name      string
	packages  []string
	except    []string
	forbidden []string
	// allowed are exceptions to forbidden; one that ends in a colon stands for
	// the package alone.
	allowed []string
	// breaks is an import of the first of packages that breaks the rule.
	breaks string
}

func rules() []rule {
	return []rule{
		{
			name: "the catalogue sees only the OpenTelemetry API", packages: []string{"telemetry/catalog"},
			forbidden: []string{"github.com", "go.uber.org", "google.golang.org", "golang.org", "gopkg.in", "go.yaml.in", "go.opentelemetry.io"},
			allowed: []string{module + "/telemetry/catalog", module + "/telemetry/internal/sums", "github.com/cespare/xxhash/v2",
				otel + "/attribute", otel + "/metric", otel + "/internal", otel + "/semconv", otel + "/codes"},
			breaks: otel + "/sdk/metric",
		},
		{
			name: "instrumentation does not reach a pipeline", packages: []string{"telemetry/nethttp", "telemetry/dbstats", "telemetry/zaplog", "health"},
			forbidden: []string{otel + "/sdk", otel + "/exporters", client, grpc, module + "/exporters"},
			breaks:    otel + "/sdk/trace",
		},
		{
			name: "only the exporter otlp reaches grpc", packages: []string{"telemetry", "exporters", "health", "dashboards", "alerting"},
			except:    []string{"exporters/otlp", "exporters/all"},
			forbidden: []string{grpc, otel + "/exporters/otlp"},
			breaks:    grpc + "/codes",
		},
		{
			name: "telemetry links no exporter but prometheus and stdout", packages: []string{"telemetry"},
			forbidden: []string{module + "/exporters", otel + "/exporters"},
			allowed: []string{module + "/exporters:", module + "/exporters/prometheus", module + "/exporters/stdout",
				otel + "/exporters/prometheus", otel + "/exporters/stdout"},
			breaks: module + "/exporters/all",
		},
		{
			name: "health works alone", packages: []string{"health"},
			forbidden: []string{"go.opentelemetry.io", "go.uber.org/zap", client, module + "/telemetry", module + "/exporters"},
			breaks:    otel + "/metric",
		},
		{
			name: "exporters know nothing of what they carry", packages: []string{"exporters"},
			forbidden: []string{module + "/telemetry", module + "/health"},
			breaks:    module + "/telemetry/catalog",
		},
		{
			name: "dashboards and alerts reach no OpenTelemetry SDK", packages: []string{"dashboards", "alerting"},
			forbidden: []string{otel + "/sdk", otel + "/exporters", client},
			breaks:    otel + "/sdk/resource",
		},
		{
			name: "nothing imports an example", packages: []string{"telemetry", "exporters", "health", "dashboards", "alerting", "internal"},
			forbidden: []string{module + "/examples"},
			breaks:    module + "/examples/tutorflow/api",
		},
	}
}

// within reports whether path is dir or below it.
func within(path string, dirs []string) bool {
	return slices.ContainsFunc(dirs, func(dir string) bool { return path == dir || strings.HasPrefix(path, dir+"/") })
}

// check returns what breaks r, and how many packages it looked at.
func (r rule) check(deps map[string][]string) (broken []string, looked int) {
	for path, reached := range deps {
		name := strings.TrimPrefix(path, module+"/")
		if !within(name, r.packages) || within(name, r.except) {
			continue
		}
		looked++
		for _, dep := range reached {
			if within(dep, r.forbidden) && !within(dep, r.allowed) && !slices.Contains(r.allowed, dep+":") {
				broken = append(broken, fmt.Sprintf("%s reaches %s", name, dep))
			}
		}
	}
	slices.Sort(broken)
	return broken, looked
}

// dependencies are all that each package of the module reaches, tests aside.
func dependencies() (map[string][]string, error) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Deps,Incomplete", module+"/...").Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = fmt.Errorf("%w: %s", err, exit.Stderr)
		}
		return nil, fmt.Errorf("list packages: %w", err)
	}
	found := make(map[string][]string)
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			ImportPath string
			Deps       []string
			Incomplete bool
		}
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return found, nil
		} else if err != nil {
			return nil, fmt.Errorf("list packages: %w", err)
		}
		if p.Incomplete {
			return nil, fmt.Errorf("list packages: %s does not build", p.ImportPath)
		}
		found[p.ImportPath] = p.Deps
	}
}

func TestImportsRunDownwards(t *testing.T) {
	deps, err := dependencies()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rules() {
		t.Run(r.name, func(t *testing.T) {
			for _, dir := range r.packages {
				one := r
				one.packages = []string{dir}
				if _, looked := one.check(deps); looked == 0 && dir != "internal" {
					t.Errorf("there is no package %s", dir)
				}
			}
			broken, _ := r.check(deps)
			for _, b := range broken {
				t.Error(b)
			}
			// The rule finds what breaks it.
			if broken, _ := r.check(map[string][]string{module + "/" + r.packages[0]: {"fmt", r.breaks}}); len(broken) != 1 {
				t.Errorf("an import of %s is taken: %v", r.breaks, broken)
			}
		})
	}
}
