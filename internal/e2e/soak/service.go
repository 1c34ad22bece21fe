package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/internal/otlpcollector"
)

// patience is how long anything may take that is sure to come.
const patience = 30 * time.Second

// batchDelay is how long spans and log records wait for others.
const batchDelay = 500 * time.Millisecond

// soak is the service with what is around it.
type soak struct {
	service   *service
	collector *otlpcollector.Collector
	load      *load
	database  string
	last      totals
	// operator asks the admin listener.
	operator *http.Client
}

// service is the process.
type service struct {
	cmd        *exec.Cmd
	url, admin string
	// stalled is held while nobody reads the log.
	stalled sync.Mutex
	// requests are the access lines that were read.
	requests atomic.Int64
	read     chan struct{} // closed at the end of the log
	ended    chan error
}

func start(ctx context.Context, binary, folder string) (*soak, error) {
	collector, err := otlpcollector.New(otlpcollector.Options{Protocol: exporters.ProtocolGRPC})
	if err != nil {
		return nil, err
	}
	s := &soak{collector: collector, load: newLoad(), database: filepath.Join(folder, "soak.db"), operator: &http.Client{Timeout: patience}}
	if s.service, err = startService(ctx, binary, s.database, collector.Base()); err != nil {
		collector.Close()
		return nil, err
	}
	return s, nil
}

func startService(ctx context.Context, binary, database, collector string) (*service, error) {
	binary, err := filepath.Abs(binary) // it runs in another folder
	if err != nil {
		return nil, err
	}
	admin, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	s := &service{admin: "http://" + admin, read: make(chan struct{}), ended: make(chan error, 1)}
	s.cmd = exec.CommandContext(ctx, binary, "-addr", "127.0.0.1:0", "-admin", admin, "-traffic", "0", "-error-rate", "0.01", "-db", database)
	s.cmd.Dir = filepath.Dir(database)
	s.cmd.Env = append(os.Environ(),
		"OTEL_METRICS_EXPORTER=prometheus,otlp", "OTEL_TRACES_EXPORTER=otlp", "OTEL_LOGS_EXPORTER=otlp",
		"OTEL_EXPORTER_OTLP_ENDPOINT="+collector, "OTEL_EXPORTER_OTLP_PROTOCOL=grpc",
		"OTEL_METRIC_EXPORT_INTERVAL=1000", "TUTORFLOW_ADMIN_PROFILES=true",
		fmt.Sprint("OTEL_BSP_SCHEDULE_DELAY=", batchDelay.Milliseconds()), fmt.Sprint("OTEL_BLRP_SCHEDULE_DELAY=", batchDelay.Milliseconds()),
		"TUTORFLOW_DRAIN_DELAY=0s") // there is no load balancer to wait for
	stdout, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	stderr, err := s.cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	go s.readLog(stdout)
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		if _, url, ok := strings.Cut(lines.Text(), "API "); ok {
			s.url = strings.TrimSuffix(strings.TrimSpace(url), "/api/v1/bookings")
			go func() {
				_, _ = io.Copy(os.Stderr, stderr)
				<-s.read // Wait closes what is not read yet
				s.ended <- s.cmd.Wait()
			}()
			return s, nil
		}
	}
	return nil, errors.Join(errors.New("the service does not say where it listens"), s.cmd.Process.Kill(), s.cmd.Wait())
}

// readLog counts the access lines.
func (s *service) readLog(stdout io.Reader) {
	defer close(s.read)
	lines := bufio.NewReaderSize(stdout, 1<<16)
	for {
		s.stalled.Lock()
		line, err := lines.ReadBytes('\n')
		s.stalled.Unlock()
		if bytes.Contains(line, []byte(`"logger":"tutorflow.request"`)) && bytes.Contains(line, []byte(`"http_status"`)) {
			s.requests.Add(1)
		}
		if err != nil {
			return
		}
	}
}

// terminate asks the service to end and waits for that.
func (s *service) terminate() error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case err := <-s.ended:
		return err
	case <-time.After(patience):
		return errors.New("the service does not end")
	}
}

// kill is for a run that failed; after an end it does nothing.
func (s *soak) kill() {
	s.load.stop()
	_ = s.service.cmd.Process.Kill()
	s.collector.Close()
}

func freePort(ctx context.Context) (address string, err error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// get asks the admin listener.
func (s *soak) get(path string) ([]byte, error) {
	response, err := s.operator.Get(s.service.admin + path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("get %s: %s: %.200s", path, response.Status, body)
	}
	return body, err
}
