// Package imports holds no code, only tests that hold for the whole repository:
// which package may reach which, and how a source file is laid out.
//
//	go test ./internal/imports
//
// The rules for imports are those of the root module, read with "go list". The
// rules for files also cover the modules nested in the repository.
package imports
