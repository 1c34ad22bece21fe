// Package admin is the listener for operators: metrics and health on a port of
// their own, what the service is configured with, and what can be changed
// while it runs.
//
//	server, err := admin.New(admin.Config{Address: "localhost:9464"}, admin.Parts{Metrics: tel.MetricsHandler()})
//	if err != nil {
//		return err
//	}
//	defer server.Shutdown(ctx)
//
// # Routes
//
//	GET    /                             what is here
//	GET    /metrics                      the metrics, for Prometheus
//	GET    /health, /health/…            the health checks, with their details
//	GET    /telemetry/config             the effective configuration
//	GET    /telemetry/loggers            the log levels
//	PUT    /telemetry/loggers            ?level=debug&for=10m  every logger that has no level of its own
//	DELETE /telemetry/loggers            back to the configured level
//	PUT    /telemetry/loggers/{logger}   ?level=debug&for=10m  one logger
//	DELETE /telemetry/loggers/{logger}   back to the level of all
//	GET    /telemetry/metrics            the metrics that are off
//	PUT    /telemetry/metrics/{metric}   ?enabled=false&for=30m  off; enabled=true puts it back on
//	DELETE /telemetry/metrics/{metric}   back on
//	GET    /debug/pprof/…                profiles, where Config.Profiles asks for them
//
// Every change ends by itself: after "for", which is 15m unless given and 24h at
// most. Nobody has to remember, after the incident, that a service still logs
// at DEBUG or lacks a metric. A change is answered with what is in force now,
// and told to Parts.Changed. What a process has changed ends with it, and
// concerns no other replica.
//
//	curl -X PUT 'localhost:9464/telemetry/loggers/tutorflow.payments?level=debug&for=10m'
//	curl -X PUT 'localhost:9464/telemetry/metrics/tutorflow_errors_total?enabled=false'
//	go tool pprof 'http://localhost:9464/debug/pprof/profile?seconds=10'
//
// A metric that is off is on no export, but is still recorded, so that its
// counters have not fallen when it comes back.
//
// # Who may ask
//
// Without a token, /telemetry and /debug answer only peers on this machine,
// under the name localhost, an IP address or the host of Config.Address: a web
// page that an operator visits cannot reach them by a name of its own. /metrics
// and /health answer everyone who reaches the port. A proxy on this machine
// makes all of its clients peers on this machine, and so does a shared network
// namespace, like that of a pod: use a token there.
//
// With a token every route needs "Authorization: Bearer …" except GET /health,
// /health/live, /health/ready and /health/startup, which load balancers and
// kubelets ask without one. A wrong token is answered like none, and on every
// path alike. Use TLS with it wherever the network is not trusted; the files of
// the certificate are read for each connection, so that they can be renewed.
//
// A browser's request from another site changes nothing in either case.
//
// Who is refused is counted by Parts.Refused, and told to Parts.Failed with the
// peer's address.
//
// # What it costs
//
// At most 64 connections at a time, over HTTP/1.1, each with short deadlines; one
// more takes the place of the one that has waited longest for a request. Request
// bodies are not read. A profile or a trace takes at most 60 s and ends
// when its client leaves or the server shuts down.
package admin
