//go:generate go run ./generate -out ../../docs

package config

import "strings"

// Reference is what the documentation says of one setting.
type Reference struct {
	Key       string
	Variables []string
	Default   string
	// Example is a value for a file, VariableExample the same for a variable.
	Example, VariableExample string
	Allowed                  string
	About                    string
	// Error is what a start says when the setting has a value that is not allowed.
	Error string
}

// References are the settings in the order of the documentation.
func References() []Reference {
	defaults := Default()
	var all []Reference
	for _, s := range settings() {
		source := DefaultFile + ":1"
		if len(s.variables) > 0 {
			source = s.variables[len(s.variables)-1]
		}
		value := quote("?")
		if s.secret {
			value = quote(hidden)
		}
		if s.shape == mapping {
			value = "malformed at pair 1"
		}
		all = append(all, Reference{
			Key: s.key, Variables: s.variables, Default: s.value(&defaults), Example: s.example, VariableExample: s.variableExample,
			Allowed: s.allowed, About: strings.TrimSpace(s.about),
			Error: (&Error{Key: s.key, Source: source, Value: value, Allowed: s.allowed}).Error(),
		})
	}
	return all
}
