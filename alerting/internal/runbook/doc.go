// Package runbook writes the parts of the runbooks that say when an alert fires,
// so that their numbers are those of the rules:
//
//	text, err = runbook.Fill(text, runbook.Block(alerts.All(alerts.Defaults())))
//
// The rest of a runbook is written by hand and names no threshold. A new one has
// the headings Meaning, Impact, Diagnosis and Mitigation, and below the first of
// them the two lines that mark the generated part.
package runbook

//go:generate go run ./generate -dir ../../../docs/runbooks
