package nethttp

import "math/rand/v2"

// requestIDHeader is the canonical form of X-Request-ID.
const requestIDHeader = "X-Request-Id"

// maxRequestID is the longest identity taken over from a client.
const maxRequestID = 64

// validRequestID holds a client's X-Request-ID to characters that need no
// escaping in any log, header or URL.
func validRequestID(id string) bool {
	if id == "" || len(id) > maxRequestID {
		return false
	}
	for i := range len(id) {
		switch c := id[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '.', c == '_', c == '-':
		default:
			return false
		}
	}
	return true
}

// newRequestID returns 128 random bits in hex. They tell requests apart and
// guard nothing, so the fast generator of math/rand will do.
func newRequestID() string {
	const digits = "0123456789abcdef"
	var text [32]byte
	high, low := rand.Uint64(), rand.Uint64()
	for i := range 16 {
		text[i] = digits[high&15]
		text[16+i] = digits[low&15]
		high, low = high>>4, low>>4
	}
	return string(text[:])
}
