package telemetry_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/tutorflow/observability/telemetry"
)

func TestLostTelemetryIsNoErrorOfServe(t *testing.T) {
	broken := func(context.Context) error { return errors.New("the collector is down") }
	tel, err := telemetry.New(t.Context(), pushing(config(), "fake"), discard, telemetry.WithExporters(pushTo(&fakeExporter{shutdown: broken})))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := tel.Serve(ctx, &http.Server{Addr: "127.0.0.1:0", Handler: http.NewServeMux()}); err != nil {
		t.Errorf("Serve: %v, want nil: serving ended well", err)
	}
}

func TestPortOfTheAdminListenerIsNamedWhereTheServiceWantsIt(t *testing.T) {
	r, o := withAdmin(t, nil)
	address := strings.TrimPrefix(o.url, "http://")
	err := r.Serve(t.Context(), &http.Server{Addr: address, Handler: http.NewServeMux()})
	var refused *net.OpError
	if !errors.As(err, &refused) || !strings.Contains(err.Error(), "the admin listener has the port, see admin.port (code)") {
		t.Errorf("Serve: %v", err)
	}
}
