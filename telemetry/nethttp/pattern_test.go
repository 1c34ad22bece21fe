package nethttp_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tutorflow/observability/telemetry/catalog"
	"github.com/tutorflow/observability/telemetry/nethttp"
)

// panicOf returns what f panics with.
func panicOf(f func()) (value any) {
	defer func() { value = recover() }()
	f()
	return nil
}

func FuzzPattern(f *testing.F) {
	for _, pattern := range []string{
		"", "/", "GET /u/{id}", "GET\t/u", " GET /u ", "GET  /a b", "GET\n/u", "get /u", "BREW /u", "GET", "GET example.com", "example.com/u/{rest...}",
		"/{$}", "/u/{", "/u/}", "/}{", "/{id}/{id}", "/{id", "/u/{id:[0-9]+}", "/u/*", "/u/:id", "/a%2fb/\xff", "GET //u", "/\u00a0", "unmatched", "{x}/u",
		"/" + strings.Repeat("x", 126) + "\u20ac", "/" + strings.Repeat("x", 200),
	} {
		f.Add(pattern)
	}
	f.Fuzz(func(t *testing.T, pattern string) {
		r := newRig(t, true)
		template := catalog.Template(pattern)
		endpoint := r.http.Declare(pattern)
		if again := r.http.Declare(pattern); again != endpoint || r.http.Endpoint(template) != endpoint {
			t.Errorf("%q is declared as %q, then as %q, and is %q as a template", pattern, endpoint.Template(), again.Template(), r.http.Endpoint(template).Template())
		}
		a := r.get(setting(pattern), "GET", "/x")
		for _, label := range []string{endpoint.Template(), a.Route} {
			if label == "" || len(label) > catalog.MaxLabelBytes || !utf8.ValidString(label) {
				t.Errorf("%q has the label %q", pattern, label)
			}
		}
		all := r.all()

		accepted := catalog.CheckPattern(pattern) == nil
		words := strings.Fields(pattern)
		if accepted && len(words) == 2 {
			if _, zero := all[fmt.Sprintf("%s %s %s 500", catalog.HTTPRequests, endpoint.Template(), words[0])]; !zero {
				t.Errorf("%q is accepted, but has no status 500 of %s", pattern, words[0])
			}
		}
		if accepted && endpoint == r.http.Unmatched() {
			t.Errorf("%q is accepted and unmatched", pattern)
		}

		// Our mux takes what http.ServeMux takes. That may be declared, too, if it can
		// be a label and is no slip.
		refused := panicOf(func() { http.NewServeMux().HandleFunc(pattern, ok) })
		if got := panicOf(func() { nethttp.NewServeMux(r.http).HandleFunc(pattern, ok) }); fmt.Sprint(got) != fmt.Sprint(refused) {
			t.Errorf("%q panics with %v, http.ServeMux with %v", pattern, got, refused)
		}
		plain := len(words) == 1 || len(words) == 2 && !catalog.ParseMethod(words[0]).Other()
		if refused == nil && plain && strings.Join(words, " ") == pattern && len(template) <= catalog.MaxLabelBytes &&
			strings.Count(template, "{") == strings.Count(template, "}") && !accepted {
			t.Errorf("%q is refused, http.ServeMux takes it", pattern)
		}
	})
}
