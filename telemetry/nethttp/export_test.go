package nethttp

// What tests of the package's own functions need.
var (
	JoinTemplates  = joinTemplates
	ValidRequestID = validRequestID
	NewRequestID   = newRequestID
)
