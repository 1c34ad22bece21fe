package exporters_test

import (
	"strings"
	"testing"

	"github.com/tutorflow/observability/exporters"
)

func TestHeadersThatBothProtocolsCarryAreValid(t *testing.T) {
	for name, test := range map[string]struct {
		name, value string
		want        bool
	}{
		"credentials":                     {"Authorization", "Bearer a+b/c=", true},
		"all that a name may have":        {"x-Key_1.b", "", true},
		"all that a value may have":       {"x", " !~", true},
		"the longest name":                {strings.Repeat("x", 256), "", true},
		"a name beyond the limit":         {strings.Repeat("x", 257), "", false},
		"the longest value":               {"x", strings.Repeat("x", 8192), true},
		"a value beyond the limit":        {"x", strings.Repeat("x", 8193), false},
		"no name":                         {"", "x", false},
		"a space in a name":               {"x y", "x", false},
		"what only HTTP has in a name":    {"x!", "x", false},
		"a name that is not ASCII":        {"x\u00e9", "x", false},
		"a sign that lower case makes k":  {"\u212aey", "x", false},
		"a line break":                    {"x", "a\r\nb: c", false},
		"a tab":                           {"x", "a\tb", false},
		"a delete character":              {"x", "\x7f", false},
		"a value that is not ASCII":       {"x", "Zo\u00eb", false},
		"a value that is not UTF-8":       {"x", "\xff", false},
		"a binary value over gRPC":        {"x-bin", "\x00", false},
		"a pseudo header":                 {":authority", "x", false},
		"one of gRPC's own":               {"GRPC-timeout", "x", false},
		"the host":                        {"Host", "x", false},
		"the type of the content":         {"content-type", "x", false},
		"the exporter's name for itself":  {"User-Agent", "x", false},
		"what ends at the next connector": {"Connection", "x", false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := exporters.ValidHeader(test.name, test.value); got != test.want {
				t.Errorf("%.40q with %.40q is valid: %t", test.name, test.value, got)
			}
		})
	}
}
