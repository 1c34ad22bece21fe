package prometheus_test

import (
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
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/exporters/prometheus"
)

// long makes the scrape longer than what a connection takes without a reader.
func (s *service) long(t *testing.T) {
	t.Helper()
	// The kernel takes a few megabytes for a reader that does not read.
	for i := range 12 {
		s.count(t, "x_long_total", attribute.Int("n", i), attribute.String("a", strings.Repeat("x", 1<<20)))
	}
}

// neverRead asks server for the metrics and reads nothing until the test ends.
func neverRead(t *testing.T, server *httptest.Server) {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetReadBuffer(4096)
	}
	if _, err := io.WriteString(conn, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
}

// TestReaderThatNeverReadsIsGivenUp has a server without a WriteTimeout, as the
// one of a service with event streams is.
func TestReaderThatNeverReadsIsGivenUp(t *testing.T) {
	s := open(t, prometheus.NewWithin(prometheus.Limits{Write: 100 * time.Millisecond}), exporters.Settings{})
	s.long(t)
	ended := make(chan struct{}, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.ServeHTTP(w, r)
		ended <- struct{}{}
	}))
	defer server.Close()
	defer server.CloseClientConnections()
	neverRead(t, server)
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Error("its answer is still kept for it")
	}
}

func TestServersOwnWriteTimeoutIsKept(t *testing.T) {
	s := open(t, prometheus.NewWithin(prometheus.Limits{Write: time.Hour}), exporters.Settings{})
	s.long(t)
	ended := make(chan struct{}, 1)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.ServeHTTP(w, r)
		ended <- struct{}{}
	}))
	server.Config.WriteTimeout = 2 * time.Second
	server.Start()
	defer server.Close()
	defer server.CloseClientConnections()
	neverRead(t, server)
	select {
	case <-ended:
	case <-time.After(20 * time.Second):
		t.Error("the handler has moved it")
	}
}

