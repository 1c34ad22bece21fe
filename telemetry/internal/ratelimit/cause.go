package ratelimit

import "strings"

// maxCause is how much of a text tells its cause, in bytes: enough to get past
// the signal and the exporter, at the beginning, to what went wrong.
const maxCause = 120

// maxRead is how much of a text is looked at for that.
const maxRead = 1024

// causeOf returns what of text tells its cause: what differs between errors of
// one cause is left out, which are words with a digit in them (ids, addresses,
// attempts, times) and what is quoted.
func causeOf(text string) string {
	var b strings.Builder
	text = text[:min(len(text), maxRead)]
	for text != "" && b.Len() < maxCause {
		if q := text[0]; q == '"' || q == '`' {
			end := strings.IndexByte(text[1:], q)
			if end < 0 {
				break
			}
			text = text[end+2:]
			continue
		}
		n := strings.IndexAny(text[1:], " \t\n\"`") + 1
		if n == 0 {
			n = len(text)
		}
		if !strings.ContainsAny(text[:n], "0123456789") {
			b.WriteString(text[:n])
		}
		text = text[n:]
	}
	cause := b.String()
	return cause[:min(len(cause), maxCause)]
}
