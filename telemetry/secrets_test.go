package telemetry_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/tutorflow/observability/telemetry"
)

func TestQueriesOfCallsAndErrorsAreInNoSpan(t *testing.T) {
	kept := tracetest.NewInMemoryExporter()
	c := config()
	c.Traces.Exporters = []string{"kept"}
	tel, err := telemetry.New(t.Context(), c, discard, telemetry.WithExporters(spansTo(keptSpans{kept})))
	if err != nil {
		t.Fatal(err)
	}
	partner := httptest.NewServer(http.NotFoundHandler())
	defer partner.Close()
	base := &http.Transport{}
	defer base.CloseIdleConnections()
	client := &http.Client{Transport: tel.Transport("toss_payments", base)}

	target := partner.URL + "/oauth?client_secret=c4n4ry&code=c4n4ry"
	ctx, span := tel.TracerProvider().Tracer("test").Start(t.Context(), "work")
	request, _ := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	failed := &url.Error{Op: "Get", URL: target, Err: http.ErrHandlerTimeout}
	span.RecordError(failed)
	span.SetStatus(codes.Error, failed.Error())
	span.End()
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}

	all := ""
	for _, s := range kept.GetSpans() {
		all += fmt.Sprintln(s.Name, s.Attributes, s.Events, s.Status)
	}
	if strings.Contains(all, "c4n4ry") || strings.Count(all, partner.URL+"/oauth") != 3 {
		t.Errorf("exported is %s", all)
	}
	if n := len(kept.GetSpans()); n != 2 {
		t.Errorf("%d spans are exported, want 2", n)
	}
}
