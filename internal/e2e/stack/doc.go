// Package stack proves that what a service exports over OTLP is what it shows on
// its scrape: it starts the real OpenTelemetry Collector and the example's
// command as processes and compares what comes out of both. The Collector also
// runs with the file of examples/stack, and with that of examples/kubernetes as a
// gateway that writes to Prometheus's own receiver.
//
//	make test-stack
//
// builds the two into bin/ and runs the tests, which are skipped otherwise.
package stack
