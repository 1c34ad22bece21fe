package health_test

import (
	"os/exec"
	"strings"
	"testing"
)

// TestTheHealthPackagesWorkAlone keeps the weight of telemetry out of a service that
// wants health alone.
func TestTheHealthPackagesWorkAlone(t *testing.T) {
	const module = "github.com/tutorflow/observability"
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", module+"/health/...").Output()
	if err != nil {
		t.Fatalf("list dependencies: %v", err)
	}
	forbidden := []string{
		"go.opentelemetry.io/", "github.com/prometheus/", "go.uber.org/zap", "google.golang.org/grpc",
		module + "/telemetry", module + "/exporters", module + "/examples",
	}
	deps := strings.Fields(string(out))
	if len(deps) < 10 {
		t.Fatalf("only %d dependencies were listed", len(deps))
	}
	for _, dep := range deps {
		for _, prefix := range forbidden {
			if strings.HasPrefix(dep, prefix) {
				t.Errorf("health reaches %s", dep)
			}
		}
	}
}
