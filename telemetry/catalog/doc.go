// Package catalog is the one place that names a metric: the definitions of
// everything the SDK exports, and the typed instruments behind them.
//
// The instruments differ from plain OpenTelemetry ones in four ways. Their
// label values are Go constants of an own type, so no text from a request can
// become one. Every series whose labels are known is on the first scrape with
// value 0, so that rate and increase see the first event. The number of series
// is a function of the program, never of its traffic. And recording on a
// counter is one atomic addition: the cells are read by an observable
// instrument when a reader collects.
//
// A service adds an instrument of the same kind for an event of its own:
//
//	type Subject int
//
//	const (
//		Math Subject = iota
//		Physics
//	)
//
//	lessons, err := catalog.NewCounterBy(tel.Meter(), "tutorflow_lessons_total",
//		"Lessons finished.", catalog.Enum[Subject]("subject", "math", "physics"))
//	lessons.Add(ctx, Math)
//
// A definition that is refused gives an error that says all that is wrong with
// it, and a nil instrument, on which every method is safe and does nothing.
//
// The package sees only the OpenTelemetry API: it exports nothing, and needs a
// reader and, for histograms at 0, the producer that package telemetry gives to
// it. It starts no goroutine, and every method of every instrument is safe for
// concurrent use. Instruments live as long as their Meter; only pools and health
// checks can be taken off again.
package catalog
