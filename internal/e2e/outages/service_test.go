package outages_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/exporters/otlp"
	"github.com/tutorflow/observability/internal/otlpcollector"
	"github.com/tutorflow/observability/telemetry"
)

// The service's deadline at the end, and what an export may take. The latter is
// no multiple of the seconds in which Retry-After counts: an export that is taken
// at the moment in which it is given up is both delivered and counted as lost.
const (
	deadline      = 3 * time.Second
	exportTimeout = 2500 * time.Millisecond
	queue         = 100
	batch         = 50
	// settling is how long what waits may take to be given up: some batches, one
	// after the other, each for as long as an export may take.
	settling = 40 * time.Second
)

// service is a handler under steady load, observed, with all three signals over
// OTLP and a scrape beside them.
type service struct {
	*telemetry.Telemetry
	t       *testing.T
	lines   lines
	points  atomic.Int64 // of exports that have ended
	largest atomic.Int64 // export, in points
	exports sync.RWMutex // is held to hold exports up
	served  atomic.Int64
	mu      sync.Mutex
	latency []time.Duration
	stop    context.CancelFunc
	load    sync.WaitGroup
}

func start(t *testing.T, endpoint, protocol, certificate string) *service {
	t.Helper()
	s := &service{t: t}
	c := telemetry.DefaultConfig()
	c.Service = telemetry.Service{Name: "outages", Version: "1"}
	c.Metrics.Exporters, c.Traces.Exporters, c.Logs.Exporters = []string{"prometheus", "otlp"}, []string{"otlp"}, []string{"otlp"}
	c.Metrics.Interval = 300 * time.Millisecond
	c.Traces.Batch.Delay, c.Logs.Batch.Delay = 100*time.Millisecond, 100*time.Millisecond
	c.Traces.Batch.Queue, c.Logs.Batch.Queue = queue, queue
	c.Traces.Batch.Size, c.Logs.Batch.Size = batch, batch
	c.OTLP.URL, c.OTLP.Protocol, c.OTLP.Timeout, c.OTLP.Certificate = endpoint, protocol, exportTimeout, certificate
	tel, err := telemetry.New(t.Context(), c, telemetry.WithLogWriter(&s.lines), telemetry.WithExporters(s.counted(otlp.New())))
	if err != nil {
		t.Fatal(err)
	}
	s.Telemetry = tel

	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	mux := tel.NewServeMux()
	mux.HandleFunc("GET /work", func(w http.ResponseWriter, r *http.Request) {
		telemetry.Log(r.Context()).Info("work")
		w.WriteHeader(http.StatusNoContent)
	})
	handler := tel.Handler(mux)
	s.load.Go(func() {
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for ctx.Err() == nil {
			begin := time.Now()
			handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/work", nil))
			s.mu.Lock()
			s.latency = append(s.latency, time.Since(begin))
			s.mu.Unlock()
			s.served.Add(1)
			<-tick.C
		}
	})
	t.Cleanup(s.endLoad)
	return s
}

// counted is a factory that counts the points that its exporter is handed.
func (s *service) counted(f exporters.Factory) exporters.Factory {
	open := f.Metrics
	f.Metrics = func(ctx context.Context, settings exporters.Settings) (*exporters.MetricExporter, error) {
		opened, err := open(ctx, settings)
		if err == nil {
			opened.Push = countedPoints{opened.Push, s}
		}
		return opened, err
	}
	return s.held(f)
}

type countedPoints struct {
	sdkmetric.Exporter
	*service
}

// Export counts when the export has ended, as the pipeline does.
func (c countedPoints) Export(ctx context.Context, data *metricdata.ResourceMetrics) error {
	c.exports.RLock()
	defer c.exports.RUnlock()
	points := 0
	for _, scope := range data.ScopeMetrics {
		for _, m := range scope.Metrics {
			points += pointsOf(m)
		}
	}
	err := c.Exporter.Export(ctx, data)
	c.points.Add(int64(points))
	c.largest.Store(max(c.largest.Load(), int64(points)))
	return err
}

func pointsOf(m metricdata.Metrics) int {
	switch data := m.Data.(type) {
	case metricdata.Sum[int64]:
		return len(data.DataPoints)
	case metricdata.Sum[float64]:
		return len(data.DataPoints)
	case metricdata.Gauge[int64]:
		return len(data.DataPoints)
	case metricdata.Gauge[float64]:
		return len(data.DataPoints)
	case metricdata.Histogram[float64]:
		return len(data.DataPoints)
	case metricdata.Summary:
		return len(data.DataPoints)
	}
	panic("a kind of metric that is not known here")
}

func (s *service) endLoad() {
	s.stop()
	s.load.Wait()
}

// latencies are those of one phase, in order.
type latencies []time.Duration

// measure returns how long the requests of the next while take.
func (s *service) measure(d time.Duration) latencies {
	s.mu.Lock()
	from := len(s.latency)
	s.mu.Unlock()
	time.Sleep(d)
	s.mu.Lock()
	defer s.mu.Unlock()
	phase := slices.Clone(s.latency[from:])
	slices.Sort(phase)
	return phase
}

