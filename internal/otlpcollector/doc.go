// Package otlpcollector is an OTLP collector for tests: it runs in the process
// of the test, remembers what it was sent, and fails as it is told to.
//
//	collector := otlpcollector.Start(t, otlpcollector.Options{Protocol: exporters.ProtocolGRPC})
//	…                                      // export to collector.URL(exporters.Traces)
//	collector.Set(otlpcollector.Behaviour{Failure: otlpcollector.Unavailable, Times: 2})
//	…
//	if got := collector.Items(exporters.Traces); got != 100 { … }
//
// It speaks one protocol, on loopback or on a unix socket, in clear text or with
// TLS; NewCertificates makes the files for the latter. Stop lets connections be
// refused, and Restart comes back on the same address, so a collector that is
// down at the start is one that was stopped. An export counts as delivered when
// it was answered with success.
//
// Everything is safe for concurrent use. Close leaves no goroutine behind.
package otlpcollector
