package kubernetes_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/tutorflow/observability/alerting"
	"github.com/tutorflow/observability/dashboards"
	"github.com/tutorflow/observability/internal/kubernetes"
)

// manifest is what the tests read of an object.
type manifest struct {
	Kind     string
	Metadata struct {
		Name                string
		Labels, Annotations map[string]string
	}
	Data map[string]string
	Spec any
}

func generated(t *testing.T) map[string][]byte {
	t.Helper()
	rules, err := fs.ReadFile(alerting.FS(), "rules/tutorflow.yaml")
	if err != nil {
		t.Fatal(err)
	}
	manifests, err := kubernetes.Manifests(rules, dashboards.FS())
	if err != nil {
		t.Fatal(err)
	}
	return manifests
}

// objects reads the documents of text, as T.
func objects[T any](t *testing.T, text []byte) (all []T) {
	t.Helper()
	for decoder := yaml.NewDecoder(bytes.NewReader(text)); ; {
		var one T
		if err := decoder.Decode(&one); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
}

func TestCommittedManifestsAreWhatTheGeneratorWrites(t *testing.T) {
	for name, text := range generated(t) {
		committed, err := os.ReadFile(filepath.Join("..", "..", "examples", "kubernetes", name))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(committed), string(text)); diff != "" {
			t.Errorf("examples/kubernetes/%s is stale, run go generate ./internal/kubernetes/... (-committed +generated):\n%.3000s", name, diff)
		}
	}
}

func TestThePrometheusRuleHoldsTheRuleFile(t *testing.T) {
	found := objects[manifest](t, generated(t)["prometheusrule.yaml"])
	file, err := fs.ReadFile(alerting.FS(), "rules/tutorflow.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 1 || found[0].Kind != "PrometheusRule" {
		t.Fatalf("%d objects, want one PrometheusRule", len(found))
	}
	if diff := cmp.Diff(objects[any](t, file), []any{found[0].Spec}); diff != "" {
		t.Errorf("the rules differ (-file +PrometheusRule):\n%s", diff)
	}
}

func TestEachDashboardIsAConfigMapByteForByte(t *testing.T) {
	var got, want []manifest
	got = objects[manifest](t, generated(t)["dashboards.yaml"])
	for _, d := range dashboards.List() {
		text, err := fs.ReadFile(dashboards.FS(), d.File)
		if err != nil {
			t.Fatal(err)
		}
		m := manifest{Kind: "ConfigMap", Data: map[string]string{d.File: string(text)}}
		m.Metadata.Name = "dashboard-" + d.UID
		m.Metadata.Labels = map[string]string{"grafana_dashboard": "1"}
		m.Metadata.Annotations = map[string]string{"grafana_folder": "TutorFlow"}
		want = append(want, m)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the ConfigMaps differ (-dashboards +manifests):\n%.3000s", diff)
	}
}

// The limits of the API server, in bytes: of what a ConfigMap holds, and of the
// annotations, one of which "kubectl apply" fills with the whole object.
const (
	maxData       = 1 << 20
	maxAnnotation = 256 << 10
)

// oversized says which limits the object passes.
func oversized(t *testing.T, object map[string]any) (passed []string) {
	t.Helper()
	data := 0
	if entries, ok := object["data"].(map[string]any); ok {
		for _, v := range entries {
			data += len(v.(string))
		}
	}
	if data > maxData {
		passed = append(passed, "data")
	}
	text, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	if len(text) > maxAnnotation {
		passed = append(passed, "annotation")
	}
	return passed
}

func TestNoManifestIsLargerThanTheAPIServerTakes(t *testing.T) {
	for name, text := range generated(t) {
		for i, object := range objects[map[string]any](t, text) {
			if passed := oversized(t, object); len(passed) > 0 {
				t.Errorf("object %d of %s passes the limits of %v", i, name, passed)
			}
		}
	}
	for size, want := range map[int][]string{maxAnnotation - 100: nil, maxAnnotation: {"annotation"}, maxData + 1: {"data", "annotation"}} {
		object := map[string]any{"data": map[string]any{"x.json": strings.Repeat("x", size)}}
		if diff := cmp.Diff(want, oversized(t, object)); diff != "" {
			t.Errorf("an object of %d bytes (-want +got):\n%s", size, diff)
		}
	}
}
