package main

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	_ "modernc.org/sqlite" // the driver of the database that is locked

	"github.com/tutorflow/observability/internal/otlpcollector"
)

// fault is something that goes wrong around the service.
type fault struct {
	name  string
	begin func(*soak) (end func() error, err error)
}

// start begins the fault; end puts an end to it.
func (f fault) start(s *soak) (end func() error) {
	if f.begin == nil {
		return func() error { return nil }
	}
	end, err := f.begin(s)
	if err != nil {
		return func() error { return err }
	}
	return end
}

func faults() []fault {
	return []fault{
		{"the collector is down", func(s *soak) (func() error, error) {
			s.collector.Stop()
			return s.collector.Restart, nil
		}},
		collector("the collector hangs", otlpcollector.Behaviour{Hang: true}),
		collector("the collector answers 503", otlpcollector.Behaviour{Failure: otlpcollector.Unavailable}),
		collector("the collector rejects some", otlpcollector.Behaviour{Reject: 5}),
		{"nobody reads stdout", func(s *soak) (func() error, error) {
			s.service.stalled.Lock()
			return func() error { s.service.stalled.Unlock(); return nil }, nil
		}},
		{"the database is locked", lockDatabase},
		{"20 scrapers, and 5 that do not read", scrapers},
		{"strangers send junk", repeated(8, (*soak).junk)},
		{"clients leave", repeated(8, (*soak).leave)},
		{"operators switch and look", repeated(1, (*soak).operate)},
	}
}

// together is all of faults at once. Of those of the collector the last one
// counts.
func together(faults []fault) fault {
	return fault{"all of them at once", func(s *soak) (func() error, error) {
		var ends []func() error
		for _, f := range faults {
			ends = append(ends, f.start(s))
		}
		return func() error {
			var errs []error
			for _, end := range ends {
				errs = append(errs, end())
			}
			return errors.Join(errs...)
		}, nil
	}}
}

func collector(name string, b otlpcollector.Behaviour) fault {
	return fault{name, func(s *soak) (func() error, error) {
		s.collector.Set(b)
		return func() error { s.collector.Set(otlpcollector.Behaviour{}); return nil }, nil
	}}
}

// repeated has n goroutines do something again and again.
func repeated(n int, do func(*soak, context.Context)) func(*soak) (func() error, error) {
	return func(s *soak) (func() error, error) {
		ctx, cancel := context.WithCancel(context.Background())
		var going sync.WaitGroup
		for range n {
			going.Go(func() {
				for ctx.Err() == nil {
					do(s, ctx)
				}
			})
		}
		return func() error { cancel(); going.Wait(); return nil }, nil
	}
}

// lockDatabase keeps everybody else from writing to the service's file. Its
// statements fail after five seconds.
func lockDatabase(s *soak) (func() error, error) {
	db, err := sql.Open("sqlite", s.database+"?_pragma=busy_timeout(5000)")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("BEGIN IMMEDIATE"); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return func() error {
		_, err := db.Exec("ROLLBACK")
		return errors.Join(err, db.Close())
	}, nil
}

func scrapers(s *soak) (func() error, error) {
	var slow []net.Conn
	for range 5 {
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.service.url, "http://"))
		if err != nil {
			return nil, err
		}
		_, _ = io.WriteString(conn, "GET /metrics HTTP/1.1\r\nHost: slow\r\n\r\n")
		slow = append(slow, conn)
	}
	end, err := repeated(20, func(s *soak, _ context.Context) {
		response, err := http.Get(s.service.url + "/metrics")
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
	})(s)
	return func() error {
		for _, conn := range slow {
			_ = conn.Close()
		}
		defer http.DefaultClient.CloseIdleConnections()
		return end()
	}, err
}

// junk is one connection of a stranger: requests that hold whatever net/http
// lets through, to paths that are no route.
func (s *soak) junk(ctx context.Context) {
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.service.url, "http://"))
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }()
	answers := bufio.NewReader(conn)
	for range 50 {
		if ctx.Err() != nil {
			return
		}
		text := func(most int) string {
			b := make([]byte, 1+rand.IntN(most))
			for i := range b {
				b[i] = byte(0x21 + rand.IntN(0x5e))
				if rand.IntN(4) == 0 {
					b[i] = byte(0x80 + rand.IntN(0x80))
				}
			}
			return string(b)
		}
		method := []string{"GET", "POST", "BREW", "PROPFIND"}[rand.IntN(4)]
		_, _ = fmt.Fprintf(conn, "%s /junk/%%%02x/%d?q=%d HTTP/1.%d\r\nHost: h%d.example:%d\r\nUser-Agent: %s\r\nX-Request-ID: %s\r\nX-Forwarded-For: %s\r\nTraceparent: 00-%032x-%016x-01\r\nBaggage: k=%d\r\nContent-Length: 0\r\n\r\n",
			method, 0x80+rand.IntN(0x80), rand.Int(), rand.Int(), 1+rand.IntN(9), rand.IntN(1e6), 1+rand.IntN(65535), text(16<<10), text(100), text(100), rand.Uint64(), rand.Uint64(), rand.Int())
		response, err := http.ReadResponse(answers, nil)
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
	}
}

// leave hangs up before the answer. The clients of the load send no HEAD.
func (s *soak) leave(context.Context) {
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.service.url, "http://"))
	if err != nil {
		return
	}
	_, _ = io.WriteString(conn, "HEAD /api/v1/bookings?limit=50 HTTP/1.1\r\nHost: x\r\n\r\n")
	time.Sleep(time.Duration(rand.IntN(2)) * time.Millisecond)
	_ = conn.Close()
}

// operate does what an operator may do during an incident.
func (s *soak) operate(context.Context) {
	const metric = "/telemetry/metrics/go_gc_duration_seconds"
	for _, ask := range []struct{ method, path string }{
		{http.MethodPut, metric + "?enabled=false&for=1m"},
		{http.MethodPut, "/telemetry/loggers/tutorflow.external?level=debug&for=1m"},
		{http.MethodGet, "/telemetry/config"},
		{http.MethodGet, "/health/detailed"},
		{http.MethodGet, "/debug/pprof/goroutine?debug=1"},
		{http.MethodGet, "/metrics"},
		{http.MethodDelete, "/telemetry/loggers/tutorflow.external"},
		{http.MethodDelete, metric},
	} {
		request, err := http.NewRequest(ask.method, s.service.admin+ask.path, nil)
		if err != nil {
			continue
		}
		if response, err := s.operator.Do(request); err == nil {
			_, _ = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
		}
	}
}
