package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/tutorflow/observability/internal/regularfile"
)

// maxFileBytes bounds what is read of a file; a real one has a few kilobytes.
const maxFileBytes = 1 << 20

// entry is what a file says of one setting.
type entry struct {
	raw
	line int
}

// readFile reads the settings of the YAML file called name. In the texts of
// values ${VAR} and ${VAR:-default} are replaced by what lookup says; $$ is a
// dollar sign.
func readFile(name string, lookup func(string) (string, bool)) (map[string]entry, error) {
	text, err := regularfile.Read(name, maxFileBytes)
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	return parseFile(name, text, lookup)
}

func parseFile(name string, text []byte, lookup func(string) (string, bool)) (map[string]entry, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var document yaml.Node
	if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, fmt.Errorf("read configuration: %s: %s", name, quoted.ReplaceAllString(err.Error(), "'…'"))
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read configuration: %s: more than one document, or what follows the first is no YAML", name)
	}
	r := &fileReader{name: name, lookup: lookup, found: make(map[string]entry), settings: make(map[string]setting)}
	for _, s := range settings() {
		r.settings[s.key] = s
	}
	r.section("", document.Content[0])
	return r.found, join(r.errs)
}

// quoted is what an error of the parser quotes of the file, which may hold a
// secret; what it misses, like ',', is shorter.
var quoted = regexp.MustCompile(`'[^']{2,}'|"[^"]{2,}"|` + "`[^`]{2,}`")

// fileReader walks the nodes of a file.
type fileReader struct {
	name     string
	lookup   func(string) (string, bool)
	settings map[string]setting
	found    map[string]entry
	errs     []error
}

func (r *fileReader) bad(key string, node *yaml.Node, value, allowed string) {
	r.errs = append(r.errs, &Error{Key: key, Source: fmt.Sprintf("%s:%d", r.name, node.Line), Value: value, Allowed: allowed})
}

// section reads a mapping whose keys are settings or sections.
func (r *fileReader) section(prefix string, node *yaml.Node) {
	if node = resolve(node); null(node) {
		return
	}
	if node.Kind != yaml.MappingNode {
		key := strings.TrimSuffix(prefix, ".")
		if key == "" {
			key = "the file"
		}
		r.bad(key, node, "no mapping", "a mapping of settings")
		return
	}
	seen := make(map[string]bool)
	for i := 0; i+1 < len(node.Content); i += 2 {
		name, value := node.Content[i], node.Content[i+1]
		key := prefix + name.Value
		s, known := r.settings[key]
		switch {
		case seen[key]:
			r.bad(key, name, "given twice", "once")
		case known:
			if v, ok := r.value(&s, value); ok {
				r.found[key] = entry{v, value.Line}
			}
		case r.isSection(key):
			r.section(key+".", value)
		default:
			shown := fmt.Sprintf("%.100q", key)
			if key != "" {
				shown = strings.Trim(shown, `"`)
			}
			r.bad(shown, name, "no setting", strings.Join(r.children(prefix), ", "))
		}
		seen[key] = true
	}
}

func (r *fileReader) isSection(key string) bool {
	for known := range r.settings {
		if strings.HasPrefix(known, key+".") {
			return true
		}
	}
	return false
}

// children are the names that may stand in a section.
func (r *fileReader) children(prefix string) []string {
	seen := make(map[string]bool)
	var all []string
	for key := range r.settings {
		if rest, below := strings.CutPrefix(key, prefix); below {
			name, _, _ := strings.Cut(rest, ".")
			if !seen[name] {
				seen[name] = true
				all = append(all, name)
			}
		}
	}
	return sorted(all)
}

// value reads what a file says of a setting; nothing is no value.
func (r *fileReader) value(s *setting, node *yaml.Node) (v raw, given bool) {
	v.file = true
	node = resolve(node)
	ok := true
	switch {
	case null(node):
		return v, false
	case node.Kind == yaml.ScalarNode && s.shape != mapping:
		v.text, ok = r.expand(s, node)
	case node.Kind == yaml.SequenceNode && s.shape == sequence:
		v.list = []string{}
		for _, item := range node.Content {
			text, good := r.scalar(s, item)
			v.list, ok = append(v.list, text), ok && good
		}
	case node.Kind == yaml.MappingNode && s.shape == mapping:
		v.mapping = make(map[string]string)
		for i := 0; i+1 < len(node.Content); i += 2 {
			text, good := r.scalar(s, node.Content[i+1])
			if _, twice := v.mapping[node.Content[i].Value]; twice {
				r.bad(s.key, node.Content[i], "a name given twice", "once")
			}
			v.mapping[node.Content[i].Value], ok = text, ok && good
		}
	default:
		r.bad(s.key, node, "of another shape", s.shape.String()+": "+s.allowed)
		return v, false
	}
	return v, ok
}

func (r *fileReader) scalar(s *setting, node *yaml.Node) (string, bool) {
	if node = resolve(node); node.Kind != yaml.ScalarNode {
		r.bad(s.key, node, "of another shape", s.allowed)
		return "", false
	}
	return r.expand(s, node)
}

// reference is $$, a reference to a variable, or the beginning of something that
// is neither.
var reference = regexp.MustCompile(`\$\$|\$\{([A-Za-z_][A-Za-z0-9_]*)(:-([^}]*))?\}|\$\{`)

// expand replaces the references in the text of a scalar.
func (r *fileReader) expand(s *setting, node *yaml.Node) (text string, ok bool) {
	ok = true
	text = reference.ReplaceAllStringFunc(node.Value, func(match string) string {
		parts := reference.FindStringSubmatch(match)
		switch {
		case match == "$$":
			return "$"
		case parts[1] == "":
			r.bad(s.key, node, "with an open ${", "${VAR} or ${VAR:-default}, and $$ for a dollar sign")
		default:
			if value, set := r.lookup(parts[1]); set && value != "" {
				return value
			}
			if parts[2] != "" {
				return parts[3]
			}
			r.bad(s.key, node, fmt.Sprintf("${%s}, which is not set", parts[1]), "a variable that is set, or ${"+parts[1]+":-default}")
		}
		ok = false
		return ""
	})
	return text, ok
}

func resolve(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		return node.Alias
	}
	return node
}

func null(node *yaml.Node) bool { return node.Kind == yaml.ScalarNode && node.Tag == "!!null" }
