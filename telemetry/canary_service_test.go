package telemetry_test

import (
	"bytes"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace"
	"google.golang.org/protobuf/proto"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/exporters/otlp"
	"github.com/tutorflow/observability/exporters/stdout"
	"github.com/tutorflow/observability/health"
	"github.com/tutorflow/observability/health/checks"
	"github.com/tutorflow/observability/internal/otlpcollector"
	"github.com/tutorflow/observability/telemetry"
)

// careless is a service with everything on, and with secrets in each part.
type careless struct {
	t                      *testing.T
	tel                    *telemetry.Telemetry
	checks                 *health.Checker
	collector              *otlpcollector.Collector
	server                 *httptest.Server
	partner, admin         string
	log, console, returned text
	outputs                map[string]string
}

// text is what was written, by whatever goroutine.
type text struct {
	mu      sync.Mutex
	written bytes.Buffer
}

func (w *text) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.written.Write(p)
}

func (w *text) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.written.String()
}

// carelessOrigins are the secrets of the service itself.
func carelessOrigins() []string {
	return []string{"the exporter's header", "the admin token", "the check of a database", "the check of a service", "the check that panics", "the collector's answer", "a bad setup"}
}

func startCareless(t *testing.T) *careless {
	s := &careless{t: t, outputs: make(map[string]string), admin: "http://" + freeAddress(t).String(), partner: "http://" + freeAddress(t).String()}
	s.badSetups()
	s.collector = otlpcollector.Start(t, otlpcollector.Options{Protocol: exporters.ProtocolHTTP})
	_, port, _ := strings.Cut(strings.TrimPrefix(s.admin, "http://"), ":")
	tel, err := telemetry.Init(t.Context(), telemetry.Service{Name: "test"}, telemetry.WithLogWriter(&s.log),
		telemetry.WithExporters(otlp.New(), stdout.New(&s.console)), telemetry.WithConfig(func(c *telemetry.Config) {
			c.Metrics.Exporters, c.Traces.Exporters, c.Logs.Exporters = []string{"prometheus", "otlp", "console"}, []string{"otlp", "console"}, []string{"otlp"}
			c.OTLP.URL, c.OTLP.Protocol = s.collector.Base(), exporters.ProtocolHTTP
			c.OTLP.Headers = map[string]string{"Authorization": "Bearer " + canary("the exporter's header")}
			c.Logs.Level, c.Admin.Host, c.Admin.Token = "debug", "127.0.0.1", canary("the admin token")
			_, _ = fmt.Sscan(port, &c.Admin.Port)
			c.Metrics.Interval, c.Traces.Batch.Delay, c.Logs.Batch.Delay = 100*time.Millisecond, 10*time.Millisecond, 10*time.Millisecond
			c.Traces.Batch.Queue, c.Logs.Batch.Queue = 1<<14, 1<<16
		}))
	if err != nil {
		t.Fatal(err)
	}
	s.tel = tel
	db := s.failingDB("host=db password=" + canary("the check of a database"))
	if _, err := tel.ObserveDB("primary", db); err != nil {
		t.Fatal(err)
	}
	s.checks, err = health.New("1", checks.SQL("database", db),
		checks.HTTP("toss_payments", s.partner+"/?code="+canary("the check of a service"), health.NonCritical()),
		health.Check{Name: "search", Run: func(context.Context) error { panic(canary("the check that panics")) }})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tel.ObserveHealth(s.checks); err != nil {
		t.Fatal(err)
	}
	mux, all := tel.NewServeMux(), plants()
	s.checks.Mount(mux)
	mux.HandleFunc("POST /careless/{plant}", func(_ http.ResponseWriter, r *http.Request) {
		name := r.PathValue("plant")
		telemetry.Log(r.Context()).Info(name)
		trace.SpanFromContext(r.Context()).AddEvent(name)
		all[name].careless(s, r, canary(name))
	})
	s.server = httptest.NewServer(tel.Handler(mux))
	t.Cleanup(s.end)
	return s
}

// failingDB is a pool whose driver fails with its DSN in the error.
func (s *careless) failingDB(dsn string) *sql.DB {
	db := sql.OpenDB(failing(dsn))
	s.t.Cleanup(func() { _ = db.Close() })
	return db
}

type failing string

func (f failing) Connect(context.Context) (driver.Conn, error) {
	return nil, fmt.Errorf("connect to `%s`: server refused", string(f))
}
func (failing) Driver() driver.Driver { return nil }

