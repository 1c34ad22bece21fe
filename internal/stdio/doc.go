// Package stdio writes to the standard streams without staking the process on
// them. The Go runtime ends a process that writes to a closed pipe through
// descriptor 1 or 2; through a duplicate of it, the write fails instead.
package stdio
