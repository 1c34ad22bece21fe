package e2e_test

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/tutorflow/observability/telemetry/config"
)

// TestSchemaOfTheFileTellsGoodFilesFromBadOnes checks files as an editor does.
func TestSchemaOfTheFileTellsGoodFilesFromBadOnes(t *testing.T) {
	text, err := config.Schema()
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("telemetry.schema.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("telemetry.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := string(regexp.MustCompile("(?s)```yaml\n(.*?)```").FindSubmatch(page)[1])
	good := map[string]string{
		"the file of the documentation": documented,
		"a section without settings":    "metrics:\n",
		"a variable in a number":        "traces: {ratio: \"${RATIO:-0.5}\"}",
		"a list as a text":              "metrics: {exporters: \"prometheus,otlp\"}",
		"a size with a unit":            "traces: {limits: {attribute_bytes: 1KiB}}",
		"a size without a unit":         "traces: {limits: {attribute_bytes: 512}}",
	}
	for _, r := range config.References() {
		if !strings.HasSuffix(r.Key, "headers") && r.Key != "service.attributes" {
			file := ""
			for depth, name := range strings.Split(r.Key, ".") {
				file += "\n" + strings.Repeat(" ", depth) + name + ":"
			}
			good["the example of "+r.Key] = file + " " + r.Example
		}
	}
	for name, file := range good {
		if err := check(t, schema, file); err != nil {
			t.Errorf("%s is refused: %v", name, err)
		}
	}
	for name, file := range map[string]string{
		"a key that does not exist":     "metrics: {exporter: otlp}",
		"a section that does not exist": "metric: {}",
		"a duration without a unit":     "metrics: {interval: 15}",
		"a duration in words":           "metrics: {interval: often}",
		"a level that does not exist":   "logs: {level: loud}",
		"a ratio in percent":            "traces: {ratio: 50}",
		"a boolean in words":            "disabled: maybe",
		"a port beyond all ports":       "admin: {port: 70000}",
		"headers that are a text":       "otlp: {headers: a=b}",
	} {
		if check(t, schema, file) == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func check(t *testing.T, schema *jsonschema.Schema, file string) error {
	t.Helper()
	var value any
	if err := yaml.Unmarshal([]byte(file), &value); err != nil {
		t.Fatal(err)
	}
	return schema.Validate(value)
}
