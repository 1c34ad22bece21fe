package exporters

import "strings"

// The limits of a header, in bytes.
const (
	maxHeaderName  = 256
	maxHeaderValue = 8 << 10
)

// AllowedHeader says in an error what ValidHeader wants.
const AllowedHeader = "a name of letters, digits, -, _ and . that the protocol does not set itself, and a value of printable ASCII characters"

// ValidHeader reports whether a header can go with each export, whatever the
// protocol: gRPC and HTTP can both carry it, and neither they nor the exporter
// set it.
func ValidHeader(name, value string) bool {
	return name != "" && len(name) <= maxHeaderName && len(value) <= maxHeaderValue &&
		!strings.ContainsFunc(name, notInName) && !strings.ContainsFunc(value, unprintable) && !reserved(strings.ToLower(name))
}

func notInName(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-_.", r)
}

func unprintable(r rune) bool { return r < ' ' || r > '~' }

// reserved reports whether the official exporters, gRPC or net/http set or drop
// the header.
func reserved(name string) bool {
	switch name {
	case "content-type", "content-encoding", "content-length", "transfer-encoding", "host", "user-agent",
		"connection", "keep-alive", "proxy-connection", "te", "trailer", "upgrade":
		return true
	}
	return strings.HasPrefix(name, "grpc-")
}
