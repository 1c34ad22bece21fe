// Package outages runs a service against a collector that is down, hangs, is
// slow, refuses, or is not to be trusted, over gRPC and HTTP, with metrics, spans
// and log lines at once. In each outage the service answers as fast as ever, each
// item is delivered or counted as dropped, deliveries begin again when the
// collector is back, and the end comes in time.
package outages
