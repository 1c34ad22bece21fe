package prometheus

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
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

// untilShutdown fails what was gathered after the exporter was shut down: the
// exporter leaves its metrics out then, and the rest would look like a scrape.
func untilShutdown(gatherer prometheus.Gatherer, reader *reader) prometheus.Gatherer {
	return prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
		families, err := gatherer.Gather()
		if reader.closed.Load() {
			return nil, errShutdown
		}
		return families, err
	})
}

var errShutdown = errors.New("metrics are shut down")

func (l limits) handler(registry *prometheus.Registry, reader *reader, settings exporters.Settings) http.Handler {
	gatherer := tellOverflow(enabledOnly(soundOnly(untilShutdown(registry, reader)), settings.Enabled), settings.Overflowed)
	scrape := promhttp.HandlerFor(gatherer, promhttp.HandlerOpts{
		ErrorHandling:       promhttp.ContinueOnError,
		ErrorLog:            errorLog{settings.Failed},
		Registry:            registry,
		MaxRequestsInFlight: l.inFlight,
		CoalesceGather:      true,
		Timeout:             l.timeout,
		EnableOpenMetrics:   true,
	})
	answers := make(chan struct{}, l.answers)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if reader.closed.Load() {
			http.Error(w, errShutdown.Error(), http.StatusServiceUnavailable)
			return
		}
		recorder := &statusWriter{ResponseWriter: w, write: l.write}
		if server, ok := r.Context().Value(http.ServerContextKey).(*http.Server); ok && server.WriteTimeout > 0 {
			recorder.write = 0
		}
		select {
		case answers <- struct{}{}:
			defer func() { <-answers }()
			scrape.ServeHTTP(recorder, r)
		default:
			http.Error(recorder, "too many scrapes are being answered", http.StatusServiceUnavailable)
		}
		if settings.Exported != nil && r.Method != http.MethodHead { // which takes nothing away
			var err error
			if recorder.status >= http.StatusBadRequest {
				err = fmt.Errorf("scrape metrics: answered %d", recorder.status)
			}
			settings.Exported(err)
		}
	})
}

// statusWriter notes the status of a scrape, and gives its reader until write
// has passed to read the answer, unless that is zero: an answer is in memory as
// a whole, and a server of event streams has no limit of its own.
type statusWriter struct {
	http.ResponseWriter
	status int
	write  time.Duration
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	if w.write > 0 {
		// Where the writer has no deadline, none has to be set. The server takes it off
		// before the next request.
		_ = http.NewResponseController(w.ResponseWriter).SetWriteDeadline(time.Now().Add(w.write))
	}
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
