package reference_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/tutorflow/observability/telemetry/config"
	"github.com/tutorflow/observability/telemetry/config/internal/reference"
)

func TestPageHasEachSettingAndVariable(t *testing.T) {
	page, err := reference.Markdown()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range config.References() {
		for _, want := range append(r.Variables, r.Key) {
			if !strings.Contains(string(page), "`"+want+"`") {
				t.Errorf("the page lacks %s", want)
			}
		}
	}
}

func TestFileOnThePageIsRight(t *testing.T) {
	page, err := reference.Markdown()
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindSubmatch(page)
	if block == nil {
		t.Fatal("there is no file on the page")
	}
	path := filepath.Join(t.TempDir(), "telemetry.yaml")
	if err := os.WriteFile(path, block[1], 0o600); err != nil {
		t.Fatal(err)
	}
	loaded, err := config.Load([]string{config.FileVariable + "=" + path})
	if err != nil {
		t.Fatal(err)
	}
	if err := loaded.Validate(); err != nil {
		t.Error(err)
	}
	if got := loaded.Config.OTLP.Headers["authorization"]; got != "Bearer none" {
		t.Errorf("the header is %q", got)
	}
}
