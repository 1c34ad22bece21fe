package otlp_test

import (
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	tracecollector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/internal/otlpcollector"
)

func TestPartialSuccessIsReportedAndNoError(t *testing.T) {
	for name, test := range map[string]struct {
		behaviour otlpcollector.Behaviour
		items     int
		reasons   []string
	}{
		"some are rejected":        {otlpcollector.Behaviour{Reject: 2, Message: "too old\n"}, 2, []string{"too old\n"}},
		"without a word":           {otlpcollector.Behaviour{Reject: 1}, 1, []string{""}},
		"a warning":                {otlpcollector.Behaviour{Message: "use the other port"}, 0, []string{"use the other port"}},
		"a long reason is cut":     {otlpcollector.Behaviour{Reject: 1, Message: strings.Repeat("x", 1000)}, 1, []string{strings.Repeat("x", 253) + "…"}},
		"nor is a character split": {otlpcollector.Behaviour{Reject: 1, Message: strings.Repeat("é", 500)}, 1, []string{strings.Repeat("é", 126) + "…"}},
		"nothing is rejected":      {otlpcollector.Behaviour{}, 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, protocol string, signal exporters.Signal) {
				collector := otlpcollector.Start(t, otlpcollector.Options{Protocol: protocol})
				collector.Set(test.behaviour)
				var got rejections
				with := settings(collector, protocol, signal)
				with.Rejected = got.add
				if err := open(t, signal, with).export(t.Context(), 3); err != nil {
					t.Error(err)
				}
				if got.items != test.items || collector.Items(signal) != 3-test.items {
					t.Errorf("%d items are reported, %d were delivered", got.items, collector.Items(signal))
				}
				if diff := cmp.Diff(test.reasons, got.reasons); diff != "" {
					t.Errorf("reasons (-want +got):\n%s", diff)
				}
				with.Rejected = nil
				if err := open(t, signal, with).export(t.Context(), 3); err != nil {
					t.Errorf("with nobody to tell: %v", err)
				}
			})
		})
	}
}

// answering is a server that always gives one answer, and counts.
func answering(t *testing.T, status int, header http.Header, body []byte) (*httptest.Server, *atomic.Int32) {
	t.Helper()
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		_, _ = io.Copy(io.Discard, r.Body)
		for name, values := range header {
			w.Header()[name] = values
		}
		w.WriteHeader(status)
		_, _ = w.Write(body)
	}))
	t.Cleanup(server.Close)
	return server, &asked
}

func TestCollectorCannotRejectMoreThanItWasSent(t *testing.T) {
	t.Parallel()
	for rejected, want := range map[int64]int{math.MaxInt64: 3, 4: 3, 3: 3, -1: 0, math.MinInt64: 0} {
		body, err := proto.Marshal(&tracecollector.ExportTraceServiceResponse{PartialSuccess: &tracecollector.ExportTracePartialSuccess{RejectedSpans: rejected}})
		if err != nil {
			t.Fatal(err)
		}
		server, _ := answering(t, http.StatusOK, http.Header{"Content-Type": {"application/x-protobuf"}}, body)
		for _, signal := range exporters.Signals() {
			var got rejections
			with := exporters.Settings{OTLP: exporters.OTLP{Protocol: exporters.ProtocolHTTP, Endpoint: server.URL, Timeout: 5 * time.Second}, Rejected: got.add}
			if err := open(t, signal, with).export(t.Context(), 3); err != nil || got.items != want || len(got.reasons) != 1 {
				t.Errorf("of 3 %s, %d are reported for %d: %v", signal, got.items, rejected, err)
			}
		}
	}
}

func TestOddAnswersOverHTTP(t *testing.T) {
	protobuf := http.Header{"Content-Type": {"application/x-protobuf"}}
	for name, test := range map[string]struct {
		status int
		header http.Header
		body   []byte
		want   string // the error, "" for none
	}{
		"no content":               {http.StatusNoContent, nil, nil, ""},
		"accepted, without a body": {http.StatusAccepted, protobuf, nil, ""},
		"a page of a proxy":        {http.StatusOK, http.Header{"Content-Type": {"text/html"}}, []byte("<html>"), ""},
		"no message":               {http.StatusOK, protobuf, []byte("\xff\xff\xff"), "cannot parse"},
		"a message without end":    {http.StatusOK, protobuf, append([]byte("\x0a\xff\xff\xff\x07"), make([]byte, 1<<20)...), "cannot parse"},
		"a moved collector":        {http.StatusFound, http.Header{"Location": {"/elsewhere"}}, nil, "302 Found"},
		"an error without end":     {http.StatusNotFound, nil, make([]byte, 1<<20), "404 Not Found"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, signal := range exporters.Signals() {
				server, asked := answering(t, test.status, test.header, test.body)
				with := exporters.Settings{OTLP: exporters.OTLP{
					Protocol: exporters.ProtocolHTTP, Endpoint: server.URL + "/v1/" + string(signal), Timeout: 5 * time.Second,
					Headers: map[string]string{"authorization": "Bearer s3cret"},
				}}
				err := open(t, signal, with).export(t.Context(), 1)
				if (err == nil) != (test.want == "") || asked.Load() != 1 {
					t.Fatalf("asked %d times: %.300v", asked.Load(), err)
				}
				if err != nil && (!strings.Contains(err.Error(), test.want) || len(err.Error()) > 1500 || strings.Contains(err.Error(), "s3cret")) {
					t.Errorf("the error of %d bytes is %.300v", len(err.Error()), err)
				}
			}
		})
	}
}
