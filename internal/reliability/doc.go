// Package reliability holds docs/reliability.md to the code: each promise on
// the page names tests that exist, and the page has each row of the comparison
// with the plain libraries. It has tests alone.
//
//	go test ./internal/reliability
package reliability
