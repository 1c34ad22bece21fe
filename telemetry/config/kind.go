package config

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
)

// kind is a type of value: how it is read, checked and shown.
type kind[T any] struct {
	// allowed says what may be written, in an error.
	allowed string
	shape   shape
	parse   func(raw) (T, error)
	// check looks at a value wherever it came from.
	check func(T) bool
	show  func(T) string
	// schema is its JSON Schema.
	schema map[string]any
	// variable is how a variable has what a file has, if it is not the same.
	variable func(file string) string
}

var errMalformed = errors.New("malformed")

func always[T any](T) bool { return true }

func same(s string) string { return s }

// text is a text for which ok holds.
func text(allowed string, ok func(string) bool) kind[string] {
	return kind[string]{allowed: allowed, check: ok, show: same, schema: map[string]any{"type": []string{"string", "number"}},
		parse: func(r raw) (string, error) { return strings.TrimSpace(r.text), nil }}
}

// oneOf is one of a few words, in any case where they have none of their own.
func oneOf(words ...string) kind[string] {
	k := text(strings.Join(words, ", "), func(s string) bool { return slices.Contains(words, s) })
	k.parse = func(r raw) (string, error) { return strings.ToLower(strings.TrimSpace(r.text)), nil }
	k.schema = map[string]any{"type": "string", "enum": words}
	return k
}

func boolean() kind[bool] {
	return kind[bool]{allowed: "true or false", check: always[bool], show: strconv.FormatBool, schema: map[string]any{"type": "boolean"},
		parse: func(r raw) (bool, error) {
			switch strings.ToLower(strings.TrimSpace(r.text)) {
			case "true":
				return true, nil
			case "false":
				return false, nil
			}
			return false, errMalformed
		}}
}

func integer(least, most int) kind[int] {
	return kind[int]{
		allowed: fmt.Sprintf("a whole number from %d to %d", least, most),
		parse:   func(r raw) (int, error) { return strconv.Atoi(strings.TrimSpace(r.text)) },
		check:   func(n int) bool { return n >= least && n <= most },
		show:    strconv.Itoa,
		schema:  map[string]any{"type": "integer", "minimum": least, "maximum": most},
	}
}

func ratio() kind[float64] {
	return kind[float64]{
		allowed: "a number from 0 to 1",
		parse:   func(r raw) (float64, error) { return strconv.ParseFloat(strings.TrimSpace(r.text), 64) },
		check:   func(f float64) bool { return f >= 0 && f <= 1 }, // not a number is refused, too
		show:    func(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) },
		schema:  map[string]any{"type": "number", "minimum": 0, "maximum": 1},
	}
}

// duration is a time with a unit. The variables of OpenTelemetry hold whole
// milliseconds instead, as its specification has it: the SDK reads some of them
// by itself and would complain.
func duration(least, most time.Duration, milliseconds bool) kind[time.Duration] {
	allowed := fmt.Sprintf("a duration with a unit like 10s, from %v to %v", short(least), short(most))
	if milliseconds {
		allowed += "; in the variable a number of milliseconds"
	}
	return kind[time.Duration]{
		allowed: allowed,
		check:   func(d time.Duration) bool { return d >= least && d <= most },
		show:    short,
		schema:  map[string]any{"type": "string", "pattern": `^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$`},
		parse: func(r raw) (time.Duration, error) {
			s := strings.TrimSpace(r.text)
			if milliseconds && !r.file {
				n, err := strconv.ParseUint(s, 10, 40)
				return time.Duration(n) * time.Millisecond, err
			}
			return time.ParseDuration(s)
		},
		variable: func(example string) string {
			if d, err := time.ParseDuration(example); err == nil && milliseconds {
				return strconv.FormatInt(d.Milliseconds(), 10)
			}
			return example
		},
	}
}

// short is a duration without the zeros at its end.
func short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// size is a number of bytes, in a file with or without a unit.
func size(least, most int) kind[int] {
	k := integer(least, most)
	k.allowed = fmt.Sprintf("a size like 256 or 1KiB, from %d to %d bytes; in the variable a number of bytes", least, most)
	k.schema = map[string]any{"type": []string{"string", "integer"}, "pattern": `^[0-9]+ ?([kKmM]i?)?[bB]?$`}
	number := k.parse
	k.parse = func(r raw) (int, error) {
		if !r.file {
			return number(r)
		}
		n, err := humanize.ParseBytes(strings.TrimSpace(r.text))
		if err == nil && n > uint64(most) {
			n = uint64(most) + 1
		}
		return int(n), err
	}
	k.variable = func(example string) string {
		n, err := humanize.ParseBytes(example)
		if err != nil {
			return example
		}
		return strconv.FormatUint(n, 10)
	}
	return k
}

// words is a list, written with commas where it is a text.
func words(allowed string, ok func([]string) bool) kind[[]string] {
	return kind[[]string]{
		allowed: allowed, shape: sequence, check: ok,
		show: func(s []string) string { return strings.Join(s, ",") },
		schema: map[string]any{"oneOf": []any{map[string]any{"type": "string"},
			map[string]any{"type": "array", "items": map[string]any{"type": "string"}}}},
		parse: func(r raw) ([]string, error) {
			list := slices.Clone(r.list)
			if list == nil {
				list = strings.Split(r.text, ",")
			}
			for i := range list {
				list[i] = strings.TrimSpace(list[i])
			}
			return list, nil
		},
	}
}

func networks() kind[[]string] {
	return words("networks in CIDR notation like 10.0.0.0/8", func(list []string) bool {
		for _, s := range list {
			if _, err := netip.ParsePrefix(s); err != nil {
				return false
			}
		}
		return true
	})
}

// pairs is a mapping, written key=value and percent-encoded where it is a text,
// as OpenTelemetry's specification has it for headers and attributes.
func pairs(allowed string, ok func(key, value string) bool) kind[map[string]string] {
	return kind[map[string]string]{
		allowed: allowed, shape: mapping,
		schema: map[string]any{"type": "object", "additionalProperties": map[string]any{"type": "string"}},
		check: func(m map[string]string) bool {
			for key, value := range m {
				if !ok(key, value) {
					return false
				}
			}
			return true
		},
		show: func(m map[string]string) string {
			var all []string
			for _, key := range slices.Sorted(maps.Keys(m)) {
				all = append(all, key+"="+m[key])
			}
			return strings.Join(all, ",")
		},
		parse: func(r raw) (map[string]string, error) {
			if r.mapping != nil {
				return maps.Clone(r.mapping), nil
			}
			return parsePairs(r.text)
		},
	}
}

// parsePairs reads key=value,key=value. Its errors tell which pair is wrong, and
// nothing of it: it may hold a secret.
func parsePairs(text string) (map[string]string, error) {
	found := make(map[string]string)
	for i, pair := range strings.Split(text, ",") {
		if strings.TrimSpace(pair) == "" {
			continue
		}
		key, value, given := strings.Cut(pair, "=")
		key, keyErr := url.PathUnescape(strings.TrimSpace(key))
		value, valueErr := url.PathUnescape(strings.TrimSpace(value))
		_, twice := found[key]
		if !given || key == "" || twice || keyErr != nil || valueErr != nil {
			return nil, fmt.Errorf("pair %d", i+1)
		}
		found[key] = value
	}
	return found, nil
}
