package e2e_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tutorflow/observability/examples/tutorflow/traffic"
)

// process is the example's command, built and started as a user would.
type process struct {
	*exec.Cmd
	url    string
	stdout bytes.Buffer
	took   time.Duration
}

func startProcess(t *testing.T, args ...string) *process {
	t.Helper()
	folder := t.TempDir()
	binary := filepath.Join(folder, "tutorflow")
	build := exec.Command("go", "build", "-o", binary, "./tutorflow")
	build.Dir = "../../examples"
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	p := &process{Cmd: exec.Command(binary, append([]string{"-addr", "127.0.0.1:0"}, args...)...)}
	p.Dir = folder
	p.Stdout = &p.stdout
	stderr, err := p.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Process.Kill() })
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		if _, url, ok := strings.Cut(lines.Text(), "API "); ok {
			p.url = strings.TrimSuffix(strings.TrimSpace(url), "/api/v1/bookings")
			p.took = time.Since(begin)
			go func() {
				for lines.Scan() {
				}
			}()
			return p
		}
	}
	t.Fatal("the service does not say where it listens")
	return nil
}

// end asks the process to end and returns its lines.
func (p *process) end(t *testing.T) []map[string]any {
	t.Helper()
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := p.Wait(); err != nil {
		t.Errorf("the service ended with %v, want exit code 0", err)
	}
	var all []map[string]any
	for line := range bytes.Lines(p.stdout.Bytes()) {
		var fields map[string]any
		if err := json.Unmarshal(line, &fields); err != nil {
			t.Fatalf("line %q: %v", line, err)
		}
		all = append(all, fields)
	}
	return all
}

// load is how long TestCountsAgree drives the service: E2E_LOAD, or 5 s.
func load(t *testing.T) time.Duration {
	text := os.Getenv("E2E_LOAD")
	if text == "" {
		return 5 * time.Second
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestCounterHistogramAndAccessLogAgreePerRouteAndStatus(t *testing.T) {
	s := startProcess(t, "-traffic", "0", "-error-rate", "0.05")
	if s.took > 5*time.Second {
		t.Errorf("the service served after %v, want 5 s at most", s.took)
	}
	ctx, cancel := context.WithTimeout(t.Context(), load(t))
	defer cancel()
	if err := traffic.Run(ctx, s.url, 50); err != nil {
		t.Fatal(err)
	}
	p := newProm(t)
	p.scrape(s.url)

	counted, timed, logged, loggedByRoute := map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}
	for _, one := range p.query(`tutorflow_http_requests_total{endpoint!~"/health(/.*)?|/metrics"} != 0`) {
		counted[one.Metric.Get("method")+" "+one.Metric.Get("endpoint")+" "+one.Metric.Get("status")] = int(one.F)
	}
	for _, one := range p.query(`tutorflow_http_request_duration_seconds_count{endpoint!~"/health(/.*)?|/metrics"} != 0`) {
		timed[one.Metric.Get("method")+" "+one.Metric.Get("endpoint")] = int(one.F)
	}
	total := 0
	for _, line := range s.end(t) {
		if line["logger"] == "tutorflow.request" {
			route := fmt.Sprint(line["http_method"], " ", line["http_route"])
			logged[fmt.Sprint(route, " ", line["http_status"])]++
			loggedByRoute[route]++
			total++
		}
	}
	if diff := cmp.Diff(counted, logged); diff != "" {
		t.Errorf("requests counted and logged differ (-counter +log):\n%s", diff)
	}
	if diff := cmp.Diff(timed, loggedByRoute); diff != "" {
		t.Errorf("requests timed and logged differ (-histogram +log):\n%s", diff)
	}
	if want := int(load(t).Seconds() * 40); total < want {
		t.Errorf("%d requests, want at least %d", total, want)
	}
	t.Logf("%d requests in %d series agree", total, len(counted))
}
