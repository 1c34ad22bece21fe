package otlp

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tutorflow/observability/exporters"
)

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
