package zaplog

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const hexDigits = "0123456789abcdef"

// appendQuoted appends s as a JSON string. Beyond what JSON asks for it escapes
// the control characters from U+007F to U+009F, which terminals obey, and the
// line separators U+2028 and U+2029. Invalid UTF-8 becomes U+FFFD.
func appendQuoted(buf []byte, s string) []byte {
	buf = append(buf, '"')
	last := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c < 0x7f && c != '"' && c != '\\' {
			i++
			continue
		}
		r, size := rune(c), 1
		if c >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(s[i:])
			if (r != utf8.RuneError || size > 1) && r > 0x9f && r != '\u2028' && r != '\u2029' {
				i += size
				continue
			}
		}
		buf = append(buf, s[last:i]...)
		i += size
		last = i
		switch r {
		case '"', '\\':
			buf = append(buf, '\\', byte(r))
		case '\n':
			buf = append(buf, '\\', 'n')
		case '\r':
			buf = append(buf, '\\', 'r')
		case '\t':
			buf = append(buf, '\\', 't')
		default:
			buf = append(buf, '\\', 'u', hexDigits[r>>12&15], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
		}
	}
	buf = append(buf, s[last:]...)
	return append(buf, '"')
}

// appendFloat writes what JSON has no number for as a string.
func appendFloat(buf []byte, f float64, bits int) []byte {
	switch abs := math.Abs(f); {
	case math.IsNaN(f):
		return append(buf, `"NaN"`...)
	case math.IsInf(f, 1):
		return append(buf, `"+Inf"`...)
	case math.IsInf(f, -1):
		return append(buf, `"-Inf"`...)
	case abs != 0 && (abs < 1e-6 || abs >= 1e21):
		return strconv.AppendFloat(buf, f, 'e', -1, bits)
	default:
		return strconv.AppendFloat(buf, f, 'f', -1, bits)
	}
}

// appendTime appends t, quoted, as RFC 3339 in UTC with microseconds.
func appendTime(buf []byte, t time.Time) []byte {
	t = t.UTC()
	year, month, day := t.Date()
	if year < 0 || year > 9999 {
		buf = append(buf, '"')
		buf = t.AppendFormat(buf, "2006-01-02T15:04:05.000000Z")
		return append(buf, '"')
	}
	hour, minute, sec := t.Clock()
	buf = append(buf, `"0000-00-00T00:00:00.000000Z"`...)
	b := buf[len(buf)-len(`0000-00-00T00:00:00.000000Z"`):]
	digits(b[0:4], year)
	digits(b[5:7], int(month))
	digits(b[8:10], day)
	digits(b[11:13], hour)
	digits(b[14:16], minute)
	digits(b[17:19], sec)
	digits(b[20:26], t.Nanosecond()/1000)
	return buf
}

// digits writes n into the whole of b, with leading zeros.
func digits(b []byte, n int) {
	for i := len(b) - 1; i >= 0; i-- {
		b[i] = byte('0' + n%10)
		n /= 10
	}
}

// appendMillis appends d in milliseconds with three decimals.
func appendMillis(buf []byte, d time.Duration) []byte {
	us := max(d, 0).Microseconds()
	buf = strconv.AppendInt(buf, us/1000, 10)
	buf = append(buf, ".000"...)
	digits(buf[len(buf)-3:], int(us%1000))
	return buf
}

// millis is the number that appendMillis writes.
func millis(d time.Duration) float64 { return float64(max(d, 0).Microseconds()) / 1000 }

// cut shortens s to at most n bytes without splitting a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for i := n; i > n-utf8.UTFMax && i > 0; i-- {
		if utf8.RuneStart(s[i]) {
			return s[:i]
		}
	}
	return s[:n]
}

func toValid(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }
