package catalog_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/tutorflow/observability/telemetry/catalog"
)

const (
	requests   = catalog.HTTPRequests
	duration   = catalog.HTTPRequestDuration
	httpErrors = catalog.Errors
)

func newHTTP(tb testing.TB, errorTypes ...string) (*pipeline, *catalog.HTTP) {
	tb.Helper()
	p := newPipeline(tb)
	return p, must[*catalog.HTTP](tb)(p.HTTP(errorTypes...))
}

// get is the method GET.
func get() catalog.Method { return catalog.ParseMethod("GET") }

func TestDeclaredRouteStartsAtZero(t *testing.T) {
	p, h := newHTTP(t)
	if got := h.Declare("POST /bookings/{id}").Template(); got != "/bookings/{id}" {
		t.Errorf("the template is %q", got)
	}
	p.want(t, requests, `tutorflow_http_requests_total{endpoint="/bookings/{id}",method="POST",status="500"} 0`)
	p.wantValue(t, duration+`_count{endpoint="/bookings/{id}",method="POST"}`, "0")
	for _, errorType := range catalog.ErrorTypes() {
		p.wantValue(t, fmt.Sprintf(`tutorflow_errors_total{endpoint="/bookings/{id}",error_type="%s"}`, errorType), "0")
		p.wantValue(t, fmt.Sprintf(`tutorflow_errors_total{endpoint="unmatched",error_type="%s"}`, errorType), "0")
	}
	p.want(t, catalog.HTTPRequestsActive, catalog.HTTPRequestsActive+" 0")
}

func TestRouteDeclaredWithoutMethodStartsItsErrorsAtZero(t *testing.T) {
	p, h := newHTTP(t)
	h.Declare("/files/")
	p.want(t, requests)
	p.wantValue(t, httpErrors+`{endpoint="/files/",error_type="panic"}`, "0")
}

func TestStatus500ComesTogetherWithTheFirstRequestOfAMethod(t *testing.T) {
	p, h := newHTTP(t)
	e := h.Endpoint("/files/")
	e.Count(get(), 200)
	e.Count(get(), 200)
	p.want(t, requests,
		requests+`{endpoint="/files/",method="GET",status="200"} 2`,
		requests+`{endpoint="/files/",method="GET",status="500"} 0`)
}

func TestPatternGivesTheTemplate(t *testing.T) {
	for pattern, want := range map[string]string{
		"/":                             "/",
		"GET /bookings/{id}":            "/bookings/{id}",
		"GET\t/bookings":                "/bookings",
		"GET   /bookings ":              "/bookings",
		"api.example.com/bookings":      "/bookings",
		"GET api.example.com/{path...}": "/{path...}",
		"/{$}":                          "/{$}",
		"GET /a b":                      "/a b",
		"":                              "",
		"GET":                           "",
		"GET example.com":               "",
	} {
		if got := catalog.Template(pattern); got != want {
			t.Errorf("the template of %q is %q, want %q", pattern, got, want)
		}
	}
}

func TestEveryStandardMethodIsALabelAndAllOthersAreOne(t *testing.T) {
	p, h := newHTTP(t)
	e := h.Endpoint("/x")
	for _, method := range catalog.Methods() {
		m := catalog.ParseMethod(method)
		if m.String() != method || m.Other() != (method == catalog.OtherMethod) {
			t.Errorf("%s is %s, other: %v", method, m, m.Other())
		}
		e.Count(m, 200)
	}
	p.wantValue(t, overflow+`{metric="tutorflow_http_requests_total"}`, "1")
	for _, method := range []string{"get", "PROPFIND", "", "\xff", strings.Repeat("G", 1<<16)} {
		if m := catalog.ParseMethod(method); !m.Other() || m.String() != catalog.OtherMethod {
			t.Errorf("%.20q is %s", method, m)
		}
	}
	for _, m := range []catalog.Method{-1, 10, 1 << 40} {
		if !m.Other() || m.String() != catalog.OtherMethod {
			t.Errorf("Method(%d) is %s, other: %v", m, m, m.Other())
		}
		e.Count(m, 200)
		e.Observe(t.Context(), m, 1)
	}
	p.wantValue(t, requests+`{endpoint="/x",method="_OTHER",status="200"}`, "4")
	p.wantValue(t, duration+`_count{endpoint="/x",method="_OTHER"}`, "3")
	p.wantValue(t, overflow+`{metric="tutorflow_http_requests_total"}`, "4")
}

