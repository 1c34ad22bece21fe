package prometheus_test

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.uber.org/goleak"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/exporters/prometheus"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// service is an opened exporter with a meter provider.
type service struct {
	http.Handler
	provider *sdkmetric.MeterProvider
	meter    metric.Meter
}

func open(t *testing.T, factory exporters.Factory, settings exporters.Settings) *service {
	t.Helper()
	exporter, err := factory.Metrics(t.Context(), settings)
	if err != nil {
		t.Fatal(err)
	}
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(exporter.Reader))
	return &service{exporter.Handler, provider, provider.Meter("test")}
}

func (s *service) scrape(header ...string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response := httptest.NewRecorder()
	s.ServeHTTP(response, request)
	return response
}

func (s *service) count(t *testing.T, name string, attributes ...attribute.KeyValue) {
	t.Helper()
	counter, err := s.meter.Int64Counter(name)
	if err != nil {
		t.Fatal(err)
	}
	counter.Add(t.Context(), 1, metric.WithAttributes(attributes...))
}

func TestScrapeHasTheMetricsAndThoseOfTheProcess(t *testing.T) {
	s := open(t, prometheus.New(), exporters.Settings{})
	s.count(t, "x_lessons_total", attribute.String("subject", "algebra"))
	response := s.scrape()
	text := response.Body.String()
	if response.Code != http.StatusOK {
		t.Errorf("status %d", response.Code)
	}
	for _, line := range []string{
		`x_lessons_total{subject="algebra"} 1`, "go_goroutines ", "go_memstats_alloc_bytes ", "process_cpu_seconds_total ",
		"process_open_fds ", "target_info{", `promhttp_metric_handler_errors_total{cause="gathering"} 0`,
	} {
		if !strings.Contains(text, "\n"+line) {
			t.Errorf("%s is missing", line)
		}
	}
	if strings.Contains(text, "otel_scope_") {
		t.Error("a series has a label of the scope")
	}
}

func TestExportersHaveRegistriesOfTheirOwn(t *testing.T) {
	factory := prometheus.New()
	first, second := open(t, factory, exporters.Settings{}), open(t, factory, exporters.Settings{})
	first.count(t, "x_first_total")
	second.count(t, "x_second_total")
	for s, names := range map[*service][2]string{first: {"x_first_total", "x_second_total"}, second: {"x_second_total", "x_first_total"}} {
		text := s.scrape().Body.String()
		if !strings.Contains(text, "\n"+names[0]) || strings.Contains(text, names[1]) {
			t.Errorf("want %s and not %s:\n%s", names[0], names[1], text)
		}
	}
	if err := first.provider.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if response := second.scrape(); response.Code != http.StatusOK {
		t.Errorf("status %d after the other one was shut down", response.Code)
	}
}

func TestScrapeIsRefusedAfterShutdown(t *testing.T) {
	var exported atomic.Int64
	s := open(t, prometheus.New(), exporters.Settings{Exported: func(error) { exported.Add(1) }})
	if err := s.provider.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	response := s.scrape()
	if response.Code != http.StatusServiceUnavailable || strings.Contains(response.Body.String(), "go_") || exported.Load() != 0 {
		t.Errorf("status %d, %d exports: %s", response.Code, exported.Load(), response.Body)
	}
}

func TestFormatAndEncodingAreNegotiated(t *testing.T) {
	s := open(t, prometheus.New(), exporters.Settings{})
	s.count(t, "x_lessons_total")
	response := s.scrape("Accept", "application/openmetrics-text;version=1.0.0", "Accept-Encoding", "gzip")
	if got := response.Header().Get("Content-Type"); !strings.HasPrefix(got, "application/openmetrics-text") {
		t.Errorf("the type is %q", got)
	}
	if got := response.Header().Get("Content-Encoding"); got != "gzip" {
		t.Fatalf("the encoding is %q", got)
	}
	unzip, err := gzip.NewReader(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(unzip)
	if err != nil || !strings.HasSuffix(string(text), "# EOF\n") || !strings.Contains(string(text), "x_lessons_total 1.0\n") {
		t.Errorf("%v: %s", err, text)
	}
	if got := s.scrape().Header().Get("Content-Type"); !strings.HasPrefix(got, "text/plain") {
		t.Errorf("the type is %q", got)
	}
}

// TestOneBadMetricIsLeftOut has the cases in which a plain handler answers 500
// to every scrape.
func TestOneBadMetricIsLeftOut(t *testing.T) {
	for name, spoil := range map[string]func(*testing.T, *service){
		"a label that is not UTF-8": func(t *testing.T, s *service) { s.count(t, "x_bad_total", attribute.String("a", "\xff")) },
		"a label without a name":    func(t *testing.T, s *service) { s.count(t, "x_bad_total", attribute.String("", "a")) },
		"a reserved label":          func(t *testing.T, s *service) { s.count(t, "x_bad_total", attribute.String("__name__", "a")) },
		"a histogram with the label of its buckets": func(t *testing.T, s *service) {
			histogram, err := s.meter.Int64Histogram("x_bad_total")
			if err != nil {
				t.Fatal(err)
			}
			histogram.Record(t.Context(), 1, metric.WithAttributes(attribute.String("le", "1")))
		},
		"a callback that panics": func(t *testing.T, s *service) {
			_, err := s.provider.Meter("bad").Int64ObservableCounter("x_bad_total",
				metric.WithInt64Callback(func(context.Context, metric.Int64Observer) error { panic("password=hunter2") }))
			if err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			var failed, exported []error
			s := open(t, prometheus.New(), exporters.Settings{
				Failed:   func(err error) { failed = append(failed, err) },
				Exported: func(err error) { exported = append(exported, err) },
			})
			spoil(t, s)
			response := s.scrape()
			text := response.Body.String()
			if response.Code != http.StatusOK || !strings.Contains(text, "\ngo_goroutines") {
				t.Errorf("status %d: %s", response.Code, text)
			}
			for _, secret := range []string{"hunter2", "x_bad_total", ".go:", "goroutine "} {
				if strings.Contains(text, secret) {
					t.Errorf("the body shows %q", secret)
				}
			}
			if len(failed) == 0 {
				t.Error("nobody was told")
			}
			if len(exported) != 1 || exported[0] != nil {
				t.Errorf("exported: %v", exported)
			}
			if text := s.scrape().Body.String(); !strings.Contains(text, `promhttp_metric_handler_errors_total{cause="gathering"} 1`) {
				t.Error("the error is not counted")
			}
		})
	}
}

