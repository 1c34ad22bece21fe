// Package e2e proves the whole path: it starts the example service, drives
// every route, scrapes it with Prometheus's own parser into Prometheus's own
// database, and runs every query of every dashboard and rule in Prometheus's
// own engine.
//
// It is a module of its own, so that the dependencies of Prometheus stay out of
// the SDK.
package e2e