// fast fails the test if a request waited for an export, which takes seconds.
func (l latencies) fast(t *testing.T) {
	t.Helper()
	if len(l) < 10 {
		t.Fatalf("only %d requests were served", len(l))
	}
	if slowest := l[len(l)-1]; slowest > exportTimeout/5 {
		t.Errorf("a request took %v", slowest)
	}
}

// asFastAs compares medians, generously: the machine does other things as well.
func (l latencies) asFastAs(t *testing.T, well latencies) {
	t.Helper()
	l.fast(t)
	if median, limit := l[len(l)/2], 3*well[len(well)/2]+time.Millisecond; median > limit {
		t.Errorf("a request takes %v, without the outage %v", median, well[len(well)/2])
	}
}

// awaitDelivery waits until something new of each signal is delivered.
func (s *service) awaitDelivery(c *otlpcollector.Collector, most time.Duration) {
	s.t.Helper()
	begin := time.Now()
	for _, signal := range exporters.Signals() {
		before := c.Items(signal)
		for c.Items(signal) == before {
			if time.Since(begin) > most {
				s.t.Fatalf("no %s are delivered within %v", signal, most)
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
}

// sides are what of one signal was produced, and what became of it.
type sides struct{ produced, delivered, dropped int }

// even reports whether each item was delivered or counted as dropped. An export
// that the collector takes at the moment in which it is given up is both, since
// the service cannot know: surplus is how many items those may have.
func (s sides) even(surplus int) bool {
	over := s.delivered + s.dropped - s.produced
	return s.produced > 0 && over >= 0 && over <= surplus
}

// balance checks that what was produced was delivered or counted as dropped:
// never less, and no more than two exports that are both.
func (s *service) balance(c *otlpcollector.Collector) {
	s.t.Helper()
	read := map[exporters.Signal]func() int{
		exporters.Traces: func() int { return int(s.served.Load()) },
		exporters.Logs:   s.linesSent,
		// Points go on being produced, so the sides are read until they meet.
		exporters.Metrics: func() int { return int(s.points.Load()) },
	}
	for signal, produced := range read {
		surplus := 2 * batch
		if signal == exporters.Metrics {
			surplus = 2 * int(s.largest.Load())
		}
		var now sides
		even := func(surplus int) bool {
			now = sides{produced(), c.Items(signal), int(s.dropped(string(signal)))}
			return now.even(surplus)
		}
		if until(settling, func() bool { return even(0) }) {
			continue
		}
		if !even(surplus) {
			s.t.Errorf("%s: %d delivered and %d dropped, of %d", signal, now.delivered, now.dropped, now.produced)
		} else {
			s.t.Logf("%s: %d delivered and %d dropped, of %d", signal, now.delivered, now.dropped, now.produced)
		}
	}
}

// until tries for a while.
func until(most time.Duration, ok func() bool) bool {
	for end := time.Now().Add(most); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if ok() {
			return true
		}
	}
	return false
}

// linesSent counts the lines that go to the collector: all but those about the
// telemetry itself.
func (s *service) linesSent() int {
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	if err := s.Flush(ctx); err != nil {
		s.t.Fatal(err)
	}
	text := s.lines.String()
	return strings.Count(text, "\n") - strings.Count(text, `"logger":"tutorflow.telemetry"`)
}

// failures are the lines in which telemetry tells of its own failures.
func (s *service) failures() (all string) {
	for line := range strings.Lines(s.lines.String()) {
		if strings.Contains(line, `"logger":"tutorflow.telemetry"`) && strings.Contains(line, `"level":"WARN"`) {
			all += line
		}
	}
	return all
}

func (s *service) scrape() string {
	response := httptest.NewRecorder()
	s.MetricsHandler().ServeHTTP(response, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	return response.Body.String()
}

// dropped adds up the items of signal that were dropped on the way to OTLP.
func (s *service) dropped(signal string) (total float64) {
	series := regexp.MustCompile(`(?m)^tutorflow_telemetry_dropped_total\{exporter="otlp",[^}]*signal="` + signal + `"[^}]*\} (\S+)$`)
	for _, match := range series.FindAllStringSubmatch(s.scrape(), -1) {
		value, err := strconv.ParseFloat(match[1], 64)
		if err != nil {
			s.t.Fatal(err)
		}
		total += value
	}
	return total
}

// shutdown ends the service within its deadline.
func (s *service) shutdown() error {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	begin := time.Now()
	err := s.Shutdown(ctx)
	if took := time.Since(begin); took > deadline+100*time.Millisecond {
		s.t.Errorf("Shutdown took %v, its deadline was %v", took, deadline)
	}
	return err
}

// lastValues checks that the last export has the counts of all requests.
func (s *service) lastValues(c *otlpcollector.Collector) {
	s.t.Helper()
	got, _ := c.Value("tutorflow_http_requests_total", map[string]string{"method": "GET", "endpoint": "/work", "status": "204"})
	if want := float64(s.served.Load()); got != want {
		s.t.Errorf("the last export has %v requests, want %v", got, want)
	}
}

// lines keeps what is written to it.
type lines struct {
	mu   sync.Mutex
	kept bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.kept.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.kept.String()
}
