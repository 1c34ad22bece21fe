package telemetry_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/tutorflow/observability/internal/otlpcollector"
)

// canary is the secret that comes from origin alone, so that an output that has
// it names the leak. It has the same letters in a URL, in JSON and in quotes.
func canary(origin string) string {
	sum := sha256.Sum256([]byte(origin))
	return "zQ" + hex.EncodeToString(sum[:8])
}

// forms are the texts by which a secret is known.
func forms(secret string) []string {
	list := fmt.Sprint([]byte(secret))
	all := []string{secret, hex.EncodeToString([]byte(secret)), strings.ToUpper(hex.EncodeToString([]byte(secret))),
		list[1 : len(list)-1], strings.ReplaceAll(list[1:len(list)-1], " ", ",")}
	for before := range 3 { // bytes, which move the secret within its group of base64
		encoded := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("-", before) + secret))
		whole := encoded[(before*8+5)/6 : (before+len(secret))*8/6]
		all = append(all, whole, strings.NewReplacer("+", "-", "/", "_").Replace(whole))
	}
	return all
}

// leaks names the origins whose secret is in text, each with what is around it.
func leaks(text string, origins []string) (found []string) {
	for _, origin := range origins {
		for _, form := range forms(canary(origin)) {
			if i := strings.Index(text, form); i >= 0 {
				found = append(found, fmt.Sprintf("%s: …%s…", origin, text[max(0, i-150):min(len(text), i+50)]))
				break
			}
		}
	}
	return found
}

func TestASecretIsKnownByEachOfItsForms(t *testing.T) {
	secret := canary("a")
	for name, text := range map[string]string{
		"itself":                secret,
		"in base64":             base64.StdEncoding.EncodeToString([]byte("user:" + secret)),
		"in base64 for a URL":   base64.RawURLEncoding.EncodeToString([]byte("u:" + secret + "tail")),
		"in base64, in between": base64.StdEncoding.EncodeToString([]byte("abc" + secret + "tail")),
		"in hex":                fmt.Sprintf("%X", "user:"+secret),
		"as bytes":              fmt.Sprint([]byte(secret + ".")),
	} {
		if len(leaks(text, []string{"b"})) != 0 || len(leaks(text, []string{"b", "a"})) != 1 {
			t.Errorf("%s: %q has %q", name, text, leaks(text, []string{"b", "a"}))
		}
	}
}

// TestSecretsAreInNoOutput runs a whole service whose code is careless with each
// of its secrets, and reads everything that leaves it.
func TestSecretsAreInNoOutput(t *testing.T) {
	s := startCareless(t)
	plants := plants()
	for _, name := range slices.Sorted(maps.Keys(plants)) {
		s.request(name)
	}
	s.scrape()
	s.waitForExports(len(plants))
	s.failExports(otlpcollector.Behaviour{Failure: otlpcollector.Invalid})
	s.failExports(otlpcollector.Behaviour{Reject: 1})
	s.end()

	origins := append(slices.Sorted(maps.Keys(plants)), carelessOrigins()...)
	for name, text := range s.outputs {
		for _, leak := range leaks(text, origins) {
			t.Errorf("the %s shows the secret of %s", name, leak)
		}
	}
	// Silence would pass as well.
	for _, output := range []string{"log", "console", "spans", "log records"} {
		for name := range plants {
			if !strings.Contains(s.outputs[output], name) {
				t.Errorf("the %s shows nothing of the request %q", output, name)
			}
		}
	}
	for output, want := range map[string]string{
		"log":             "[REDACTED]",
		"spans":           "[REDACTED]",
		"metrics":         "tutorflow_errors_total",
		"scrape":          `tutorflow_errors_total{endpoint="/careless/{plant}",error_type="panic"}`,
		"scrape, open":    `tutorflow_errors_total{endpoint="/careless/{plant}",error_type="panic"}`,
		"admin config":    "[REDACTED]",
		"health details":  `"reason":"failed"`,
		"admin health":    `"reason":"panic"`,
		"answers":         "500 Internal Server Error",
		"returned errors": "telemetry",
	} {
		if !strings.Contains(s.outputs[output], want) {
			t.Errorf("the %s has no %s: %.2000s", output, want, s.outputs[output])
		}
	}
	for _, want := range []string{"telemetry failed", "health check changed", "handler panicked"} {
		if !strings.Contains(s.outputs["log"], want) {
			t.Errorf("the log has no line %q", want)
		}
	}
}
