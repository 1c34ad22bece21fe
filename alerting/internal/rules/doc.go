// Package rules says what the rule file contains: the recording rules, one file
// a subject, and the alerts of package alerting on top of them.
//
// A group holds both the series it records and the alerts that read them.
// Prometheus gives no order between groups, and an alert in another group would
// see values that are one interval old.
package rules
