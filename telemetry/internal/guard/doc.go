// Package guard wraps a meter provider of the OpenTelemetry SDK, so that the
// instruments that a program and its libraries make with it cost no more than
// themselves.
//
//	provider := guard.New(sdk, meter, self.Dropped("sdk", "metrics", "invalid_value"))
//	otel.SetMeterProvider(provider)
//
// The SDK calls callbacks one after the other while it holds the lock of its
// pipeline: one that panics loses the whole collection, and one that hangs all
// that follow, and with them the making of instruments. Here each is a
// catalog.Source, which has its own goroutine and time, and what it observes
// counts only if it returns well and in time. Numbers that make a sum useless
// are dropped, whoever adds them.
//
// What is passed on is the SDK's, and costs no allocation more. A callback that
// makes an instrument, or unregisters a callback, waits for the collection that
// it is part of: it is late once, and from then on as any other.
package guard
