// Package regularfile reads files whose paths come from a configuration, where
// a path may lead to anything: reading a pipe may never return, and reading a
// device may never end.
//
//	text, err := regularfile.Read(path, 1<<20)
package regularfile
