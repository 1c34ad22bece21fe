package config

import "fmt"

// raw is a value as a layer wrote it: a text, which is all that the environment
// has, or a list or a mapping of a file.
type raw struct {
	text    string
	list    []string
	mapping map[string]string
	// file is set for what a file says.
	file bool
}

// shape is what a file may write a setting as.
type shape int

const (
	scalar shape = iota
	sequence
	mapping
)

func (s shape) String() string { return [...]string{"a value", "a list", "a mapping"}[s] }

func (r raw) shape() shape {
	switch {
	case r.mapping != nil:
		return mapping
	case r.list != nil:
		return sequence
	}
	return scalar
}

// show is what errors show of the value.
func (r raw) show() string {
	switch r.shape() {
	case mapping:
		return fmt.Sprintf("a mapping of %d", len(r.mapping))
	case sequence:
		return fmt.Sprint(r.list)
	}
	return r.text
}
