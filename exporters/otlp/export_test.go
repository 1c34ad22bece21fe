package otlp

// What tests of the package's own functions need.
var (
	Reconnects = reconnects
	Retries    = retries
)
