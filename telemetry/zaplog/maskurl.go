package zaplog

import "strings"

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
