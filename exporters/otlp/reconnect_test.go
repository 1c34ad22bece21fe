package otlp_test

import (
	"crypto/tls"
	"testing"
	"time"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/exporters/otlp"
	"github.com/tutorflow/observability/internal/otlpcollector"
)

func TestReconnectsAreOftenEnough(t *testing.T) {
	t.Parallel()
	params := otlp.Reconnects()
	connect := time.Duration(float64(params.Backoff.MaxDelay) * (1 + params.Backoff.Jitter))
	retry := otlp.Retries().MaxInterval * 3 / 2
	if connect+retry >= 15*time.Second || params.Backoff.BaseDelay < 100*time.Millisecond || params.Backoff.MaxDelay < params.Backoff.BaseDelay {
		t.Errorf("the collector that is back waits up to %v for the connection and %v for the export", connect, retry)
	}
	if params.MinConnectTimeout <= 0 || params.MinConnectTimeout > 10*time.Second {
		t.Errorf("an attempt to connect takes up to %v", params.MinConnectTimeout)
	}
}

func TestCollectorIsFoundAfterALongOutage(t *testing.T) {
	t.Parallel()
	collector := otlpcollector.Start(t, otlpcollector.Options{Protocol: exporters.ProtocolGRPC})
	with := settings(collector, exporters.ProtocolGRPC, exporters.Traces)
	with.OTLP.Timeout = time.Minute
	exporter := open(t, exporters.Traces, with)
	if err := exporter.export(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	collector.Stop()
	exported := make(chan error, 1)
	go func() { exported <- exporter.export(t.Context(), 1) }()
	// gRPC tries again after 0.5, 1.3, 2.6, 4.6, 7.9 and 11.9 s, give or take.
	time.Sleep(12 * time.Second)
	if err := collector.Restart(); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	if err := <-exported; err != nil || time.Since(begin) > 15*time.Second || collector.Items(exporters.Traces) != 2 {
		t.Errorf("%v after the restart %d items were delivered: %v", time.Since(begin), collector.Items(exporters.Traces), err)
	}
}

func TestTLSBefore12IsRefused(t *testing.T) {
	files := certificates(t)
	each(t, func(t *testing.T, protocol string, signal exporters.Signal) {
		config, err := files.TLS(files.Server, false)
		if err != nil {
			t.Fatal(err)
		}
		config.MinVersion, config.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
		collector := otlpcollector.Start(t, otlpcollector.Options{Protocol: protocol, TLS: config})
		with := settings(collector, protocol, signal)
		with.OTLP.Certificate, with.OTLP.Timeout = files.CA, 500*time.Millisecond
		if err := open(t, signal, with).export(t.Context(), 1); err == nil || collector.Items(signal) != 0 {
			t.Errorf("%d items were delivered: %v", collector.Items(signal), err)
		}
	})
}
