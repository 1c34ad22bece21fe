// Package jsonline reads log lines for tests, more strictly than a consumer has
// to.
//
//	object, err := jsonline.Decode(strings.TrimSuffix(line, "\n"))
package jsonline
