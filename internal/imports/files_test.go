package imports_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// maxLines is the length that no source file passes.
const maxLines = 400

// source is one parsed file.
type source struct {
	path   string
	lines  int
	syntax *ast.File
}

func (s source) test() bool { return strings.HasSuffix(s.path, "_test.go") }

func parse(path string, text []byte) (source, error) {
	syntax, err := parser.ParseFile(token.NewFileSet(), path, text, parser.ParseComments)
	return source{path, bytes.Count(text, []byte("\n")), syntax}, err
}

// sources are all files of the repository, by directory.
func sources(t *testing.T) map[string][]source {
	t.Helper()
	root := filepath.Join("..", "..")
	found := make(map[string][]source)
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch name := entry.Name(); {
		case err != nil:
			return err
		case entry.IsDir() && path != root && (name == "testdata" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")):
			return fs.SkipDir
		case entry.IsDir() || filepath.Ext(path) != ".go":
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		file, err := parse(filepath.ToSlash(relative), text)
		found[filepath.Dir(relative)] = append(found[filepath.Dir(relative)], file)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) < 10 {
		t.Fatalf("only %d packages were found", len(found))
	}
	return found
}

// checks are the rules for one package; each returns what breaks it.
func checks() map[string]func([]source) []string {
	return map[string]func([]source) []string{
		"no function runs by being imported": initFunctions,
		"no package keeps state":             variables,
		"a package has one doc comment":      packageDocs,
		"a file is not too long":             longFiles,
		"an exported name has a doc comment": undocumented,
	}
}

func initFunctions(files []source) (broken []string) {
	for _, f := range files {
		for _, d := range f.syntax.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" && !f.test() {
				broken = append(broken, f.path+" has an init function")
			}
		}
	}
	return broken
}

func variables(files []source) (broken []string) {
	for _, f := range files {
		for _, d := range f.syntax.Decls {
			decl, ok := d.(*ast.GenDecl)
			if !ok || decl.Tok != token.VAR || f.test() {
				continue
			}
			for _, s := range decl.Specs {
				if spec, ok := s.(*ast.ValueSpec); ok && !constant(decl, spec) {
					broken = append(broken, fmt.Sprintf("%s has the variable %s", f.path, spec.Names[0].Name))
				}
			}
		}
	}
	return broken
}

// constant reports whether nobody changes the variables of spec: assertions of
// an interface, embedded files, regular expressions and errors to compare with.
func constant(decl *ast.GenDecl, spec *ast.ValueSpec) bool {
	if !slices.ContainsFunc(spec.Names, func(n *ast.Ident) bool { return n.Name != "_" }) {
		return true
	}
	for _, doc := range []*ast.CommentGroup{decl.Doc, spec.Doc} {
		if doc != nil && slices.ContainsFunc(doc.List, func(c *ast.Comment) bool { return strings.HasPrefix(c.Text, "//go:embed ") }) {
			return true
		}
	}
	for _, value := range spec.Values {
		// A pool caches memory between uses; nothing can be read back from it.
		if l, ok := value.(*ast.CompositeLit); ok && selector(l.Type) == "sync.Pool" {
			continue
		}
		call, ok := value.(*ast.CallExpr)
		if !ok || !slices.Contains([]string{"regexp.MustCompile", "errors.New"}, selector(call.Fun)) {
			return false
		}
	}
	return len(spec.Values) > 0
}

func selector(e ast.Expr) string {
	if s, ok := e.(*ast.SelectorExpr); ok {
		if x, ok := s.X.(*ast.Ident); ok {
			return x.Name + "." + s.Sel.Name
		}
	}
	return ""
}

func packageDocs(files []source) (broken []string) {
	var with []string
	code := slices.DeleteFunc(slices.Clone(files), source.test)
	for _, f := range code {
		if f.syntax.Doc != nil {
			with = append(with, f.path)
		}
	}
	if len(code) > 0 && len(with) != 1 {
		return []string{fmt.Sprintf("the package of %s has %d doc comments %v, want 1", code[0].path, len(with), with)}
	}
	return nil
}

func longFiles(files []source) (broken []string) {
	for _, f := range files {
		if f.lines > maxLines {
			broken = append(broken, fmt.Sprintf("%s has %d lines, allowed are %d", f.path, f.lines, maxLines))
		}
	}
	return broken
}

func undocumented(files []source) (broken []string) {
	for _, f := range files {
		if f.test() {
			continue
		}
		miss := func(name string, docs ...*ast.CommentGroup) {
			if ast.IsExported(name) && !slices.ContainsFunc(docs, func(d *ast.CommentGroup) bool { return d.Text() != "" }) {
				broken = append(broken, fmt.Sprintf("%s: %s has no doc comment", f.path, name))
			}
		}
		for _, d := range f.syntax.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil || ast.IsExported(receiver(d.Recv.List[0].Type)) {
					miss(d.Name.Name, d.Doc)
				}
			case *ast.GenDecl:
				for _, s := range d.Specs {
					switch s := s.(type) {
					case *ast.TypeSpec:
						miss(s.Name.Name, d.Doc, s.Doc)
					case *ast.ValueSpec:
						for _, n := range s.Names {
							miss(n.Name, d.Doc, s.Doc)
						}
					}
				}
			}
		}
	}
	return broken
}

func receiver(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiver(e.X)
	case *ast.IndexExpr:
		return receiver(e.X)
	case *ast.IndexListExpr:
		return receiver(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}

func TestFilesKeepTheRules(t *testing.T) {
	all := sources(t)
	for name, check := range checks() {
		t.Run(name, func(t *testing.T) {
			for _, files := range all {
				for _, broken := range check(files) {
					t.Error(broken)
				}
			}
		})
	}
}

// TestEachRuleCanBeBroken has one package for each rule that breaks it and no
// other, and one that breaks none.
func TestEachRuleCanBeBroken(t *testing.T) {
	const good = `// Package x is good.
package x

import (
	"embed"
	"errors"
	"regexp"
)

// ErrX is an error to compare with.
var ErrX = errors.New("x")

var name = regexp.MustCompile("x")

var _ error = ErrX

//go:embed x
var files embed.FS

// The names.
const (
	A = 1
	B = 2
)

// T is a type.
type T[A any] struct{ X int }

// M is a method.
func (t *T[A]) M() {}

type hidden struct{}

func (hidden) M() {}
`
	for name, bad := range map[string]string{
		"":                                   good,
		"no function runs by being imported": good + "\nfunc init() {}\n",
		"no package keeps state":             good + "\nvar count, total = 0, 0\n",
		"a package has one doc comment":      strings.TrimPrefix(good, "// Package x is good.\n"),
		"a file is not too long":             good + strings.Repeat("\n", maxLines),
		"an exported name has a doc comment": good + "\nfunc (t T[A]) N() {}\n",
	} {
		file, err := parse("x.go", []byte(bad))
		if err != nil {
			t.Fatal(err)
		}
		for rule, check := range checks() {
			if broken := check([]source{file}); (len(broken) > 0) != (rule == name) {
				t.Errorf("a package that breaks %q: the check %q finds %v", name, rule, broken)
			}
		}
	}
	for _, state := range []string{"var m = map[string]int{}", "var once sync.Once", "var New = errors.New", "var a, b = errors.New(``), 0"} {
		file, err := parse("x.go", []byte("package x\n"+state))
		if err != nil {
			t.Fatal(err)
		}
		if len(variables([]source{file})) != 1 {
			t.Errorf("%s is taken", state)
		}
	}
}
