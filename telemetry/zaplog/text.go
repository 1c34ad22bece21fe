package zaplog

import (
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
