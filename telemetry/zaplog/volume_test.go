package zaplog_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"github.com/tutorflow/observability/internal/jsonline"
	"github.com/tutorflow/observability/telemetry/zaplog"
)

// flood has requests to route answered with status.
func flood(p *zaplog.Pipeline, route string, status, requests int) {
	events := p.Events(0)
	for range requests {
		events.Request(requestContext(), zaplog.RequestEvent{Method: http.MethodGet, Path: "/", Route: route, Status: status})
	}
}

// summaries are the routes and counts of the lines that sum up, in their order.
func summaries(t *testing.T, text string) (all []string) {
	t.Helper()
	for line := range strings.Lines(text) {
		object, err := jsonline.Decode(strings.TrimSuffix(line, "\n"))
		if err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		if object["message"] == "HTTP requests not logged" {
			if object["logger"] != "tutorflow.request" || object["level"] != "INFO" || object["http_status_class"] != "4xx" || object["function"] != nil {
				t.Errorf("got %s", line)
			}
			all = append(all, fmt.Sprint(object["http_route"], " ", object["lines_dropped"]))
		}
	}
	return all
}

func lines(text, part string) int {
	n := 0
	for line := range strings.Lines(text) {
		if strings.Contains(line, part) && strings.Contains(line, `"HTTP request"`) {
			n++
		}
	}
	return n
}

func TestAccessLinesOfRefusedRequestsAreBoundedForEachRoute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &sink{}
		p, err := zaplog.New(service, out)
		if err != nil {
			t.Fatal(err)
		}
		for range 100 {
			flood(p, "unmatched", http.StatusNotFound, 199)
			flood(p, "unmatched", 499, 1)
			flood(p, "/calm", http.StatusNotFound, 1)
			time.Sleep(10 * time.Millisecond)
		}
		time.Sleep(300 * time.Millisecond)
		flood(p, "unmatched", http.StatusTooManyRequests, 40)
		const left = 1000 + 130 // the burst, and what came back in 1.3 s
		if got := dropped(p)["rate_limited"]; got != 20_000+40-left {
			t.Errorf("%d lines were left out, want %d", got, 20_000+40-left)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		// In a minute the bucket is full.
		flood(p, "unmatched", http.StatusNotFound, 1002)
		flood(p, "/calm", http.StatusNotFound, 1003)
		if err := p.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		flood(p, "unmatched", http.StatusNotFound, 1) // after the end nothing starts
		if got, want := lines(out.String(), `"http_route":"unmatched"`), left+1000; got != want {
			t.Errorf("%d lines of the flood were written, want %d", got, want)
		}
		if got := lines(out.String(), `"http_route":"/calm"`); got != 1100 {
			t.Errorf("%d lines of the other route were written, want 1100", got)
		}
		got := summaries(t, out.String())
		first := fmt.Sprint("unmatched ", 20_000+40-left)
		if len(got) != 3 || got[0] != first || got[1]+got[2] != "unmatched 2/calm 3" && got[1]+got[2] != "/calm 3unmatched 2" {
			t.Errorf("got the summaries %q, want %q and those of the end", got, first)
		}
	})
}

func TestSummariesComeEveryTenSecondsAsLongAsTheFloodLasts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &sink{}
		p, err := zaplog.New(service, out)
		if err != nil {
			t.Fatal(err)
		}
		flood(p, "/a", http.StatusNotFound, 1000)
		for range 350 { // 35 s at 100 requests in 100 ms, of which 10 are written
			flood(p, "/a", http.StatusNotFound, 100)
			time.Sleep(100 * time.Millisecond)
		}
		if err := p.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		got := summaries(t, out.String())
		if len(got) != 4 {
			t.Errorf("%d summaries in 35 s, want 3 and one at the end: %q", len(got), got)
		}
		sum := 0
		for _, s := range got {
			var n int
			if _, err := fmt.Sscanf(s, "/a %d", &n); err != nil {
				t.Fatal(err)
			}
			sum += n
		}
		if int64(sum) != dropped(p)["rate_limited"] || sum+lines(out.String(), `"/a"`) != 36_000 {
			t.Errorf("the summaries say %d, the counter %v, %d lines of 36000 were written", sum, dropped(p), lines(out.String(), `"/a"`))
		}
	})
}

func TestLinesOfOtherStatusesAndOfWarningsAreNeverLeftOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &sink{}
		p, err := zaplog.New(service, out)
		if err != nil {
			t.Fatal(err)
		}
		const each = 5000
		for i := range each {
			for _, status := range []int{200, 302, 399, 500, 503} {
				flood(p, "/a", status, 1)
			}
			p.Logger().Warn("the same")
			p.Logger().Error("the same")
			p.Logger().Info("the same")
			if i%500 == 0 {
				_ = p.Flush(t.Context())
			}
		}
		if err := p.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := lines(out.String(), `"/a"`); got != 5*each {
			t.Errorf("%d access lines, want %d: %v", got, 5*each, dropped(p))
		}
		for _, level := range []string{"INFO", "WARN", "ERROR"} {
			if got := strings.Count(out.String(), `"level":"`+level+`","logger":"tutorflow","message":"the same"`); got != each {
				t.Errorf("%d lines at %s, want %d", got, level, each)
			}
		}
	})
}

func TestRoutesBeyondTheBoundShareABucket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &sink{}
		p, err := zaplog.New(service, out)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 3023 {
			flood(p, fmt.Sprint("/", i), http.StatusNotFound, 1)
			if i%500 == 0 {
				_ = p.Flush(t.Context())
			}
		}
		if err := p.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := summaries(t, out.String()); len(got) != 1 || got[0] != "other 1000" {
			t.Errorf("got the summaries %q, want one of 1000 lines", got)
		}
	})
}

func TestALineThatIsLeftOutCostsNoAllocation(t *testing.T) {
	p, err := zaplog.New(service, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Shutdown(t.Context())
	refused, events, ctx := access, p.Events(0), requestContext()
	refused.Status = http.StatusNotFound
	flood(p, refused.Route, http.StatusNotFound, 2000)
	if n := testing.AllocsPerRun(1000, func() { events.Request(ctx, refused) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestFloodConcurrentSafe(t *testing.T) {
	out := &sink{}
	p, err := zaplog.New(service, out)
	if err != nil {
		t.Fatal(err)
	}
	const workers, each = 4, 500
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() { flood(p, "/a", http.StatusNotFound, each) })
	}
	wg.Go(func() { p.Dropped(func(string, int64) {}); p.Logger().Info("m", zap.Int("a", 1)) })
	wg.Wait()
	if err := p.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	counts := dropped(p)
	if got := int64(lines(out.String(), `"/a"`)) + counts["rate_limited"] + counts["queue_full"]; got != workers*each {
		t.Errorf("%d of %d lines are accounted for: %v", got, workers*each, counts)
	}
}
