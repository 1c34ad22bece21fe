package config

import (
	"fmt"
	"reflect"
	"strings"
)

// setting is one value of the configuration: its names, its type, and the field
// that holds it.
type setting struct {
	// key is its name in a file.
	key string
	// variables are its names in the environment; a later one wins.
	variables []string
	about     string
	// example is a value for a file, variableExample one for a variable.
	example, variableExample string
	secret                   bool
	// optional is set where empty means that nothing is set.
	optional bool

	allowed string
	shape   shape
	schema  map[string]any
	// read sets the field of c from what a layer says.
	read func(c *Config, r raw) error
	// valid reports whether the field of c has a value that is allowed.
	valid func(c *Config) bool
	show  func(c *Config) string
	// field is the field of c, to compare and to copy.
	field func(c *Config) reflect.Value
}

// define makes the setting called key, with its variables after it, in the
// field of that kind.
func define[T any](names string, k kind[T], field func(*Config) *T, about, example string) setting {
	all, variableExample := strings.Fields(names), example
	if k.variable != nil {
		variableExample = k.variable(example)
	}
	return setting{
		key: all[0], variables: all[1:], about: about, example: example, variableExample: variableExample,
		allowed: k.allowed, shape: k.shape, schema: k.schema,
		read: func(c *Config, r raw) error {
			v, err := k.parse(r)
			if err == nil {
				*field(c) = v
			}
			return err
		},
		valid: func(c *Config) bool { return k.check(*field(c)) },
		show:  func(c *Config) string { return k.show(*field(c)) },
		field: func(c *Config) reflect.Value { return reflect.ValueOf(field(c)).Elem() },
	}
}

// hide marks a secret: its value is in no error and no listing.
func hide(s setting) setting { s.secret = true; return s }

// orNothing marks a setting that may be left empty.
func orNothing(s setting) setting { s.optional = true; return s }

// empty reports whether the field of c has the zero value.
func (s *setting) empty(c *Config) bool {
	v := s.field(c)
	return v.IsZero() || (v.Kind() == reflect.Map || v.Kind() == reflect.Slice) && v.Len() == 0
}

// value is the field of c as it may be shown.
func (s *setting) value(c *Config) string {
	if s.secret && !s.empty(c) {
		if v := s.field(c); v.Kind() == reflect.Map {
			return masked(v)
		}
		return hidden
	}
	return s.show(c)
}

// masked shows the keys of a mapping of secrets.
func masked(mapping reflect.Value) string {
	var all []string
	for _, key := range mapping.MapKeys() {
		all = append(all, key.String()+"="+hidden)
	}
	return strings.Join(sorted(all), ",")
}

// wrong is the error about what a layer says.
func (s *setting) wrong(source string, r raw, err error) *Error {
	value := quote(r.show())
	switch {
	case s.shape == mapping:
		value = fmt.Sprintf("malformed at %v", err) // which pair, since it may hold a secret
	case s.secret:
		value = hidden
	}
	return &Error{Key: s.key, Source: source, Value: value, Allowed: s.allowed}
}

// check is the error about the field of c, if it has a value that is not
// allowed.
func (s *setting) check(c *Config, source string) error {
	if s.optional && s.empty(c) || s.valid(c) {
		return nil
	}
	value := quote(s.value(c))
	switch {
	case s.shape == mapping && s.secret: // a name that is wrong may be a secret in its place
		value = quote(hidden)
	case s.shape == mapping:
		value = quote(masked(s.field(c)))
	}
	return &Error{Key: s.key, Source: source, Value: value, Allowed: s.allowed}
}
