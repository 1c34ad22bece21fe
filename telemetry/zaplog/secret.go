package zaplog

import (
	"fmt"
	"io"
	"log/slog"
)

// redacted stands in the place of every secret.
const redacted = "[REDACTED]"

// A Secret is a string that prints as [REDACTED] through fmt, zap, log/slog,
// encoding/json and every encoder that honours encoding.TextMarshaler. Convert
// it to a string to use it. The keys of a map are not protected: encoding/json
// takes a string key as it is.
type Secret string

// String returns [REDACTED].
func (Secret) String() string { return redacted }

// GoString returns [REDACTED].
func (Secret) GoString() string { return redacted }

// Format writes [REDACTED] for every verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalText returns [REDACTED].
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue returns [REDACTED].
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }
