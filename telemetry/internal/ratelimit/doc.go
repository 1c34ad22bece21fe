// Package ratelimit passes on the first of many like errors, so that a pipeline
// that fails a thousand times a second writes one line in ten seconds for each
// cause.
//
//	errors := ratelimit.New(func(err error, heldBack int64) { … })
//	otel.SetErrorHandler(otel.ErrorHandlerFunc(errors.Handle))
//
// It starts no goroutine, so what is held back is told with the next error of
// that cause, or never. It neither escapes nor redacts the text.
package ratelimit
