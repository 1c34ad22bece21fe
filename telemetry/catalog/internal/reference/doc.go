// Package reference writes the page that lists the metrics, docs/metrics.md,
// from their definitions and the text in head.md and tail.md.
//
//	page, err := reference.Markdown(catalog.All())
package reference
