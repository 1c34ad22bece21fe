package zaplog

import "bytes"

// maxSuffix is longer than the longest word below.
const maxSuffix = 32

// Sensitive reports whether the value of key is a secret: the key ends in one
// of the words below, whatever its case, its separators (- _ . and space) and a
// final s. Ends of keys rather than whole keys, so that db_password,
// X-Api-Key, accessToken and toss.secretKey need no entry of their own.
func Sensitive(key string) bool {
	var b [maxSuffix]byte
	k := fold(&b, key)
	if len(k) < 3 {
		return false
	}
	if k[len(k)-1] == 's' && !bytes.HasSuffix(k, []byte("ss")) {
		k = k[:len(k)-1]
	}
	// The last letter rules out most keys at once.
	switch k[len(k)-1] {
	case 'c':
		return ends(k, "cvc")
	case 'd':
		return ends(k, "password") || ends(k, "passwd") || ends(k, "pwd") || ends(k, "sessionid") || ends(k, "sessid")
	case 'e':
		return ends(k, "cookie") || ends(k, "passphrase") || ends(k, "passcode") || ends(k, "signature")
	case 'h':
		return string(k) == "auth" || ends(k, "basicauth") || ends(k, "passwordhash")
	case 'l':
		return ends(k, "credential")
	case 'm':
		// The key of Honeycomb is called a team.
		return ends(k, "honeycombteam")
	case 'n':
		return ends(k, "token") || ends(k, "authorization") || ends(k, "session") || ends(k, "dsn") ||
			ends(k, "rrn") || ends(k, "ssn") || ends(k, "passwordconfirmation")
	case 'o':
		return ends(k, "cardno") || ends(k, "residentno")
	case 'p':
		return ends(k, "otp")
	case 'r':
		return ends(k, "cardnumber") || ends(k, "residentnumber") || ends(k, "residentregistrationnumber")
	case 't':
		// The last two are fields of an url.URL, as is rawquery below.
		return ends(k, "secret") || ends(k, "jwt") || string(k) == "fragment" || string(k) == "rawfragment"
	case 'v':
		return ends(k, "cvv")
	case 'y':
		return ends(k, "apikey") || ends(k, "accesskey") || ends(k, "privatekey") || ends(k, "secretkey") ||
			ends(k, "signingkey") || ends(k, "encryptionkey") || string(k) == "rawquery"
	}
	return false
}

func ends(k []byte, word string) bool {
	return len(k) >= len(word) && string(k[len(k)-len(word):]) == word
}

// fold returns the last letters of key in lower case without separators.
func fold(b *[maxSuffix]byte, key string) []byte {
	n := maxSuffix
	for i := len(key) - 1; i >= 0 && n > 0; i-- {
		c := key[i]
		switch {
		case c >= 'A' && c <= 'Z':
			c |= 0x20
		case c == '-' || c == '_' || c == '.' || c == ' ':
			continue
		}
		n--
		b[n] = c
	}
	return b[n:]
}
