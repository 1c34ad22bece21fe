// Package rulefile writes Prometheus rule files: the types of the file and
// their YAML, always in the same order. It knows the format and nothing of what
// the rules say.
package rulefile