func TestStatusOutsideTheStandardIsCountedAsAServerError(t *testing.T) {
	p, h := newHTTP(t)
	e := h.Endpoint("/x")
	for _, status := range []int{100, 599, 42, 999, 0, -1, 600} {
		e.Count(get(), status)
	}
	p.want(t, requests,
		requests+`{endpoint="/x",method="GET",status="100"} 1`,
		requests+`{endpoint="/x",method="GET",status="500"} 0`,
		requests+`{endpoint="/x",method="GET",status="599"} 6`)
	p.wantValue(t, overflow+`{metric="tutorflow_http_requests_total"}`, "5")
	e.Count(catalog.ParseMethod("BREW"), 418000)
	p.wantValue(t, overflow+`{metric="tutorflow_http_requests_total"}`, "6")
}

func TestTemplatesThatShowAlikeAreOneEndpoint(t *testing.T) {
	p, h := newHTTP(t)
	long := "/" + strings.Repeat("é", 100)
	same := []string{long + "/a", long + "/b", long}
	for _, template := range same {
		if h.Endpoint(template) != h.Endpoint(same[0]) {
			t.Errorf("%q is an endpoint of its own", template)
		}
		h.Endpoint(template).Count(get(), 200)
	}
	if h.Endpoint("/\xff") != h.Endpoint("/\xfe") || h.Endpoint("/\xff") != h.Endpoint("/�") {
		t.Error("templates with broken UTF-8 are endpoints of their own")
	}
	for series := range p.series(t, requests) {
		if len(series) > 260 {
			t.Errorf("%s is %d bytes long", series, len(series))
		}
	}
	if got := h.Endpoint(same[0]).Template(); len(got) > catalog.MaxLabelBytes || !strings.HasPrefix(long, got) {
		t.Errorf("the template is %q", got)
	}
	for _, template := range []string{"", catalog.UnmatchedEndpoint} {
		if h.Endpoint(template) != h.Unmatched() {
			t.Errorf("%q is an endpoint of its own", template)
		}
	}
}

func TestEndpointsAreBounded(t *testing.T) {
	p, h := newHTTP(t)
	for i := range catalog.MaxEndpoints {
		if got := h.Endpoint(fmt.Sprintf("/%d", i)); got == h.Unmatched() {
			t.Fatalf("endpoint %d is unmatched", i)
		}
	}
	p.wantValue(t, overflow+`{metric="tutorflow_http_requests_total"}`, "0")
	for _, template := range []string{"/more", "/even/more"} {
		e := h.Endpoint(template)
		if e != h.Unmatched() {
			t.Errorf("%s is an endpoint", template)
		}
		e.Count(get(), 200)
	}
	if h.Endpoint("/7") == h.Unmatched() {
		t.Error("/7 is gone")
	}
	p.wantValue(t, overflow+`{metric="tutorflow_http_requests_total"}`, "2")
	p.wantValue(t, requests+`{endpoint="unmatched",method="GET",status="200"}`, "2")
}

// TestStatusSeriesAreBounded drives each way in which series come into being to
// its end: the requests instrument must stay below what the SDK takes.
func TestStatusSeriesAreBounded(t *testing.T) {
	p, h := newHTTP(t, "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m")
	total := 0
	count := func(e *catalog.Endpoint, m catalog.Method, status int) {
		e.Count(m, status)
		total++
	}
	methods := make([]catalog.Method, 10)
	for i, method := range catalog.Methods() {
		methods[i] = catalog.ParseMethod(method)
	}
	for i := range catalog.MaxEndpoints {
		e := h.Endpoint(fmt.Sprintf("/%d", i))
		for status := range 16 {
			count(e, get(), 200+status)
		}
	}
	for i := range catalog.MaxEndpoints {
		for _, m := range methods {
			count(h.Endpoint(fmt.Sprintf("/%d", i)), m, 500)
			h.Endpoint(fmt.Sprintf("/%d", i)).Observe(t.Context(), m, 1)
		}
	}
	for status := 100; status < 600; status++ {
		for _, m := range methods {
			count(h.Unmatched(), m, status)
		}
	}
	text := p.text(t, "text/plain")
	if strings.Contains(text, "otel_metric_overflow") {
		t.Error("the SDK's overflow series is there")
	}
	if n := strings.Count(text, "\n"+requests+"{"); n > catalog.MaxSeries || n < catalog.MaxSeries/2 {
		t.Errorf("there are %d series", n)
	}
	if n := strings.Count(text, "\n"+httpErrors+"{"); n > catalog.MaxSeries {
		t.Errorf("there are %d series of errors", n)
	}
	var sum int
	for _, value := range series(text, requests) {
		n, err := strconv.Atoi(value)
		if err != nil {
			t.Fatal(err)
		}
		sum += n
	}
	if sum != total {
		t.Errorf("%d requests are counted, want %d", sum, total)
	}
}