// producer counts collections, each of which takes a while.
type producer struct {
	collections atomic.Int64
	took        time.Duration
}

func (p *producer) Produce(context.Context) ([]metricdata.ScopeMetrics, error) {
	p.collections.Add(1)
	time.Sleep(p.took)
	return nil, nil
}

func TestScrapesAtOnceShareCollectionsConcurrentSafe(t *testing.T) {
	var p producer
	var exported atomic.Int64
	s := open(t, prometheus.New(), exporters.Settings{
		Producers: []sdkmetric.Producer{&p},
		Exported: func(err error) {
			if err == nil {
				exported.Add(1)
			}
		},
	})
	p.took = 300 * time.Millisecond
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if response := s.scrape(); response.Code != http.StatusOK {
				t.Errorf("status %d: %s", response.Code, response.Body)
			}
		})
	}
	all.Wait()
	if n := p.collections.Load(); n < 1 || n > 2 {
		t.Errorf("20 scrapes cost %d collections, want 1 or 2", n)
	}
	if n := exported.Load(); n != 20 {
		t.Errorf("%d exports are counted, want 20", n)
	}
}

func TestHungCollectionDoesNotHoldUpTheScrape(t *testing.T) {
	const timeout, most = 50 * time.Millisecond, 3
	var exported []error
	s := open(t, prometheus.NewWithin(timeout, most), exporters.Settings{Exported: func(err error) { exported = append(exported, err) }})
	release := make(chan struct{})
	hung := make(chan struct{}, 1)
	_, err := s.meter.Int64ObservableCounter("x_total", metric.WithInt64Callback(func(context.Context, metric.Int64Observer) error {
		select {
		case hung <- struct{}{}:
		default:
		}
		<-release
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	for i := range most + 2 {
		response := s.scrape()
		if response.Code != http.StatusServiceUnavailable {
			t.Errorf("scrape %d: status %d", i, response.Code)
		}
		refused := strings.Contains(response.Body.String(), "Limit of concurrent requests")
		if want := i >= most; refused != want {
			t.Errorf("scrape %d: refused is %v, want %v: %s", i, refused, want, response.Body)
		}
	}
	if len(exported) != most+2 || exported[0] == nil || !strings.Contains(exported[0].Error(), "answered 503") {
		t.Errorf("exported: %v", exported)
	}
	close(release)
	<-hung
	for range 100 {
		if s.scrape().Code == http.StatusOK {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("the scrape does not come back")
}

// TestSlowReadersDoNotUseUpTheLimit has readers that ask and never read.
func TestSlowReadersDoNotUseUpTheLimit(t *testing.T) {
	const most = 2
	s := open(t, prometheus.NewWithin(5*time.Second, most), exporters.Settings{})
	long := strings.Repeat("x", 128)
	for i := range 1000 {
		s.count(t, "x_lessons_total", attribute.Int("subject", i), attribute.String("a", long), attribute.String("b", long))
	}
	server := httptest.NewServer(s)
	defer server.Close()
	for range 2 * most {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetReadBuffer(4096)
		}
		if _, err := io.WriteString(conn, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(200 * time.Millisecond)
	var err error
	for range 20 {
		var response *http.Response
		if response, err = server.Client().Get(server.URL); err != nil {
			t.Fatal(err)
		}
		_, copyErr := io.Copy(io.Discard, response.Body)
		if err = errors.Join(copyErr, response.Body.Close()); err == nil && response.StatusCode == http.StatusOK {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("a good scrape gets nothing: %v", err)
}

func TestNobodyNeedsToListen(t *testing.T) {
	s := open(t, prometheus.New(), exporters.Settings{})
	s.count(t, "x_bad_total", attribute.String("a", "\xff"))
	if response := s.scrape(); response.Code != http.StatusOK {
		t.Errorf("status %d", response.Code)
	}
}
