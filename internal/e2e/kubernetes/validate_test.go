package kubernetes_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// bin holds what make builds for this package.
const bin = "../../../bin"

// run returns what a program says, and whether it is content.
func run(t *testing.T, name string, args ...string) (said string, ok bool) {
	t.Helper()
	command := exec.Command(filepath.Join(bin, name), args...)
	// No configuration of a cluster has a say.
	command.Env = []string{"HOME=" + t.TempDir()}
	out, err := command.CombinedOutput()
	if _, ran := err.(*exec.ExitError); err != nil && !ran {
		t.Fatalf("%s: %v (make test builds it)", name, err)
	}
	return string(out), err == nil
}

// validate has the API server's code read the objects in text.
func validate(t *testing.T, text []byte) (said string, ok bool) {
	t.Helper()
	if crds, err := filepath.Glob(filepath.Join(bin, "crds", "*.yaml")); err != nil || len(crds) < 2 {
		t.Fatalf("%d definitions of the operator's objects: %v (make test fetches them)", len(crds), err)
	}
	file := filepath.Join(t.TempDir(), "manifests.yaml")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return run(t, "kubectl-validate", "--version", "1.30", "--local-crds", filepath.Join(bin, "crds"), file)
}

func TestTheAPIServerTakesTheManifests(t *testing.T) {
	text := build(t)
	if said, ok := validate(t, text); !ok {
		t.Errorf("kubectl-validate:\n%s", said)
	}
	for name, defect := range map[string]struct{ from, to, finds string }{
		"a misspelt field":                   {"httpGet:", "httpGett:", "httpGett"},
		"a misspelt field of a custom one":   {"honorLabels:", "honourLabels:", "honourLabels"},
		"a wrong type":                       {"replicas: 3", "replicas: three", "replicas"},
		"a wrong type in a custom one":       {"sampleLimit: 50000", "sampleLimit: many", "sampleLimit"},
		"a required field that is not there": {"  selector:\n    matchLabels:\n      app.kubernetes.io/name: tutorflow-api\n  strategy:", "  strategy:", "spec.selector"},
		"a required field of a custom one":   {"  sampleLimit: 50000\n  selector:\n    matchLabels:\n      app.kubernetes.io/name: otel-collector\n", "  sampleLimit: 50000\n", "spec.selector: Required"},
		"an unknown kind":                    {"kind: PodMonitor", "kind: PodMonitors", "PodMonitors"},
	} {
		t.Run(name, func(t *testing.T) {
			planted := bytes.Replace(text, []byte(defect.from), []byte(defect.to), 1)
			if bytes.Equal(planted, text) {
				t.Fatalf("there is no %q to replace", defect.from)
			}
			if said, ok := validate(t, planted); ok || !strings.Contains(said, defect.finds) {
				t.Errorf("kubectl-validate says nothing of %s:\n%s", defect.finds, said)
			}
		})
	}
}

// checkRules has promtool read the specification of the PrometheusRule in text,
// which is a rule file.
func checkRules(t *testing.T, text []byte) (said string, ok bool) {
	t.Helper()
	for _, one := range bytes.Split(text, []byte("\n---\n")) {
		var rule struct {
			Kind string
			Spec any
		}
		if err := yaml.Unmarshal(one, &rule); err != nil {
			t.Fatal(err)
		}
		if rule.Kind != "PrometheusRule" {
			continue
		}
		spec, err := yaml.Marshal(rule.Spec)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "rules.yaml")
		if err := os.WriteFile(file, spec, 0o600); err != nil {
			t.Fatal(err)
		}
		return run(t, "promtool", "check", "rules", "--lint=all", "--lint-fatal", file)
	}
	return "there is no PrometheusRule", false
}

func TestPrometheusTakesTheRulesOfThePrometheusRule(t *testing.T) {
	text := build(t)
	if said, ok := checkRules(t, text); !ok {
		t.Errorf("promtool:\n%s", said)
	}
	if said, ok := checkRules(t, bytes.ReplaceAll(text, []byte("rate("), []byte("rate(("))); ok {
		t.Errorf("promtool takes an expression that does not parse:\n%s", said)
	}
}
