// Package ratelimit passes on the first of many like errors, so that a pipeline
// that fails a thousand times a second writes one line in ten seconds for each
// cause.
//
//	errors := ratelimit.New(func(err error, heldBack int64) { … })
//	otel.SetErrorHandler(otel.ErrorHandlerFunc(errors.Handle))
//
// It starts no goroutine, so what is held back is told with the next error of
// that cause, or never. The text is made fit for an operator's log, whoever
// wrote it: one line of at most 1 kB of UTF-8, control characters escaped,
// credentials redacted by the rules of package zaplog.
package ratelimit
