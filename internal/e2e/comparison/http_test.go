package comparison_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/tutorflow/observability/exporters"
)

func httpPromises() []promise {
	return []promise{
		{
			section: "6.1", name: "a panic is a request with status 500, and in metrics",
			broken: func(t *testing.T, w wiring) error {
				r := run(t, w)
				r.panics()
				if got, _ := sum(r.scraped(), r.requests, `"/panic"`, `"500"`); got != 1 {
					return fmt.Errorf("1 panic is %v requests with status 500", got)
				}
				return nil
			},
			plain: "1 panic is 0 requests with status 500",
		},
		{
			section: "6.1", name: "a panic is a span with an error, without the panic's text",
			broken: func(t *testing.T, w wiring) error {
				c := collect(t, exporters.ProtocolGRPC)
				r := run(t, w)
				r.panics()
				if err := r.end(patience); err != nil {
					t.Error(err)
				}
				spans := c.Spans()
				if len(spans) != 1 {
					return fmt.Errorf("there are %d spans", len(spans))
				}
				var errs []error
				if code := spans[0].GetStatus().GetCode(); code != tracepb.Status_STATUS_CODE_ERROR {
					errs = append(errs, fmt.Errorf("the span's status is %s", code))
				}
				if strings.Contains(spans[0].String(), panicText) {
					errs = append(errs, errors.New("the span has the panic's text"))
				}
				return errors.Join(errs...)
			},
			plain: "the span's status is STATUS_CODE_UNSET",
		},
		{
			section: "6.4", name: "a client that goes away is no success",
			broken: func(t *testing.T, w wiring) error {
				r := run(t, w)
				r.leave()
				var all []sample
				err := eventually("a request that is counted", func() bool {
					all = r.scraped()
					counted, _ := sum(all, r.requests, `"/wait"`)
					return counted > 0
				})
				if good, _ := sum(all, r.requests, `"/wait"`, `"200"`); good != 0 {
					return errors.New("it is counted as 200")
				}
				return err
			},
			plain: "it is counted as 200",
		},
		{
			section: "7.2", name: "a stranger's traceparent does not raise the share of traces that is kept",
			environment: map[string]string{"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0"},
			broken: func(t *testing.T, w wiring) error {
				return strangers(t, w, "01", 0)
			},
			plain: "50 of 50 requests are traced, configured are 0",
		},
		{
			section: "7.2", name: "a stranger's traceparent does not hide a request",
			broken: func(t *testing.T, w wiring) error {
				return strangers(t, w, "00", 50)
			},
			plain: "0 of 50 requests are traced, configured are 50",
		},
	}
}

// panics has the service panic once.
func (r *running) panics() {
	response, err := r.Client().Get(r.URL + "/panic")
	if err == nil { // with the libraries alone the connection ends without an answer
		_ = response.Body.Close()
	}
}

// leave sends a request and goes away before the answer.
func (r *running) leave() {
	ctx, cancel := context.WithCancel(r.t.Context())
	go func() {
		<-r.waiting
		cancel()
	}()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.URL+"/wait", nil)
	if err != nil {
		r.t.Fatal(err)
	}
	if _, err := r.Client().Do(request); !errors.Is(err, context.Canceled) {
		r.t.Fatalf("the request ended with %v", err)
	}
}

// strangers has each of 50 requests come with trace context, and compares the
// spans with those that are configured.
func strangers(t *testing.T, w wiring, flags string, configured int) error {
	c := collect(t, exporters.ProtocolGRPC)
	r := run(t, w)
	for i := range 50 {
		r.get("/work", "traceparent", fmt.Sprintf("00-%032x-%016x-%s", i+1, i+1, flags))
	}
	if err := r.end(patience); err != nil {
		t.Error(err)
	}
	if got := c.Items(exporters.Traces); got != configured {
		return fmt.Errorf("%d of 50 requests are traced, configured are %d", got, configured)
	}
	return nil
}
