package main_test

import (
	"os"
	"strings"
	"testing"
)

func TestQuickstartIsTheFirstCodeBlockOfTheREADMEAndAtMostFortyLines(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(readme), "```go\n")
	block, _, closed := strings.Cut(rest, "```\n")
	if !found || !closed || block != string(program) {
		t.Error("the first Go block of README.md is not examples/quickstart/main.go")
	}
	if lines := strings.Count(string(program), "\n"); lines > 40 {
		t.Errorf("main.go has %d lines, at most 40 are wanted", lines)
	}
}
