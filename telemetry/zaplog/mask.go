package zaplog

import (
	"bytes"
	"encoding/base64"
	"strings"
)

// mask replaces the secrets in free text that their form tells: the userinfo of
// a URL or of a MySQL DSN, the value in key=value, key:value and "key": value
// where the key is a secret's, bearer tokens, the credentials of basic
// authentication, and JSON web tokens. A colon followed by a space counts only
// after a quoted key or a header's name, since errors are joined that way
// ("parse token: …").
func mask(s string, cutQueries bool) string {
	if strings.IndexByte(s, ':') < 0 && strings.IndexByte(s, '=') < 0 && !strings.Contains(s, "earer ") && !strings.Contains(s, "asic ") &&
		!strings.Contains(s, jwtStart) {
		return s
	}
	var out strings.Builder
	done := 0 // s[:done] is in out
	var last urlSpan
	replace := func(from, to int, with string) {
		if from >= done && to > from {
			out.WriteString(s[done:from])
			out.WriteString(with)
			done = to
		}
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case i < done:
		case c == ':' && strings.HasPrefix(s[i:], "://"):
			last = scanURL(s, i+len("://"), last.end)
			replace(last.start, last.host, redacted+"@")
			// Errors say "op "url": cause", also those that came as a string.
			if cutQueries || strings.HasPrefix(s[last.end:], `": `) {
				replace(last.query, last.end, "")
			}
		case c == '=' || c == ':':
			from, to := secretValue(s, i)
			replace(from, to, redacted)
		case c == '@' && (strings.HasPrefix(s[i:], "@tcp(") || strings.HasPrefix(s[i:], "@unix(")):
			replace(max(done, userStart(s, i)), i, redacted)
		case c == 'e' && strings.HasPrefix(s[i:], jwtStart) && (i == 0 || !isWordByte(s[i-1])):
			replace(i, jwtEnd(s, i), redacted)
		case c == 'e' && strings.HasPrefix(s[i:], "earer ") && i > 0 && s[i-1]|0x20 == 'b':
			from := i + len("earer ")
			replace(from, valueEnd(s, from), redacted)
		case c == 'a' && strings.HasPrefix(s[i:], "asic ") && i > 0 && s[i-1]|0x20 == 'b':
			from := i + len("asic ")
			if to := wordEnd(s, from); isBasic(s[from:to]) {
				replace(from, to, redacted)
			}
		}
	}
	if done == 0 {
		return s
	}
	out.WriteString(s[done:])
	return out.String()
}

func wordEnd(s string, from int) int {
	if n := strings.IndexAny(s[from:], " \t\r\n&,;\"'`<>)]}"); n >= 0 {
		return from + n
	}
	return len(s)
}

// isBasic tells the credentials of basic authentication from the word that
// follows "basic" in a sentence: they are user:password in base64.
func isBasic(word string) bool {
	decoded, err := base64.StdEncoding.DecodeString(word[:min(len(word), maxString/4*4)])
	return err == nil && bytes.IndexByte(decoded, ':') >= 0
}

// jwtStart is {" in base64, with which the header of a JSON web token begins.
const jwtStart = "eyJ"

// jwtEnd finds the end of the token that begins at from. A word without a dot is
// none.
func jwtEnd(s string, from int) int {
	to := from
	for to < len(s) && isWordByte(s[to]) {
		to++
	}
	if strings.IndexByte(s[from:to], '.') < 0 {
		return from
	}
	return to
}

// userStart finds the start of user:password, which ends at at.
func userStart(s string, at int) int {
	start := at
	for start > 0 && at-start < maxKey && strings.IndexByte(" \t\r\n\"'`", s[start-1]) < 0 {
		start--
	}
	return start
}

// secretValue finds the value behind the separator at i, if the key before it
// is a secret's; otherwise the span is empty.
func secretValue(s string, i int) (from, to int) {
	end := i
	quoted := end > 0 && s[end-1] == '"'
	if quoted {
		end--
		if end > 0 && s[end-1] == '\\' {
			end--
		}
	}
	start := end
	for start > 0 && end-start < maxKey && isWordByte(s[start-1]) {
		start--
	}
	word := s[start:end]
	if quoted && (start == 0 || s[start-1] != '"') {
		return 0, 0 // the end of a longer text: get "…/token": refused
	}
	inQuery := s[i] == '=' && start > 0 && (s[start-1] == '?' || s[start-1] == '&')
	if word == "" || !Sensitive(word) && !(inQuery && credential(word)) {
		return 0, 0
	}
	from = i + 1
	header := s[i] == ':' && isHeader(word)
	if s[i] == ':' && from < len(s) && s[from] == ' ' && !quoted && !header && !isHeaderLike(word) {
		return 0, 0
	}
	for from < len(s) && s[from] == ' ' {
		from++
	}
	if header && !quoted {
		if n := strings.IndexAny(s[from:], "\r\n"); n >= 0 {
			return from, from + n
		}
		return from, len(s)
	}
	to = valueEnd(s, from)
	switch strings.ToLower(s[from:to]) {
	case "bearer", "basic", "digest", "apikey":
		to = valueEnd(s, min(to+1, len(s)))
	}
	return from, to
}

// valueEnd finds the end of a quoted value or of a word. Passwords may hold
// quotes and punctuation, so these end a value only where mayEnd says so.
func valueEnd(s string, from int) int {
	rest := s[from:]
	closing := ""
	switch {
	case strings.HasPrefix(rest, `\"`):
		from, closing = from+1, `"`
	case rest != "" && (rest[0] == '"' || rest[0] == '\''):
		closing = rest[:1]
	case strings.HasPrefix(rest, "["): // the %v of a slice
		closing = "]"
	}
	if closing != "" {
		for to := from + 1; to < len(s); to++ {
			if s[to] == '\\' && !strings.HasPrefix(rest, `\"`) {
				to++
			} else if s[to] == closing[0] && mayEnd(s, to+1) {
				return to + 1
			}
		}
		return len(s)
	}
	for to := from; to < len(s); to++ {
		if strings.IndexByte(" \t\r\n\"`", s[to]) >= 0 || strings.IndexByte("&,;'<>)]}", s[to]) >= 0 && mayEnd(s, to+1) {
			return to
		}
	}
	return len(s)
}

// mayEnd reports whether a value may end before i: where the text does, at a space
// or more punctuation, or where the next key begins.
func mayEnd(s string, i int) bool {
	if i >= len(s) || strings.IndexByte(" \t\r\n&,;\"'`<>)]}\\", s[i]) >= 0 {
		return true
	}
	end := i
	for end < len(s) && end-i < maxKey && isWordByte(s[end]) {
		end++
	}
	if end == len(s) {
		return false
	}
	return s[end] == '=' || s[end] == ':' && (end > i || end+1 == len(s) || s[end+1] == ' ')
}

// credential reports whether the parameter of a query is one, though the same
// word is harmless elsewhere.
func credential(parameter string) bool {
	return parameter == "code" || parameter == "sig" || parameter == "key"
}

func isHeader(word string) bool {
	var b [maxSuffix]byte
	switch string(fold(&b, word)) {
	case "authorization", "proxyauthorization", "cookie", "setcookie":
		return true
	}
	return false
}

// isHeaderLike reports whether word, the key of a secret, is written as headers
// are: in words joined by hyphens, which no sentence has before a colon. Its
// value is one word, unlike that of the headers above.
func isHeaderLike(word string) bool { return strings.IndexByte(word, '-') > 0 }

func isWordByte(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '_' || c == '-' || c == '.' || c == '+'
}
