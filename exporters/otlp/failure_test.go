package otlp_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/internal/otlpcollector"
)

func TestFailedExportNamesTheEndpointOnce(t *testing.T) {
	const hint = "(the collector may speak clear text, as in http://127.0.0.1:"
	for name, test := range map[string]struct {
		behaviour otlpcollector.Behaviour
		stopped   bool
		scheme    string
		late      bool
		hint      bool
	}{
		"a collector that is down":       {stopped: true, scheme: "http", late: true},
		"a collector that hangs":         {behaviour: otlpcollector.Behaviour{Hang: true}, scheme: "http", late: true},
		"a collector that refuses":       {behaviour: otlpcollector.Behaviour{Failure: otlpcollector.Invalid}, scheme: "http"},
		"a collector that has no TLS":    {scheme: "https", late: true, hint: true},
		"a collector with TLS, and down": {stopped: true, scheme: "https", late: true},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, protocol string, signal exporters.Signal) {
				collector := otlpcollector.Start(t, otlpcollector.Options{Protocol: protocol})
				collector.Set(test.behaviour)
				if test.stopped {
					collector.Stop()
				}
				with := settings(collector, protocol, signal)
				with.OTLP.Timeout = 3 * time.Second
				with.OTLP.Endpoint = strings.Replace(with.OTLP.Endpoint, "http", test.scheme, 1)
				err := open(t, signal, with).export(t.Context(), 1)
				if err == nil || !strings.HasPrefix(err.Error(), "export to "+with.OTLP.Endpoint+": ") || strings.Count(err.Error(), with.OTLP.Endpoint) != 1 {
					t.Fatalf("the error is %v", err)
				}
				if strings.Contains(err.Error(), "failed to") || strings.Contains(err.Error(), hint) != test.hint {
					t.Errorf("the error is %v", err)
				}
				if errors.Is(err, context.DeadlineExceeded) != test.late {
					t.Errorf("the timeout was the cause: %t", !test.late)
				}
			})
		})
	}
}

func TestAnswerThatQuotesAHeaderIsToldWithoutItsValue(t *testing.T) {
	for name, behaviour := range map[string]otlpcollector.Behaviour{
		"a failure":         {Failure: otlpcollector.Invalid},
		"a partial success": {Reject: 1},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, protocol string, signal exporters.Signal) {
				collector := otlpcollector.Start(t, otlpcollector.Options{Protocol: protocol})
				quoting := behaviour
				quoting.Message = "no c4n4ry, c4n4ry-tenant of 1" + strings.Repeat(" Bearer c4n4ry", 100)
				collector.Set(quoting)
				var got rejections
				with := settings(collector, protocol, signal)
				with.Rejected = got.add
				with.OTLP.Headers = map[string]string{"Authorization": "Bearer c4n4ry", "x-tenant": "c4n4ry-tenant", "x-shard": "1"}
				told := fmt.Sprint(open(t, signal, with).export(t.Context(), 1), got.reasons)
				if strings.Contains(told, "c4n4r") || !strings.Contains(told, "no [REDACTED], [REDACTED] of 1") {
					t.Errorf("told is %s", told)
				}
			})
		})
	}
}
