package config

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Schema returns the JSON Schema of the file, with which editors complete and
// check it. Values that refer to variables are texts of any form.
func Schema() ([]byte, error) {
	root := section()
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "Telemetry of a TutorFlow service"
	for _, s := range settings() {
		at := root
		names := strings.Split(s.key, ".")
		for _, name := range names[:len(names)-1] {
			properties := at["properties"].(map[string]any)
			if properties[name] == nil {
				properties[name] = section()
			}
			at = properties[name].(map[string]any)
		}
		at["properties"].(map[string]any)[names[len(names)-1]] = s.property()
	}
	text, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write schema: %w", err)
	}
	return append(text, '\n'), nil
}

func section() map[string]any {
	return map[string]any{"type": []string{"object", "null"}, "additionalProperties": false, "properties": map[string]any{}}
}

// property is the schema of one setting: its type, or a reference to a variable.
func (s *setting) property() map[string]any {
	description := s.about
	if len(s.variables) > 0 {
		description += " " + strings.Join(s.variables, ", ") + "."
	}
	property := map[string]any{
		"description": description,
		"anyOf": []any{s.schema,
			map[string]any{"type": "string", "pattern": `\$\{`},
			map[string]any{"type": "null"}},
	}
	defaults := Default()
	if !s.empty(&defaults) {
		property["default"] = s.field(&defaults).Interface()
		if s.schema["pattern"] != nil && s.schema["type"] == "string" {
			property["default"] = s.value(&defaults) // with its unit
		}
	}
	return property
}
