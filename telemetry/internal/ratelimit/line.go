package ratelimit

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxText is the longest text passed on, in bytes.
const maxText = 1024

// cutMark ends a text that was cut.
const cutMark = "…"

// line makes a text one line of at most maxText bytes of printable UTF-8: what
// a collector answers must not look like lines of our own. It escapes as Go
// does, and cuts between two escapes.
func line(text string) string {
	if len(text) <= maxText && !strings.ContainsFunc(text, unprintable) {
		return text
	}
	var b strings.Builder
	fits := 0
	for _, r := range text {
		if b.Len() <= maxText-len(cutMark) {
			fits = b.Len()
		}
		if b.Len() > maxText {
			break
		}
		if unprintable(r) {
			quoted := strconv.QuoteRune(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		} else {
			b.WriteRune(r)
		}
	}
	if b.Len() <= maxText {
		return b.String()
	}
	return b.String()[:fits] + cutMark
}

// unprintable holds for bytes that are no UTF-8, too, which range yields as
// utf8.RuneError.
func unprintable(r rune) bool { return r == utf8.RuneError || !strconv.IsPrint(r) }
