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
func checkHeaders(settings exporters.OTLP) []error {
	var errs []error
	seen := make(map[string]bool)
	for _, name := range slices.Sorted(maps.Keys(settings.Headers)) {
		fail := func(text string) { errs = append(errs, fmt.Errorf("header %.64q: %s", name, text)) }
		lower := strings.ToLower(name)
		grpc := settings.Protocol == exporters.ProtocolGRPC
		switch {
		case seen[lower]:
			fail("given twice, upper and lower case are the same")
		case reserved(lower, grpc):
			fail("set by the protocol, allowed are others")
		case grpc && !validName(lower, "-_."):
			fail("allowed are letters, digits, -, _ and . in a name over gRPC")
		case !validName(lower, "!#$%&'*+-.^_`|~"):
			fail("allowed are letters, digits and !#$%&'*+-.^_`|~ in a name")
		case grpc && !strings.HasSuffix(lower, "-bin") && strings.ContainsFunc(settings.Headers[name], unprintable):
			fail("allowed are printable ASCII characters in a value over gRPC")
		case !grpc && strings.ContainsFunc(settings.Headers[name], control):
			fail("line breaks and other control characters are not allowed in a value")
		}
		seen[lower] = true
	}
	return errs
}

// reserved reports whether the official exporters, gRPC or net/http set or drop
// the header.
func reserved(name string, grpc bool) bool {
	switch name {
	case "content-type", "content-encoding", "content-length", "transfer-encoding", "host",
		"connection", "keep-alive", "proxy-connection", "te", "trailer", "upgrade":
		return true
	case "user-agent":
		return grpc
	}
	return strings.HasPrefix(name, ":") || grpc && strings.HasPrefix(name, "grpc-")
}

func validName(name, others string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && !strings.ContainsRune(others, r)
	})
}

func unprintable(r rune) bool { return r < ' ' || r > '~' }

func control(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }
