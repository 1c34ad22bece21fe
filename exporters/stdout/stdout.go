package stdout

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"go.opentelemetry.io/otel/exporters/stdout/stdoutmetric"
	"go.opentelemetry.io/otel/exporters/stdout/stdouttrace"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/internal/stdio"
)

// Name is what the configuration calls the exporter, as OpenTelemetry's
// specification of OTEL_METRICS_EXPORTER has it.
const Name = "console"

// New returns the factory of the exporter that writes to w, one write for each
// line and never two at once, also where both signals are printed. w is not
// closed. With os.Stdout or os.Stderr a closed pipe is an error of the export
// and not the end of the process.
func New(w io.Writer) exporters.Factory {
	if file, ok := w.(*os.File); ok && (file == os.Stdout || file == os.Stderr) {
		w = stdio.Writer{File: file}
	}
	if w != nil {
		w = &turns{w: w}
	}
	return exporters.Factory{
		Name: Name,
		Metrics: func(context.Context, exporters.Settings) (*exporters.MetricExporter, error) {
			if w == nil {
				return nil, errors.New("open console exporter: writer <nil>: one is needed")
			}
			exporter, err := stdoutmetric.New(stdoutmetric.WithWriter(w))
			if err != nil {
				return nil, fmt.Errorf("open console exporter: %w", err)
			}
			return &exporters.MetricExporter{Push: exporter}, nil
		},
		Traces: func(context.Context, exporters.Settings) (sdktrace.SpanExporter, error) {
			if w == nil {
				return nil, errors.New("open console exporter: writer <nil>: one is needed")
			}
			exporter, err := stdouttrace.New(stdouttrace.WithWriter(w))
			if err != nil {
				return nil, fmt.Errorf("open console exporter: %w", err)
			}
			return exporter, nil
		},
	}
}

// turns has the writers of both signals take turns.
type turns struct {
	mu sync.Mutex
	w  io.Writer
}

func (t *turns) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.w.Write(p)
}
