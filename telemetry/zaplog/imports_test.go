package zaplog_test

import (
	"os/exec"
	"strings"
	"testing"
)

func TestImportsStayLight(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	allowed := []string{
		"go.uber.org/zap", "go.uber.org/multierr", "go.opentelemetry.io/otel", "go.opentelemetry.io/auto/sdk", "github.com/cespare/xxhash/v2",
		"github.com/tutorflow/observability/internal/stdio",
	}
	const self = "github.com/tutorflow/observability/telemetry/zaplog"
	seen := false
	for path := range strings.FieldsSeq(string(out)) {
		seen = seen || path == self
		ok := path == self
		for _, prefix := range allowed {
			ok = ok || path == prefix || strings.HasPrefix(path, prefix+"/")
		}
		if !ok || strings.HasPrefix(path, "go.opentelemetry.io/otel/sdk") {
			t.Errorf("%s is imported", path)
		}
	}
	if !seen {
		t.Errorf("the package is not in its own list: %s", out)
	}
}
