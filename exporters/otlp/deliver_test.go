package otlp_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/exporters/otlp"
	"github.com/tutorflow/observability/internal/otlpcollector"
)

func certificates(t *testing.T) *otlpcollector.Certificates {
	t.Helper()
	c, err := otlpcollector.NewCertificates(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestExportsAreDelivered(t *testing.T) {
	files := certificates(t)
	for name, test := range map[string]struct {
		unix, tls, mutual bool
		change            func(*exporters.OTLP)
	}{
		"in clear text":                  {},
		"zipped":                         {change: func(o *exporters.OTLP) { o.Compression = "gzip" }},
		"explicitly not zipped":          {change: func(o *exporters.OTLP) { o.Compression = "none" }},
		"to a unix socket":               {unix: true},
		"zipped to a unix socket":        {unix: true, change: func(o *exporters.OTLP) { o.Compression = "gzip" }},
		"to a unix socket, with slashes": {unix: true, change: func(o *exporters.OTLP) { o.Endpoint = strings.Replace(o.Endpoint, "unix:", "unix://", 1) }},
		"with TLS":                       {tls: true, change: func(o *exporters.OTLP) { o.Certificate = files.CA }},
		"with TLS on both sides":         {tls: true, mutual: true, change: func(o *exporters.OTLP) { trust(o, files, files.Client) }},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, protocol string, signal exporters.Signal) {
				options := otlpcollector.Options{Protocol: protocol}
				if test.unix {
					options.Address = "unix:" + filepath.Join(t.TempDir(), "s")
				}
				if test.tls {
					config, err := files.TLS(files.Server, test.mutual)
					if err != nil {
						t.Fatal(err)
					}
					options.TLS = config
				}
				collector := otlpcollector.Start(t, options)
				with := settings(collector, protocol, signal)
				with.OTLP.Headers = map[string]string{"Authorization": "Bearer s3cret", "x-tenant": "tutorflow"}
				if test.change != nil {
					test.change(&with.OTLP)
				}
				exporter := open(t, signal, with)
				for range 2 {
					if err := exporter.export(t.Context(), 3); err != nil {
						t.Fatal(err)
					}
				}
				exports := collector.Exports(signal)
				if len(exports) != 2 || collector.Items(signal) != 6 || collector.Attempts(signal) != 2 {
					t.Fatalf("%d items in %d exports of %d attempts", collector.Items(signal), len(exports), collector.Attempts(signal))
				}
				header := exports[0].Header
				if header.Get("Authorization") != "Bearer s3cret" || header.Get("X-Tenant") != "tutorflow" {
					t.Errorf("the headers are %v", header)
				}
				if want := strings.TrimPrefix(with.OTLP.Compression, "none"); exports[0].Encoding != want {
					t.Errorf("the encoding is %q, want %q", exports[0].Encoding, want)
				}
				want := []byte{'P'}
				if test.tls {
					want = []byte{0x16}
				}
				if got := collector.FirstBytes(); !bytes.Equal(got, want) {
					t.Errorf("the connections begin with %x, want %x", got, want)
				}
			})
		})
	}
}

// trust names all files.
func trust(o *exporters.OTLP, files *otlpcollector.Certificates, client otlpcollector.Pair) {
	o.Certificate, o.ClientCertificate, o.ClientKey = files.CA, client.Certificate, client.Key
}

func TestBadCertificateFailsTheExportAndNothingIsSentInClear(t *testing.T) {
	files := certificates(t)
	for name, test := range map[string]struct {
		server *otlpcollector.Pair // nil for a collector without TLS
		once   bool                // no second attempt over HTTP, where it can be told
		change func(*exporters.OTLP)
	}{
		"an unknown authority":      {&files.Server, true, func(o *exporters.OTLP) { trust(o, files, files.Client); o.Certificate = files.OtherCA }},
		"the system's authorities":  {&files.Server, true, func(o *exporters.OTLP) { trust(o, files, files.Client); o.Certificate = "" }},
		"an expired server":         {&files.ExpiredServer, true, func(o *exporters.OTLP) { trust(o, files, files.Client) }},
		"no client certificate":     {&files.Server, false, func(o *exporters.OTLP) { o.Certificate = files.CA }},
		"a client of somebody else": {&files.Server, false, func(o *exporters.OTLP) { trust(o, files, files.OtherClient) }},
		"a collector without TLS":   {nil, false, func(o *exporters.OTLP) { o.Certificate = files.CA }},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, protocol string, signal exporters.Signal) {
				options := otlpcollector.Options{Protocol: protocol}
				if test.server != nil {
					config, err := files.TLS(*test.server, true)
					if err != nil {
						t.Fatal(err)
					}
					options.TLS = config
				}
				collector := otlpcollector.Start(t, options)
				with := settings(collector, protocol, signal)
				with.OTLP.Endpoint = strings.Replace(with.OTLP.Endpoint, "http:", "https:", 1)
				with.OTLP.Timeout = 1500 * time.Millisecond
				with.OTLP.Headers = map[string]string{"authorization": "Bearer s3cret"}
				test.change(&with.OTLP)
				err := open(t, signal, with).export(t.Context(), 1)
				if err == nil || strings.Contains(err.Error(), "s3cret") {
					t.Errorf("the export gave %v", err)
				}
				if collector.Items(signal) != 0 {
					t.Error("the export was delivered")
				}
				if got := collector.Connections(); test.once && protocol == exporters.ProtocolHTTP && got != 1 {
					t.Errorf("%d connections for a collector that is the wrong one", got)
				}
				if got := collector.FirstBytes(); len(got) == 0 || len(bytes.Trim(got, "\x16")) > 0 {
					t.Errorf("the connections begin with %x, want TLS", got)
				}
			})
		})
	}
}

func TestTemporality(t *testing.T) {
	t.Parallel()
	const counter, observable, histogram, upDown = sdkmetric.InstrumentKindCounter, sdkmetric.InstrumentKindObservableCounter,
		sdkmetric.InstrumentKindHistogram, sdkmetric.InstrumentKindUpDownCounter
	for temporality, delta := range map[string][]sdkmetric.InstrumentKind{
		"":           nil,
		"cumulative": nil,
		"delta":      {counter, observable, histogram},
		"lowmemory":  {counter, histogram},
	} {
		for _, protocol := range protocols() {
			exporter, err := otlp.New().Metrics(t.Context(), exporters.Settings{OTLP: exporters.OTLP{
				Protocol: protocol, Endpoint: "http://127.0.0.1:1", Timeout: time.Second, Temporality: temporality,
			}})
			if err != nil {
				t.Fatal(err)
			}
			want := make(map[sdkmetric.InstrumentKind]bool)
			for _, kind := range delta {
				want[kind] = true
			}
			for _, kind := range []sdkmetric.InstrumentKind{counter, observable, histogram, upDown, sdkmetric.InstrumentKindObservableUpDownCounter} {
				if got := exporter.Push.Temporality(kind) == metricdata.DeltaTemporality; got != want[kind] {
					t.Errorf("temporality %q over %s: %v is delta: %v", temporality, protocol, kind, got)
				}
			}
			if err := exporter.Push.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
		}
	}
}
