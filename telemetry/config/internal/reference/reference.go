package reference

import (
	"bytes"
	_ "embed"
	"fmt"
	"strings"

	"github.com/tutorflow/observability/telemetry/config"
)

//go:embed head.md
var head string

//go:embed tail.md
var tail string

// group is a chapter of the page: the settings whose keys begin with one of the
// prefixes.
type group struct {
	title    string
	prefixes []string
}

func groups() []group {
	return []group{
		{"Service", []string{"service.", "disabled", "optional", "http."}},
		{"Metrics", []string{"metrics."}},
		{"Traces", []string{"traces."}},
		{"Logs", []string{"logs."}},
		{"OTLP", []string{"otlp."}},
		{"Admin listener", []string{"admin."}},
		{"End", []string{"shutdown."}},
	}
}

// Markdown returns docs/configuration.md. A setting that no chapter has is an
// error.
func Markdown() ([]byte, error) {
	var page bytes.Buffer
	page.WriteString(head)
	shown := make(map[string]bool)
	for _, g := range groups() {
		fmt.Fprintf(&page, "\n## %s\n", g.title)
		var perSignal []config.Reference
		for _, r := range config.References() {
			if shown[r.Key] || !begins(r.Key, g.prefixes) {
				continue
			}
			shown[r.Key] = true
			if strings.HasPrefix(r.Key, "otlp.") && strings.Count(r.Key, ".") > 1 {
				perSignal = append(perSignal, r)
				continue
			}
			setting(&page, r)
		}
		signals(&page, perSignal)
	}
	for _, r := range config.References() {
		if !shown[r.Key] {
			return nil, fmt.Errorf("write reference of configuration: setting %q is in no chapter", r.Key)
		}
	}
	page.WriteString("\n" + tail)
	return page.Bytes(), nil
}

func begins(key string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(key, p) {
			return true
		}
	}
	return false
}

func setting(page *bytes.Buffer, r config.Reference) {
	fmt.Fprintf(page, "\n### `%s`\n\n%s\n\n", r.Key, r.About)
	fmt.Fprintf(page, "| | |\n|---|---|\n| variable | %s |\n| default | %s |\n| example | %s |\n| error | `%s` |\n",
		codes(r.Variables), code(r.Default), examples(r), strings.ReplaceAll(r.Error, "|", `\|`))
}

// examples are a value for a file and, where it differs, one for a variable.
func examples(r config.Reference) string {
	if r.VariableExample == r.Example || len(r.Variables) == 0 {
		return code(r.Example)
	}
	return code(r.Example) + ", in the variable " + code(r.VariableExample)
}

// signals is the table of what may differ for one signal.
func signals(page *bytes.Buffer, all []config.Reference) {
	if len(all) == 0 {
		return
	}
	page.WriteString("\n### For one signal\n\nWhat is set here holds for that signal in the place of the setting above. An endpoint is used as it is, its path included.\n\n")
	page.WriteString("| key | variable | example |\n|---|---|---|\n")
	for _, r := range all {
		fmt.Fprintf(page, "| `%s` | %s | %s |\n", r.Key, codes(r.Variables), examples(r))
	}
}

func codes(list []string) string {
	if len(list) == 0 {
		return "–"
	}
	return "`" + strings.Join(list, "`, `") + "`"
}

func code(s string) string {
	if s == "" {
		return "–"
	}
	return "`" + s + "`"
}
