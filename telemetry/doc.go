// Package telemetry makes a service observable with one call at start-up:
// metrics for Prometheus or any other exporter, request metrics and spans,
// JSON logs, and a shutdown that loses none of them.
//
//	tel, err := telemetry.Init(ctx, telemetry.Service{Name: "tutorflow-api", Version: version})
//	if err != nil {
//		return err
//	}
//	mux := tel.NewServeMux() // has /metrics on it
//	mux.HandleFunc("POST /api/v1/bookings", func(w http.ResponseWriter, r *http.Request) {
//		tel.Bookings.Add(r.Context(), catalog.BookingPending)
//		telemetry.Log(r.Context()).Info("booking created")
//	})
//	return tel.Serve(ctx, &http.Server{Addr: ":8000", Handler: mux})
//
// Init reads telemetry.yaml and the environment, whose standard names
// (OTEL_SERVICE_NAME, OTEL_METRICS_EXPORTER, …) choose exporters without a change
// of code; see package config. New does the same with a Config and touches
// nothing global.
//
// # What it promises
//
// Nothing here waits for the network at start, blocks a request, grows without
// bound or ends the process. Serve, or Shutdown where a service has a server of
// its own, ends everything that was started, within a bounded time.
//
// # What it leaves to others
//
// Health checks are the package health, which works without this one. Exporters
// that need more than Prometheus and the console are linked by passing them to
// WithExporters.
package telemetry
