package config

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Value is one setting as it is in effect.
type Value struct {
	// Key is the setting, as a file names it.
	Key string
	// Text is its value; a secret is masked.
	Text string
	// Source is a variable, FILE:LINE, SourceCode or SourceDefault.
	Source string
}

// Values are all settings as they are in effect, in the order of the
// documentation. Those of single signals that are not set are left out.
func (l *Loaded) Values() []Value {
	var all []Value
	for _, s := range l.settings {
		source := l.Source(s.key)
		if s.optional && source == SourceDefault && s.empty(&l.Config) && strings.Count(s.key, ".") > 1 {
			continue
		}
		all = append(all, Value{s.key, s.value(&l.Config), source})
	}
	return all
}

// String is one line: what is not as the defaults have it.
func (l *Loaded) String() string {
	var all []string
	for _, v := range l.Values() {
		if v.Source != SourceDefault {
			all = append(all, fmt.Sprintf("%s=%s (%s)", v.Key, v.Text, v.Source))
		}
	}
	if len(all) == 0 {
		return "defaults"
	}
	return strings.Join(all, ", ")
}

// WriteText writes a table of all values with their sources.
func (l *Loaded) WriteText(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, v := range l.Values() {
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\n", v.Key, oneLine(v.Text), oneLine(v.Source)) // Flush tells
	}
	return table.Flush()
}

// oneLine keeps a value from looking like several.
func oneLine(s string) string {
	if s == "" {
		return "-"
	}
	if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return fmt.Sprintf("%q", s)
	}
	return s
}
