package jsonline_test

import (
	"strings"
	"testing"

	"github.com/tutorflow/observability/internal/jsonline"
)

func TestOnlyOneObjectWithoutAKeyTwiceIsRead(t *testing.T) {
	for name, test := range map[string]struct{ line, want string }{
		"an object":               {`{"a":1,"b":{"a":[{"a":2},{"a":3}]}}`, ""},
		"nothing":                 {"", "EOF"},
		"half of one":             {`{"a":1`, "EOF"},
		"a list":                  {`[1]`, "is a []interface {}"},
		"a key twice":             {`{"a":1,"a":2}`, `key "a" is there twice`},
		"a key twice in an inner": {`{"a":{"b":1,"b":2}}`, `key "b" is there twice`},
		"a key twice in a list":   {`{"a":[{"b":1,"b":2}]}`, `key "b" is there twice`},
		"two of them":             {`{"a":1}{"a":1}`, "something follows the object"},
		"a line break":            {"{\"a\":1}\n", "something follows the object"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := jsonline.Decode(test.line)
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
}
