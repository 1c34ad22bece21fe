package e2e_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"io"
	"net"
	"net/url"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tutorflow/observability/examples/tutorflow/app"
	"github.com/tutorflow/observability/examples/tutorflow/partners"
	"github.com/tutorflow/observability/examples/tutorflow/traffic"
)

// probes reads all health paths: path to status, and the reason of readiness.
func (s *service) probes() (status map[string]int, reason string) {
	s.t.Helper()
	status = map[string]int{}
	for _, path := range []string{"", "/ready", "/live", "/startup", "/db", "/detailed"} {
		begin := time.Now()
		code, body, _ := get(s.t, s.url+"/health"+path)
		if took := time.Since(begin); took > 500*time.Millisecond {
			s.t.Errorf("/health%s answered after %v; probes wait for nothing", path, took)
		}
		status["/health"+path] = code
		if path == "/ready" {
			var answer struct{ Reason string }
			if err := json.Unmarshal([]byte(body), &answer); err != nil {
				s.t.Fatalf("%s: %v", body, err)
			}
			reason = answer.Reason
		}
	}
	return status, reason
}

// want waits until every path answers as given and readiness gives one of
// reasons.
func (s *service) want(what string, healthy bool, reasons ...string) {
	s.t.Helper()
	code := 503
	if healthy {
		code = 200
	}
	want := map[string]int{"/health": code, "/health/ready": code, "/health/live": 200, "/health/startup": 200, "/health/db": code, "/health/detailed": code}
	var status map[string]int
	var reason string
	eventually(s.t, what, func() bool {
		status, reason = s.probes()
		for path, code := range want {
			if status[path] != code {
				return false
			}
		}
		return slices.Contains(reasons, reason)
	})
}

func TestHealthFollowsADatabaseThatIsClosed(t *testing.T) {
	s := startService(t, nil)
	s.want("healthy", true, "")
	if err := s.Store().Close(); err != nil {
		t.Fatal(err)
	}
	s.want("down", false, "database: failed")
	p := newProm(t)
	p.scrape(s.url)
	if up := p.query(`tutorflow_health_check_up{check="database"}`); len(up) != 1 || up[0].F != 0 {
		t.Errorf("tutorflow_health_check_up: %v, want 0", up)
	}
}

func TestHealthFollowsAPostgreSQLThatStopsHangsAndComesBack(t *testing.T) {
	dsn := os.Getenv("TUTORFLOW_TEST_POSTGRES")
	if dsn == "" {
		t.Skip("TUTORFLOW_TEST_POSTGRES names no database")
	}
	database, err := url.Parse(dsn)
	if err != nil {
		t.Fatal("TUTORFLOW_TEST_POSTGRES is no URL")
	}
	between := newProxy(t, database.Host)
	database.Host = between.address
	s := startService(t, func(c *app.Config) { c.Database = database.String() })
	s.want("healthy", true, "")

	between.set(refuse)
	s.want("stopped", false, "database: failed", "database: timeout")
	between.set(pass)
	s.want("back", true, "")
	between.set(hang)
	s.want("hanging", false, "database: timeout", "database: hung")
	between.set(pass)
	s.want("back again", true, "")

	// With traffic the queries that hang fill the pool.
	between.set(hang)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() { _ = traffic.Run(ctx, s.url, 20) }()
	s.want("hanging under traffic", false, "database: timeout", "database: hung")
	cancel()
	between.set(pass)
	s.want("back after traffic", true, "")
}

func TestHealthFollowsADatabaseThatHandsOutNoConnection(t *testing.T) {
	s := startService(t, nil)
	s.want("healthy", true, "")
	db := s.Store().DB()
	var held []*sql.Conn
	for range db.Stats().MaxOpenConnections {
		c, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, c)
	}
	s.want("hanging", false, "database: timeout")
	for _, c := range held {
		_ = c.Close()
	}
	s.want("back", true, "")
}

func TestAPartnerThatHangsDegradesTheServiceAndNoMore(t *testing.T) {
	s := startService(t, nil)
	overall := func() string {
		_, body, _ := get(t, s.url+"/health")
		var answer struct{ Status string }
		if err := json.Unmarshal([]byte(body), &answer); err != nil {
			t.Fatal(err)
		}
		return answer.Status
	}
	eventually(t, "healthy", func() bool { return overall() == "healthy" })
	s.Partners().Toss.SetFault(partners.Fault{Hang: true})
	defer s.Partners().Toss.SetFault(partners.Fault{})
	eventually(t, "degraded", func() bool { return overall() == "degraded" })
	if status, _ := s.probes(); status["/health"] != 200 || status["/health/ready"] != 200 || status["/health/db"] != 200 {
		t.Errorf("the probes answer %v, want 200", status)
	}
}

// The states of a proxy.
const (
	pass   = iota // connections go through
	refuse        // connections are closed
	hang          // connections stay open and nothing goes through
)

// proxy stands between the service and its database.
type proxy struct {
	address string
	target  string

	mu      sync.Mutex
	state   int
	changed chan struct{}
	open    map[net.Conn]bool
}

func newProxy(t *testing.T, target string) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{address: listener.Addr().String(), target: target, changed: make(chan struct{}), open: map[net.Conn]bool{}}
	t.Cleanup(func() { _ = listener.Close(); p.set(refuse) })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go p.serve(client)
		}
	}()
	return p
}

// set changes the state. Connections are closed but for hang, which keeps them.
func (p *proxy) set(state int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state = state
	close(p.changed)
	p.changed = make(chan struct{})
	if state != hang {
		for c := range p.open {
			_ = c.Close()
		}
	}
}

func (p *proxy) current() (state int, changed chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state, p.changed
}

func (p *proxy) serve(client net.Conn) {
	p.mu.Lock()
	p.open[client] = true
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		delete(p.open, client)
		p.mu.Unlock()
		_ = client.Close()
	}()
	if state, _ := p.current(); state == refuse {
		return
	}
	server, err := net.Dial("tcp", p.target)
	if err != nil {
		return
	}
	defer server.Close()
	go func() { _, _ = io.Copy(client, server); _ = client.Close() }()
	buffer := make([]byte, 32<<10)
	for {
		n, err := client.Read(buffer)
		if err != nil {
			return
		}
		for {
			state, changed := p.current()
			if state == pass {
				break
			}
			if state == refuse {
				return
			}
			<-changed
		}
		if _, err := server.Write(buffer[:n]); err != nil {
			return
		}
	}
}