// badSetups starts telemetry with settings that are wrong and hold a secret.
func (s *careless) badSetups() {
	secret := canary("a bad setup")
	file := filepath.Join(s.t.TempDir(), "telemetry.yaml")
	for _, setting := range []string{
		"OTEL_EXPORTER_OTLP_ENDPOINT=https://me:" + secret + "@collector",
		"OTEL_EXPORTER_OTLP_ENDPOINT=me:" + secret + "@collector:4317",
		"OTEL_EXPORTER_OTLP_ENDPOINT=http://me:" + secret + "@col lector",
		"OTEL_EXPORTER_OTLP_ENDPOINT=collector:4317/?token=" + secret,
		"OTEL_EXPORTER_OTLP_ENDPOINT=ftp://collector/?token=" + secret + "#" + secret,
		"OTEL_EXPORTER_OTLP_HEADERS=" + secret,
		"OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%zz" + secret,
		"OTEL_EXPORTER_OTLP_HEADERS=authorization=" + secret + "%00",
		"OTEL_EXPORTER_OTLP_LOGS_HEADERS=a b=" + secret,
		"TUTORFLOW_ADMIN_TOKEN=" + secret + " " + secret,
		"OTEL_RESOURCE_ATTRIBUTES=" + secret,
		"OTEL_RESOURCE_ATTRIBUTES=__password=" + secret,
		"FILE=otlp:\n  header:\n    authorization: " + secret + "\n",
		"FILE=otlp:\n  headers: " + secret + "\n",
		"FILE=otlp:\n  headers:\n    authorization: [" + secret + "]\n",
		"FILE=otlp:\n  headers:\n    authorization: Bearer " + secret + ": x\n",
		"FILE=admin:\n  token: \"" + secret + "\n",
		"FILE=admin:\n  token: {" + secret + ": " + secret + "}\n",
		"FILE=admin: " + secret + "\n",
	} {
		s.t.Run("bad setup", func(t *testing.T) {
			name, value, _ := strings.Cut(setting, "=")
			if name == "FILE" {
				if err := os.WriteFile(file, []byte(value), 0o600); err != nil {
					t.Fatal(err)
				}
				name, value = "TUTORFLOW_TELEMETRY_FILE", file
			}
			t.Setenv(name, value)
			t.Setenv("OTEL_TRACES_EXPORTER", "otlp")
			start := func(optional bool) error {
				tel, err := telemetry.Init(t.Context(), telemetry.Service{Name: "test"}, telemetry.WithLogWriter(&s.log),
					telemetry.WithExporters(otlp.New()), telemetry.WithConfig(func(c *telemetry.Config) { c.Optional = optional }))
				if err == nil {
					err = tel.Shutdown(t.Context())
				}
				return err
			}
			if err := start(false); err == nil {
				t.Errorf("%s starts", strings.ReplaceAll(setting, secret, "…"))
			} else {
				fmt.Fprintln(&s.returned, err)
			}
			fmt.Fprintln(&s.returned, start(true))
		})
	}
}

// request sends the request of a plant.
func (s *careless) request(name string) {
	request, _ := http.NewRequest(http.MethodPost, s.server.URL+"/careless/x", nil)
	request.URL.Path = "/careless/" + name
	if sent := plants()[name].sent; sent != nil {
		sent(request, canary(name))
	}
	s.keep("answers", request)
}

// keep sends a request and adds the whole answer to an output.
func (s *careless) keep(output string, request *http.Request) {
	response, err := s.server.Client().Do(request)
	if err != nil {
		s.t.Error(err)
		return
	}
	answer, err := httputil.DumpResponse(response, true)
	if err = errors.Join(err, response.Body.Close()); err != nil {
		s.t.Error(err)
	}
	s.outputs[output] += string(answer)
}

// scrape reads what the service and its admin listener show.
func (s *careless) scrape() {
	for output, target := range map[string]string{
		"scrape": s.server.URL + "/metrics", "scrape, open": s.server.URL + "/metrics",
		"health": s.server.URL + "/health", "health details": s.server.URL + "/health/detailed", "health ready": s.server.URL + "/health/ready",
		"health start": s.server.URL + "/health/startup", "health live": s.server.URL + "/health/live", "health db": s.server.URL + "/health/db",
		"admin index": s.admin + "/", "admin metrics": s.admin + "/metrics", "admin config": s.admin + "/telemetry/config",
		"admin loggers": s.admin + "/telemetry/loggers", "admin switches": s.admin + "/telemetry/metrics", "admin health": s.admin + "/health/detailed",
	} {
		request, _ := http.NewRequest(http.MethodGet, target, nil)
		if output == "scrape, open" {
			request.Header.Set("Accept", "application/openmetrics-text; version=1.0.0")
		}
		request.Header.Set("Authorization", "Bearer "+canary("the admin token"))
		s.keep(output, request)
	}
}

// eventually waits until a condition holds, on a machine that is busy too.
func (s *careless) eventually(what string, holds func() bool) {
	s.t.Helper()
	for start := time.Now(); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Since(start) > 20*time.Second {
			s.t.Fatalf("waited in vain for %s", what)
		}
	}
}

// waitForExports waits for what at least the given number of requests led to.
func (s *careless) waitForExports(requests int) {
	s.eventually("exports", func() bool {
		return s.collector.Items(exporters.Traces) >= requests && s.collector.Items(exporters.Logs) >= requests && s.collector.Items(exporters.Metrics) > 0
	})
}

// failExports has the collector answer a while with an error that quotes what it
// was sent.
func (s *careless) failExports(how otlpcollector.Behaviour) {
	how.Message = `Bearer ` + canary("the exporter's header") + ` is refused, so is "` + canary("the exporter's header") + `" and password=` + canary("the collector's answer")
	s.collector.Set(how)
	before := strings.Count(s.log.String(), "telemetry failed")
	s.eventually("an export that failed", func() bool { return strings.Count(s.log.String(), "telemetry failed") > before })
	s.collector.Set(otlpcollector.Behaviour{})
}

// end shuts everything down and reads what was written meanwhile. A second call
// does nothing.
func (s *careless) end() {
	if s.outputs["log"] != "" {
		return
	}
	s.server.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	fmt.Fprintln(&s.returned, s.checks.Shutdown(ctx), s.tel.Shutdown(ctx))
	s.outputs["log"], s.outputs["console"], s.outputs["returned errors"] = s.log.String(), s.console.String(), s.returned.String()
	for output, signal := range map[string]exporters.Signal{"metrics": exporters.Metrics, "spans": exporters.Traces, "log records": exporters.Logs} {
		for _, export := range s.collector.Exports(signal) {
			sent, err := proto.Marshal(export.Request)
			if err != nil {
				s.t.Error(err)
			}
			s.outputs[output] += string(sent)
		}
	}
}
