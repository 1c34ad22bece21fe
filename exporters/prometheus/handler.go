package prometheus

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	otelprometheus "go.opentelemetry.io/otel/exporters/prometheus"

	"github.com/tutorflow/observability/exporters"
)

// reader remembers that it was shut down, which the exporter does not tell.
type reader struct {
	*otelprometheus.Exporter
	closed atomic.Bool
}

func (r *reader) Shutdown(ctx context.Context) error {
	r.closed.Store(true)
	return r.Exporter.Shutdown(ctx)
}

func (l limits) handler(registry *prometheus.Registry, reader *reader, settings exporters.Settings) http.Handler {
	gatherer := tellOverflow(bucketLabels(enabledOnly(registry, settings.Enabled)), settings.Overflowed)
	scrape := promhttp.HandlerFor(gatherer, promhttp.HandlerOpts{
		ErrorHandling:       promhttp.ContinueOnError,
		ErrorLog:            errorLog{settings.Failed},
		Registry:            registry,
		MaxRequestsInFlight: l.maxRequestsInFlight,
		CoalesceGather:      true,
		Timeout:             l.timeout,
		EnableOpenMetrics:   true,
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if reader.closed.Load() {
			http.Error(w, "metrics are shut down", http.StatusServiceUnavailable)
			return
		}
		recorder := &statusWriter{ResponseWriter: w}
		scrape.ServeHTTP(recorder, r)
		if settings.Exported != nil && r.Method != http.MethodHead { // which takes nothing away
			var err error
			if recorder.status >= http.StatusBadRequest {
				err = fmt.Errorf("scrape metrics: answered %d", recorder.status)
			}
			settings.Exported(err)
		}
	})
}

// statusWriter notes the status of a scrape.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap gives http.ResponseController the wrapped writer.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// errorLog passes what the handler would print to the operator's log.
type errorLog struct{ failed func(error) }

func (l errorLog) Println(v ...any) {
	if l.failed != nil {
		l.failed(errors.New(fmt.Sprint(v...)))
	}
}
