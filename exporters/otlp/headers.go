package otlp

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tutorflow/observability/exporters"
)

// minSecret is the length from which a part of a header's value is taken for a
// secret; shorter ones are in many texts by chance.
const minSecret = 6

// withoutValues returns text without the values of headers, which a collector may
// quote when it refuses them. The scheme in front of a token is no secret.
func withoutValues(text string, headers map[string]string) string {
	var secrets []string
	for _, value := range headers {
		words := strings.Fields(value)
		secrets = append(append(secrets, value), words[min(1, max(len(words)-1, 0)):]...)
	}
	// The longest first, since one may be a part of another.
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) })
	for _, secret := range secrets {
		if len(secret) >= minSecret {
			text = strings.ReplaceAll(text, secret, "[REDACTED]")
		}
	}
	return text
}

// checkHeaders reports what cannot be sent as a header. No value is shown, since
// it may be a secret.
func checkHeaders(headers map[string]string) []error {
	var errs []error
	seen := make(map[string]bool)
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		lower := strings.ToLower(name)
		switch {
		case seen[lower]:
			errs = append(errs, fmt.Errorf("header %.64q: given twice, upper and lower case are the same", name))
		case !exporters.ValidHeader(name, headers[name]):
			errs = append(errs, fmt.Errorf("header %.64q: allowed is %s", name, exporters.AllowedHeader))
		}
		seen[lower] = true
	}
	return errs
}
