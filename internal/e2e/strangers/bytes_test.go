package strangers_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tutorflow/observability/exporters"
)

// badBytes are requests that net/http takes and that hold what is no UTF-8.
func badBytes() []string {
	return []string{
		"GET /users/%ff%fe HTTP/1.1\r\nHost: a",
		"GET /users/1?q=%ff&%fe=%80 HTTP/1.1\r\nHost: a",
		"GET /%ff%fe/absent HTTP/1.1\r\nHost: a",
		"GET /users/1 HTTP/1.1\r\nHost: a\r\nUser-Agent: bad\xff\xfe",
		"GET /users/1 HTTP/1.1\r\nHost: a\r\nUser-Agent: " + strings.Repeat("\x80\xff", 5000),
		"GET /users/1 HTTP/1.1\r\nHost: a\r\nUser-Agent: " + strings.Repeat("x", 254) + "\xea\xb0\x80",
		"GET /users/1 HTTP/1.1\r\nHost: a\r\nX-Request-ID: \xff",
		"GET /users/1 HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: \xff",
		"GET /users/1 HTTP/1.1\r\nHost: a\r\nTraceparent: \xff\r\nTracestate: \xff=\xff\r\nBaggage: \xff=\xff",
		"GET /users/1 HTTP/1.1\r\nHost: a\r\nTraceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\nTracestate: \xff=\xff",
		"GET /users/%00%01%7f%e2%80%a8 HTTP/1.1\r\nHost: a",
	}
}

func TestBytesThatAreNoTextCostNoTelemetry(t *testing.T) {
	for _, protocol := range []string{exporters.ProtocolGRPC, exporters.ProtocolHTTP} {
		t.Run(protocol, func(t *testing.T) {
			s := start(t, protocol, &http.Server{}, logging, echo())
			conn := &connection{t: t, address: s.address}
			defer conn.close()
			bad := badBytes()
			for i := range 100 {
				conn.send("GET", fmt.Sprintf("GET /users/%d HTTP/1.1\r\nHost: a\r\n\r\n", i))
				if i%5 == 0 {
					conn.send("GET", bad[i/5%len(bad)]+"\r\n\r\n")
				}
			}
			s.settle()
			s.healthy()
			if got := s.collector.Items(exporters.Traces); got != 120 || s.dropped() > 0 {
				t.Errorf("%d spans are delivered, want 120", got)
			}
			// All lines but those about telemetry itself.
			want := strings.Count(s.lines.String(), "\n") - strings.Count(s.lines.String(), `"logger":"tutorflow.telemetry"`)
			s.eventually("each line delivered", func() bool { return s.collector.Items(exporters.Logs) == want })

			client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Minute}
			response, err := client.Get("http://" + s.address + "/metrics")
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			scrape, err := io.ReadAll(response.Body)
			if err != nil || response.StatusCode != http.StatusOK {
				t.Errorf("the scrape answers %d, %v", response.StatusCode, err)
			}
			if series := `tutorflow_http_requests_total{endpoint="/users/{id}",method="GET",status="200"} `; !strings.Contains(string(scrape), series) {
				t.Errorf("the scrape lacks %s", series)
			}
		})
	}
}
