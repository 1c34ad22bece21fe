package config

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

func sorted(list []string) []string { slices.Sort(list); return list }

// printable reports whether s is 1 to 128 bytes that can be seen.
func printable(s string) bool {
	return strings.TrimSpace(s) != "" && len(s) <= 128 && utf8.ValidString(s) &&
		!strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

// maxAttributes keeps the resource, which goes with each export and is one line
// of each scrape, far below what one may hold.
const maxAttributes = 128

func resourceAttributes() kind[map[string]string] {
	k := pairs(fmt.Sprintf("at most %d attributes of 1 to 128 printable bytes, under names of 1 to 128 that do not become one of the service's own, or one with __ in front, as a label of target_info", maxAttributes), resourceAttribute)
	each := k.check
	k.check = func(m map[string]string) bool { return len(m) <= maxAttributes && each(m) }
	k.schema["maxProperties"] = maxAttributes
	return k
}

// resourceAttribute reports whether an attribute may be added to the resource.
func resourceAttribute(name, value string) bool {
	label := prometheusName(name)
	return printable(name) && printable(value) && !strings.HasPrefix(label, "__") && !slices.Contains(ownAttributes(), label)
}

// prometheusName is what an attribute is called on target_info.
func prometheusName(attribute string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' {
			return r
		}
		return '_'
	}, attribute)
}

// ownAttributes are the names on target_info that the service itself sets.
func ownAttributes() []string {
	return []string{"service_name", "service_version", "deployment_environment_name", "telemetry_sdk_language", "telemetry_sdk_name", "job", "instance"}
}

func hostName(s string) bool {
	return s != "" && len(s) <= 253 && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune("/@?#\\", r)
	}) && (net.ParseIP(s) != nil || !strings.Contains(s, ":"))
}

func bearerToken(s string) bool {
	return len(s) >= 8 && len(s) <= 256 && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7f })
}

// path is the name of a file; that it can be read is checked where it is.
func path() kind[string] {
	return text("the path of a PEM file", func(s string) bool { return len(s) <= 4096 && !strings.ContainsRune(s, 0) })
}

// endpoint is the URL of a collector.
func endpoint() kind[string] {
	k := text("a URL like http://collector:4318, https://collector or unix:/run/otel.sock, without user, query and fragment", endpointURL)
	k.show = withoutCredentials
	return k
}

// withoutCredentials is what may be shown of an endpoint, right or wrong: no
// user, no query and no fragment.
func withoutCredentials(endpoint string) string {
	scheme, rest, found := strings.Cut(endpoint, "://")
	if found {
		scheme += "://"
	} else {
		scheme, rest = "", endpoint
	}
	if at := strings.LastIndexByte(rest, '@'); at >= 0 {
		rest = hidden + rest[at:]
	}
	if end := strings.IndexAny(rest, "?#"); end >= 0 {
		rest = rest[:end+1] + hidden
	}
	return scheme + rest
}

// endpointURL reports whether s is an endpoint. HOST:PORT is none: whether it
// means TLS depends on who reads it.
func endpointURL(s string) bool {
	u, err := url.Parse(s)
	if err != nil || u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return false
	}
	switch u.Scheme {
	case "http", "https":
		return hostName(u.Hostname()) && (u.Port() == "" && !strings.HasSuffix(u.Host, ":") || validPort(u.Port()))
	case "unix":
		return u.Host == "" && (u.Path != "" || u.Opaque != "")
	}
	return false
}

func validPort(s string) bool {
	n, err := net.LookupPort("tcp", s)
	return err == nil && n > 0 && s[0] >= '0' && s[0] <= '9'
}
