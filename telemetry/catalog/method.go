package catalog

import "net/http"

// Method is the HTTP method of a request as a label.
type Method int

// Methods returns the values of Method: the nine standard methods, then
// OtherMethod.
func Methods() []string {
	return []string{
		http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodConnect, http.MethodOptions, http.MethodTrace, OtherMethod,
	}
}

const methodCount = 10

// ParseMethod folds a method to a label. Methods are case-sensitive (RFC 9110,
// section 9.1), so "get" is OtherMethod.
func ParseMethod(method string) Method {
	switch method {
	case http.MethodGet:
		return 0
	case http.MethodHead:
		return 1
	case http.MethodPost:
		return 2
	case http.MethodPut:
		return 3
	case http.MethodPatch:
		return 4
	case http.MethodDelete:
		return 5
	case http.MethodConnect:
		return 6
	case http.MethodOptions:
		return 7
	case http.MethodTrace:
		return 8
	}
	return methodCount - 1
}

// Other reports whether the method was folded.
func (m Method) Other() bool { return m < 0 || m >= methodCount-1 }

// String returns the label value of m.
func (m Method) String() string {
	if all := Methods(); m >= 0 && int(m) < len(all) {
		return all[m]
	}
	return OtherMethod
}

// ErrorType is a registered kind of error; see HTTP.ErrorType.
type ErrorType int

// The error types that every service has. RecordError sorts an error into one
// of them, or into one that the service registered.
const (
	ErrorOther ErrorType = iota
	ErrorPanic
	ErrorServer
	ErrorTimeout
	ErrorCanceled
	ErrorDatabase
)

// ErrorTypes returns the names of the built-in error types, without those that
// a service registers.
func ErrorTypes() []string {
	return []string{Other, "panic", "server_error", "timeout", "canceled", "database"}
}