func TestAnswersThatNobodyReadsAreFew(t *testing.T) {
	const most = 3
	s := open(t, prometheus.NewWithin(prometheus.Limits{Answers: most, Write: time.Minute}), exporters.Settings{})
	s.long(t)
	writing := make(chan struct{}, most)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.ServeHTTP(signalling{w, writing}, r)
	}))
	defer server.Close()
	defer server.CloseClientConnections()
	for range most {
		neverRead(t, server)
	}
	for range most {
		<-writing
	}
	if response := s.scrape(); response.Code != http.StatusServiceUnavailable || strings.Contains(response.Body.String(), "x_") {
		t.Errorf("one more is answered with %d, %d bytes", response.Code, response.Body.Len())
	}
	server.CloseClientConnections()
	for range 500 {
		if s.scrape().Code == http.StatusOK {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("the scrape does not come back")
}

// signalling tells when an answer begins.
type signalling struct {
	http.ResponseWriter
	begun chan<- struct{}
}

func (w signalling) WriteHeader(status int) {
	w.begun <- struct{}{}
	w.ResponseWriter.WriteHeader(status)
}

func (w signalling) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// TestAHundredScrapersAreAnsweredConcurrentSafe has more of them than are
// admitted: each is told at once.
func TestAHundredScrapersAreAnsweredConcurrentSafe(t *testing.T) {
	var p producer
	s := open(t, prometheus.New(), exporters.Settings{Producers: []sdkmetric.Producer{&p}})
	s.count(t, "x_lessons_total")
	p.took = 100 * time.Millisecond
	var all sync.WaitGroup
	var served, refused atomic.Int64
	for range 100 {
		all.Go(func() {
			switch response := s.scrape(); {
			case response.Code == http.StatusOK && strings.Contains(response.Body.String(), "\nx_lessons_total 1\n"):
				served.Add(1)
			case response.Code == http.StatusServiceUnavailable:
				refused.Add(1)
			default:
				t.Errorf("status %d: %s", response.Code, response.Body)
			}
		})
	}
	all.Wait()
	if n := served.Load(); n == 0 || n+refused.Load() != 100 {
		t.Errorf("%d are served and %d refused", n, refused.Load())
	}
	if n := p.collections.Load(); n > 10 {
		t.Errorf("100 scrapes cost %d collections", n)
	}
}

// during is a request's context that lets something happen between the check
// at the door and the collection.
type during struct {
	context.Context
	do func()
}

func (d during) Deadline() (time.Time, bool) {
	d.do()
	return d.Context.Deadline()
}

func TestScrapeDuringShutdownIsNotHalfAScrape(t *testing.T) {
	s := open(t, prometheus.New(), exporters.Settings{})
	s.count(t, "x_lessons_total")
	var shutdown sync.Once
	request := httptest.NewRequest(http.MethodGet, "/metrics", nil).WithContext(during{t.Context(), func() {
		shutdown.Do(func() {
			if err := s.provider.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}})
	response := httptest.NewRecorder()
	s.ServeHTTP(response, request)
	if response.Code < http.StatusInternalServerError || strings.Contains(response.Body.String(), "go_") {
		t.Errorf("status %d: %s", response.Code, response.Body)
	}
}

func TestHostileRequestsAreHarmless(t *testing.T) {
	commas := strings.Repeat("text/plain;q=0.1,", 60_000)
	for name, test := range map[string]struct {
		query  string
		header [2]string
		want   string // on the scrape
	}{
		"a name that there is":            {"?name[]=x_lessons_total", [2]string{}, "x_lessons_total 1\n"},
		"a name that there is not":        {"?name[]=%00&name[]=../etc/passwd", [2]string{}, ""},
		"100 000 names":                   {"?" + strings.Repeat("name[]=x_lessons_total&", 100_000), [2]string{}, "x_lessons_total 1\n"},
		"a query that is broken":          {"?name[]=%zz;&%", [2]string{}, "go_goroutines "},
		"a type a megabyte long":          {"", [2]string{"Accept", commas}, "go_goroutines "},
		"a type of no sense":              {"", [2]string{"Accept", strings.Repeat(";=\"", 100_000)}, "go_goroutines "},
		"an encoding a megabyte long":     {"", [2]string{"Accept-Encoding", strings.Repeat("x;q=1,", 200_000)}, "go_goroutines "},
		"an encoding that nobody has":     {"", [2]string{"Accept-Encoding", "x"}, "go_goroutines "},
		"no encoding at all":              {"", [2]string{"Accept-Encoding", "identity;q=0"}, "go_goroutines "},
		"an escaping that there is not":   {"", [2]string{"Accept", "text/plain;version=1.0.0;escaping=\x7f"}, "go_goroutines "},
		"a scrape timeout that is no one": {"", [2]string{"X-Prometheus-Scrape-Timeout-Seconds", "-1e999"}, "go_goroutines "},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, prometheus.New(), exporters.Settings{})
			s.count(t, "x_lessons_total")
			request := httptest.NewRequest(http.MethodGet, "/metrics", nil)
			request.URL.RawQuery = strings.TrimPrefix(test.query, "?")
			if test.header[0] != "" {
				request.Header.Set(test.header[0], test.header[1])
			}
			response := httptest.NewRecorder()
			started := time.Now()
			s.ServeHTTP(response, request)
			text := response.Body.String()
			if response.Code != http.StatusOK || test.want != "" && !strings.Contains(text, "\n"+test.want) || strings.Contains(text, "passwd") {
				t.Errorf("status %d: %.200s", response.Code, text)
			}
			if took := time.Since(started); took > 5*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

func TestTimeoutShowsNothingOfItsCause(t *testing.T) {
	var exported []error
	s := open(t, prometheus.NewWithin(prometheus.Limits{Timeout: 20 * time.Millisecond}), exporters.Settings{
		Producers: []sdkmetric.Producer{&producer{took: 500 * time.Millisecond}},
		Exported:  func(err error) { exported = append(exported, err) },
	})
	response := s.scrape("Accept-Encoding", "gzip")
	if got := response.Body.String(); response.Code != http.StatusServiceUnavailable || got != "Exceeded configured timeout of 20ms.\n" {
		t.Errorf("status %d: %s", response.Code, got)
	}
	if err := errors.Join(exported...); err == nil {
		t.Error("it is not counted as a failure")
	}
}