func TestRequestBeyondTheStatusSeriesKeepsItsStatus(t *testing.T) {
	p, h := newHTTP(t)
	for i := range 150 {
		e := h.Endpoint(fmt.Sprintf("/%d", i))
		for status := 100; status < 200; status++ {
			e.Count(get(), status)
		}
	}
	e := h.Endpoint("/0")
	e.Count(get(), 404)
	e.Count(get(), 500)
	found := p.series(t, requests)
	for series, want := range map[string]string{
		requests + `{endpoint="unmatched",method="GET",status="404"}`: "1",
		requests + `{endpoint="/0",method="GET",status="404"}`:        "",
		requests + `{endpoint="/0",method="GET",status="500"}`:        "1",
	} {
		if found[series] != want {
			t.Errorf("%s is %q, want %q", series, found[series], want)
		}
	}
	// 150 routes with 101 series each: 148 fit as a whole, of the next the status
	// 500 and 51 others, which leaves 49 to fold, all 100 of the last, and the 404.
	p.wantValue(t, overflow+`{metric="tutorflow_http_requests_total"}`, "150")
}

func TestActiveRequestsGoUpAndDown(t *testing.T) {
	p, h := newHTTP(t)
	h.Started()
	h.Started()
	h.Ended()
	p.want(t, catalog.HTTPRequestsActive, catalog.HTTPRequestsActive+" 1")
	h.Ended()
	p.want(t, catalog.HTTPRequestsActive, catalog.HTTPRequestsActive+" 0")
}

func TestErrorTypesAreThoseRegistered(t *testing.T) {
	p, h := newHTTP(t, "card_declined")
	declined := h.ErrorType("card_declined")
	if got := h.ErrorTypeName(declined); got != "card_declined" {
		t.Errorf("the name is %q", got)
	}
	if got := h.ErrorTypeName(catalog.ErrorDatabase); got != "database" {
		t.Errorf("the name is %q", got)
	}
	h.Endpoint("/x").Error(declined)
	h.Unmatched().Error(catalog.ErrorPanic)
	p.wantValue(t, httpErrors+`{endpoint="/x",error_type="card_declined"}`, "1")
	p.wantValue(t, httpErrors+`{endpoint="unmatched",error_type="panic"}`, "1")
	p.wantValue(t, overflow+`{metric="tutorflow_errors_total"}`, "0")

	if got := h.ErrorType("pq: duplicate key"); got != catalog.ErrorOther {
		t.Errorf("an unknown type is %d", got)
	}
	for _, wrong := range []catalog.ErrorType{-1, 7, 1 << 40} {
		h.Endpoint("/x").Error(wrong)
		if got := h.ErrorTypeName(wrong); got != catalog.Other {
			t.Errorf("ErrorType(%d) is %q", wrong, got)
		}
	}
	p.wantValue(t, httpErrors+`{endpoint="/x",error_type="other"}`, "3")
	p.wantValue(t, overflow+`{metric="tutorflow_errors_total"}`, "4")
}

func TestWrongErrorTypesAreRefusedAndTheNamesStayFree(t *testing.T) {
	var many []string
	for i := range catalog.MaxErrorTypes {
		many = append(many, fmt.Sprintf("type_%d", i))
	}
	for name, test := range map[string]struct {
		types []string
		want  string
	}{
		"a type is given once":               {[]string{"a", "a"}, `value "a": given twice`},
		"a built-in type is not given again": {[]string{"panic"}, `value "panic": given twice`},
		"a type is not empty":                {[]string{""}, `value "": allowed are 1 to 128 bytes`},
		"a type is short":                    {[]string{strings.Repeat("x", 129)}, "allowed are 1 to 128 bytes"},
		"there are not too many":             {many, "25 with the 6 built-in ones, allowed are 19"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPipeline(t)
			if _, err := p.HTTP(test.types...); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("the error is %v, want %q", err, test.want)
			}
			must[*catalog.HTTP](t)(p.HTTP(many[:13]...))
			if _, err := p.HTTP(); err == nil || strings.Count(err.Error(), "name: taken by") != 4 {
				t.Errorf("the second time, the error is %v", err)
			}
		})
	}
}

func TestDurationsAndCountsOfAMethodAgree(t *testing.T) {
	p, h := newHTTP(t)
	e := h.Declare("GET /x")
	for i := range 10 {
		e.Count(get(), 200+i%3)
		e.Observe(context.Background(), get(), float64(i)/10)
	}
	p.wantValue(t, duration+`_count{endpoint="/x",method="GET"}`, "10")
	sum := 0
	for _, value := range p.series(t, requests) {
		n, err := strconv.Atoi(value)
		if err != nil {
			t.Fatal(err)
		}
		sum += n
	}
	if sum != 10 {
		t.Errorf("the counter has %d", sum)
	}
}
