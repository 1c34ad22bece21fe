// Package otlp sends metrics, traces and logs to an OpenTelemetry collector over
// gRPC or HTTP/protobuf. The configuration calls it "otlp".
//
//	tel, err := telemetry.Init(ctx, service, telemetry.WithExporters(otlp.New()))
//
//	OTEL_TRACES_EXPORTER=otlp OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4317 ./service
//
// It is the official exporters with what they leave to chance made certain: they
// are given every setting, so that what they would read from the environment by
// themselves has no effect; Check finds what they would take silently wrong; a
// certificate that cannot be read never means clear text; a connection that is
// refused or breaks is tried again over HTTP as well, and a collector that comes
// back is found within 15 s; an export ends at its timeout, whatever the number
// of its attempts; what a collector answers is bounded, and its partial success
// is reported by Settings.Rejected and not as an error; after Shutdown no
// connection and no goroutine is left, also where its context has ended.
//
// An endpoint is a URL with the scheme http (clear text), https (TLS 1.2 at
// least) or unix, as in unix:///run/otel.sock. Without a port it means 4317 over
// gRPC and 4318 over HTTP, or 443 with https. Proxies are taken from HTTPS_PROXY
// and the like. Redirects are not followed, since headers may hold credentials.
//
// A request is as long as its batch. Collectors refuse requests over 4 MiB unless
// told otherwise, and with them the whole batch, so whoever makes the batches
// keeps them below that.
//
// The official exporters for metrics and traces, and for logs over gRPC, still
// look at OTEL_EXPORTER_OTLP_* when they are made, and log what they cannot parse
// to OpenTelemetry's global logger or error handler, header lists included. So
// whoever opens an exporter refuses a bad environment first.
//
// Opening an exporter connects to nothing. The files of TLS are read then, and
// not again.
package otlp
