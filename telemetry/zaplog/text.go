package zaplog

import (
	"bytes"
	"encoding/base64"
	"errors"
	"net/url"
	"strconv"
	"strings"
)

// maxText is how much of a string is searched for secrets before it is cut to
// maxString: what is masked shortens the text and pulls later parts into view.
const maxText = 16 << 10

const cutMark = "…[truncated]"

// text writes a string as a value, with the secrets in it masked.
func (e *encoder) text(s string) { e.maskedText(s, false) }

// errorText does so for the text of an error, whose URLs also lose their query.
func (e *encoder) errorText(s string) { e.maskedText(s, true) }

func (e *encoder) maskedText(s string, isError bool) {
	if e.over() {
		return // the member will be taken back
	}
	s = mask(cut(s, maxText), isError)
	if len(s) > maxString {
		e.cut = true
		s = cut(s, maxString-len(cutMark)) + cutMark
	}
	e.buf = appendQuoted(e.buf, s)
}

// Redact returns the text of an error as a log line has it: the secrets in it
// masked, the queries of URLs left out, and cut to 16 kB.
func Redact(text string) string { return mask(cut(text, maxText), true) }

// textOf is the text of err without the query of a URL that it names.
func textOf(err error) string {
	s := err.Error()
	if u, ok := errors.AsType[*url.Error](err); ok {
		if _, query, _ := strings.Cut(u.URL, "?"); query != "" {
			s = strings.ReplaceAll(s, "?"+query, "")
			quoted := strconv.Quote(query)
			s = strings.ReplaceAll(s, "?"+quoted[1:len(quoted)-1], "")
		}
	}
	return s
}

// cleanURL keeps of u what is no secret: no userinfo, query or fragment.
func cleanURL(u *url.URL) string {
	if u == nil {
		return "<nil>"
	}
	c := *u
	c.User, c.RawQuery, c.ForceQuery, c.Fragment, c.RawFragment = nil, "", false, "", ""
	return c.String()
}

// mask replaces four kinds of secret in free text: the userinfo of a URL, the
// value in key=value, key:value and "key": value where the key is a secret's,
// bearer tokens, and the credentials of basic authentication. A colon followed
// by a space counts only after a quoted key or a header's name, since errors are
// joined that way ("parse token: …").
func mask(s string, cutQueries bool) string {
	if strings.IndexByte(s, ':') < 0 && strings.IndexByte(s, '=') < 0 && !strings.Contains(s, "earer ") && !strings.Contains(s, "asic ") {
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
			if cutQueries {
				replace(last.query, last.end, "")
			}
		case c == '=' || c == ':':
			from, to := secretValue(s, i)
			replace(from, to, redacted)
		case c == 'e' && strings.HasPrefix(s[i:], "earer ") && i > 0 && s[i-1]|0x20 == 'b':
			from := i + len("earer ")
			replace(from, valueEnd(s, from), redacted)
		case c == 'a' && strings.HasPrefix(s[i:], "asic ") && i > 0 && s[i-1]|0x20 == 'b':
			from := i + len("asic ")
			if to := valueEnd(s, from); isBasic(s[from:to]) {
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

// isBasic tells the credentials of basic authentication from the word that
// follows "basic" in a sentence: they are user:password in base64.
func isBasic(word string) bool {
	decoded, err := base64.StdEncoding.DecodeString(word[:min(len(word), maxString/4*4)])
	return err == nil && bytes.IndexByte(decoded, ':') >= 0
}

type urlSpan struct {
	start, host int // userinfo with its @, if host > start
	query, end  int
}

// scanURL finds the parts of the URL whose authority begins at start. known is
// the end of the URL before: one inside it ends there too, which keeps mask
// linear in the length of its text.
func scanURL(s string, start, known int) urlSpan {
	end := known
	if start >= end {
		end = urlEnd(s, start)
	}
	u := urlSpan{start: start, host: start, query: end, end: end}
	token := s[start:min(end, start+maxString)]
	authority := len(token)
	if i := strings.IndexAny(token, "/?#"); i >= 0 {
		authority = i
	}
	at := strings.LastIndexByte(token[:authority], '@')
	if at < 0 && looksLikePassword(token[:authority]) {
		// The password itself may hold the / ? or # that seemed to end it.
		at = strings.LastIndexByte(token[:min(len(token), authority+256)], '@')
	}
	if at >= 0 {
		u.host = start + at + 1
		token = token[at+1:]
	}
	if i := strings.IndexByte(token, '?'); i >= 0 {
		u.query = u.host + i
	}
	return u
}

// urlEnd finds the end of the URL whose authority begins at start. A quoted one
// ends at its quote: errors quote them, spaces and all.
func urlEnd(s string, start int) int {
	scheme := start - len("://")
	for scheme > 0 && start-scheme < 32 && isWordByte(s[scheme-1]) {
		scheme--
	}
	if scheme > 0 && s[scheme-1] == '"' {
		for end := start; end < len(s); end++ {
			if s[end] == '\\' {
				end++
			} else if s[end] == '"' {
				return end
			}
		}
		return len(s)
	}
	if n := strings.IndexAny(s[start:], " \t\r\n\"'`<>"); n >= 0 {
		return start + n
	}
	return len(s)
}

// looksLikePassword reports whether what follows the colon of an authority
// cannot be a port.
func looksLikePassword(authority string) bool {
	_, port, ok := strings.Cut(authority, ":")
	return ok && strings.Trim(port, "0123456789") != "" && !strings.HasPrefix(authority, "[")
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
	if word == "" || !sensitive(word) {
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

// valueEnd finds the end of a quoted value or of a word.
func valueEnd(s string, from int) int {
	if strings.HasPrefix(s[from:], `\"`) {
		if n := strings.Index(s[from+2:], `\"`); n >= 0 {
			return from + n + 4
		}
		return len(s)
	}
	if from < len(s) && (s[from] == '"' || s[from] == '\'') {
		for to := from + 1; to < len(s); to++ {
			if s[to] == '\\' {
				to++
			} else if s[to] == s[from] {
				return to + 1
			}
		}
		return len(s)
	}
	if from < len(s) && s[from] == '[' { // the %v of a slice
		if n := strings.IndexByte(s[from:], ']'); n >= 0 {
			return from + n + 1
		}
	}
	if n := strings.IndexAny(s[from:], " \t\r\n&,;\"'`<>)]}"); n >= 0 {
		return from + n
	}
	return len(s)
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
