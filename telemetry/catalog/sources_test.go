package catalog_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/metric"

	"github.com/tutorflow/observability/telemetry/catalog"
)

const (
	calls    = catalog.ExternalServiceCalls
	callTime = catalog.ExternalServiceDuration
	failures = catalog.TelemetryCallbackFailures
)

func TestDeclaredServicesStartAtZero(t *testing.T) {
	p := newPipeline(t)
	x := must[*catalog.ExternalServices](t)(p.ExternalServices(catalog.TutorFlowServices()...))
	for _, service := range append(catalog.TutorFlowServices(), catalog.ExternalService{Name: "other"}) {
		if !x.Declared(service.Name) {
			t.Errorf("%s is not declared", service.Name)
		}
		for _, operation := range append(service.Operations, "other") {
			for _, status := range []string{"success", "error", "timeout", "canceled"} {
				p.wantValue(t, fmt.Sprintf(`%s{operation="%s",service="%s",status="%s"}`, calls, operation, service.Name, status), "0")
			}
			p.wantValue(t, fmt.Sprintf(`%s_count{operation="%s",service="%s"}`, callTime, operation, service.Name), "0")
		}
	}
	if got, want := len(p.series(t, calls)), 4*(3+3+2+1); got != want {
		t.Errorf("there are %d series, want %d", got, want)
	}
	if x.Declared("maps") {
		t.Error("maps is declared")
	}
}

func TestServiceDeclaredTwiceHasAllItsOperations(t *testing.T) {
	p := newPipeline(t)
	maps := []catalog.ExternalService{{Name: "maps", Operations: []string{"route", "other"}}, {Name: "maps", Operations: []string{"search", "route"}}}
	must[*catalog.ExternalServices](t)(p.ExternalServices(maps...))
	if got, want := len(p.series(t, calls)), 4*(3+1); got != want {
		t.Errorf("there are %d series, want %d", got, want)
	}
	if maps[0].Operations[0] != "route" || len(maps) != 2 {
		t.Errorf("the caller's slice became %v", maps)
	}
}

func TestUndeclaredCallIsFoldedAndCounted(t *testing.T) {
	p, ctx := newPipeline(t), t.Context()
	x := must[*catalog.ExternalServices](t)(p.ExternalServices(catalog.TutorFlowServices()...))
	x.Record(ctx, "toss_payments", "confirm", catalog.CallTimeout, 300*time.Millisecond)
	x.Record(ctx, "toss_payments", "https://evil.example", catalog.CallSuccess, 2*time.Second)
	x.Record(ctx, "evil", "confirm", catalog.CallCanceled, 0)
	x.Record(ctx, "toss_payments", "cancel", 9, time.Second)
	x.Record(ctx, "toss_payments", "cancel", -1, -time.Second)
	p.wantValue(t, calls+`{operation="confirm",service="toss_payments",status="timeout"}`, "1")
	p.wantValue(t, callTime+`_bucket{operation="confirm",service="toss_payments",le="0.5"}`, "1")
	p.wantValue(t, callTime+`_bucket{operation="confirm",service="toss_payments",le="0.25"}`, "0")
	p.wantValue(t, calls+`{operation="other",service="toss_payments",status="success"}`, "1")
	p.wantValue(t, calls+`{operation="other",service="other",status="canceled"}`, "1")
	p.wantValue(t, calls+`{operation="cancel",service="toss_payments",status="error"}`, "2")
	p.wantValue(t, overflow+`{metric="tutorflow_external_service_calls_total"}`, "4")
	p.wantValue(t, invalidValues, "1")
	if strings.Contains(p.text(t, "text/plain"), "evil") {
		t.Error("an undeclared name became a label")
	}
}

func TestCallStatusHasANameWhateverItsValue(t *testing.T) {
	for status, want := range map[catalog.CallStatus]string{
		catalog.CallSuccess: "success", catalog.CallCanceled: "canceled", -1: "other", 4: "other",
	} {
		if got := status.String(); got != want {
			t.Errorf("%d is %q, want %q", status, got, want)
		}
	}
}

func TestWrongServicesAreRefused(t *testing.T) {
	operations := make([]string, catalog.MaxSeries/4)
	for i := range operations {
		operations[i] = fmt.Sprint(i)
	}
	for name, test := range map[string]struct {
		services []catalog.ExternalService
		want     []string
	}{
		"a service has a name":         {[]catalog.ExternalService{{}}, []string{`label "service" value ""`}},
		"an operation has a name":      {[]catalog.ExternalService{{Name: "maps", Operations: []string{""}}}, []string{`label "operation" value ""`}},
		"there are not too many":       {[]catalog.ExternalService{{Name: "maps", Operations: operations}}, []string{"operations: 5002, allowed are 5000"}},
		"everything is in one error":   {[]catalog.ExternalService{{Name: "\xff", Operations: []string{"\xfe"}}}, []string{`"\xff"`, `"\xfe"`, "declare external services"}},
		"a name is not taken as a URL": {[]catalog.ExternalService{{Name: strings.Repeat("u", 129)}}, []string{"at most 128 bytes"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPipeline(t)
			_, err := p.ExternalServices(test.services...)
			for _, want := range test.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("the error is %v, want %q", err, want)
				}
			}
			must[*catalog.ExternalServices](t)(p.ExternalServices())
			if _, err := p.ExternalServices(); err == nil || strings.Count(err.Error(), "taken by") != 2 {
				t.Errorf("the second time, the error is %v", err)
			}
		})
	}
}

func TestPoolIsOnTheScrapeUntilItIsStopped(t *testing.T) {
	p := newPipeline(t)
	pools := must[*catalog.Pools](t)(p.Pools())
	p.want(t, "tutorflow_db_")
	stats := func() catalog.PoolStats {
		return catalog.PoolStats{Active: 2, Idle: 3, Max: 10, Waits: 4, Waited: 1500 * time.Millisecond}
	}
	stop := must[func() error](t)(pools.Observe("primary", stats))
	p.want(t, "tutorflow_db_",
		`tutorflow_db_connections_active{pool="primary"} 2`, `tutorflow_db_connections_idle{pool="primary"} 3`,
		`tutorflow_db_connections_max{pool="primary"} 10`, `tutorflow_db_connection_waits_total{pool="primary"} 4`,
		`tutorflow_db_connection_wait_seconds_total{pool="primary"} 1.5`)
	if _, err := pools.Observe("primary", stats); err == nil || !strings.Contains(err.Error(), `observe pool "primary": name: already observed`) {
		t.Errorf("the second time, the error is %v", err)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	p.want(t, "tutorflow_db_")
	must[func() error](t)(pools.Observe("primary", func() catalog.PoolStats { return catalog.PoolStats{} }))
	if err := stop(); err != nil {
		t.Error(err)
	}
	p.wantValue(t, `tutorflow_db_connections_max{pool="primary"}`, "0")
}

func TestWrongPoolIsRefused(t *testing.T) {
	p := newPipeline(t)
	pools := must[*catalog.Pools](t)(p.Pools())
	_, err := pools.Observe("\xff", nil)
	for _, want := range []string{`observe pool "\xff"`, `label "pool" value "\xff": allowed are`, "stats <nil>: a function is needed"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want %q", err, want)
		}
	}
	stats := func() catalog.PoolStats { return catalog.PoolStats{} }
	for i := range catalog.MaxPools {
		must[func() error](t)(pools.Observe(fmt.Sprint(i), stats))
	}
	if _, err := pools.Observe("one more", stats); err == nil || !strings.Contains(err.Error(), "100 pools are observed, allowed are 100") {
		t.Errorf("the error is %v", err)
	}
	if _, err := p.Pools(); err == nil || strings.Count(err.Error(), "taken by") != 5 {
		t.Errorf("made twice, the error is %v", err)
	}
}

func TestPanicOfOnePoolCostsItsOwnSeriesOnly(t *testing.T) {
	p := newPipeline(t)
	pools := must[*catalog.Pools](t)(p.Pools())
	must[func() error](t)(pools.Observe("good", func() catalog.PoolStats { return catalog.PoolStats{Max: 1} }))
	must[func() error](t)(pools.Observe("bad", func() catalog.PoolStats { panic("password=hunter2") }))
	p.wantValue(t, failures+`{source="pool:good"}`, "0")
	text := p.text(t, "text/plain")
	if strings.Contains(text, "hunter2") || strings.Contains(text, `{pool="bad"}`) {
		t.Error("the panicking pool is on the scrape")
	}
	p.want(t, catalog.DBConnectionsMax, catalog.DBConnectionsMax+`{pool="good"} 1`)
	// Every scrape so far and the one that reads it collected first.
	before := p.series(t, failures)[failures+`{source="pool:bad"}`]
	after := p.series(t, failures)[failures+`{source="pool:bad"}`]
	if before == "0" || before == after {
		t.Errorf("the failures went from %s to %s", before, after)
	}
}

// countingCallbacks counts what is registered with OpenTelemetry.
type countingCallbacks struct {
	metric.Meter
	registered *int
}

func (c countingCallbacks) RegisterCallback(f metric.Callback, instruments ...metric.Observable) (metric.Registration, error) {
	*c.registered++
	return c.Meter.RegisterCallback(f, instruments...)
}

func TestPoolsThatComeAndGoLeaveNothing(t *testing.T) {
	registered := 0
	p := newPipelineOver(t, func(m metric.Meter) metric.Meter { return countingCallbacks{m, &registered} })
	pools := must[*catalog.Pools](t)(p.Pools())
	for i := range 1000 {
		stop := must[func() error](t)(pools.Observe(fmt.Sprintf("tenant-%d", i), func() catalog.PoolStats { return catalog.PoolStats{} }))
		if err := stop(); err != nil {
			t.Fatal(err)
		}
	}
	if registered != 1 {
		t.Errorf("%d callbacks are registered", registered)
	}
	p.want(t, "tutorflow_db_")
	if got := len(p.series(t, failures)); got != catalog.MaxPools+1 {
		t.Errorf("there are %d series of callback failures", got)
	}
}

func TestPoolCanBeStoppedWhileACollectionHangs(t *testing.T) {
	p := newPipeline(t)
	pools := must[*catalog.Pools](t)(p.Pools())
	release, hung := make(chan struct{}), make(chan struct{})
	stop := must[func() error](t)(pools.Observe("slow", func() catalog.PoolStats {
		close(hung)
		<-release
		return catalog.PoolStats{}
	}))
	scraped := make(chan struct{})
	go func() {
		defer close(scraped)
		p.text(t, "text/plain")
	}()
	<-hung
	// Were one of these to wait for the collection, the test would never end.
	if err := stop(); err != nil {
		t.Error(err)
	}
	stop = must[func() error](t)(pools.Observe("slow", func() catalog.PoolStats { return catalog.PoolStats{Max: 5} }))
	close(release)
	<-scraped
	p.wantValue(t, `tutorflow_db_connections_max{pool="slow"}`, "5")
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestHealthChecksAreOnTheScrapeUntilTheyAreStopped(t *testing.T) {
	p := newPipeline(t)
	health := must[*catalog.Health](t)(p.Health())
	stop := must[func() error](t)(health.Observe(func(yield func(string, bool, float64)) {
		yield("database", true, .25)
		yield(strings.Repeat("x", 200), false, 1)
	}))
	must[func() error](t)(health.Observe(func(yield func(string, bool, float64)) { yield("toss", false, 2) }))
	long := strings.Repeat("x", catalog.MaxLabelBytes)
	toss := []string{`tutorflow_health_check_up{check="toss"} 0`, `tutorflow_health_check_duration_seconds{check="toss"} 2`}
	p.want(t, "tutorflow_health_", append([]string{
		`tutorflow_health_check_up{check="database"} 1`, `tutorflow_health_check_duration_seconds{check="database"} 0.25`,
		`tutorflow_health_check_up{check="` + long + `"} 0`, `tutorflow_health_check_duration_seconds{check="` + long + `"} 1`,
	}, toss...)...)
	for range 2 {
		if err := stop(); err != nil {
			t.Error(err)
		}
	}
	p.want(t, "tutorflow_health_", toss...)
	if _, err := health.Observe(nil); err == nil || !strings.Contains(err.Error(), "a function is needed") {
		t.Errorf("the error is %v", err)
	}
	if _, err := p.Health(); err == nil || strings.Count(err.Error(), "taken by") != 2 {
		t.Errorf("made twice, the error is %v", err)
	}
}

func TestPanicOfOneHealthSourceIsCounted(t *testing.T) {
	p := newPipeline(t)
	health := must[*catalog.Health](t)(p.Health())
	must[func() error](t)(health.Observe(func(yield func(string, bool, float64)) {
		yield("first", true, 1)
		panic("second")
	}))
	must[func() error](t)(health.Observe(func(yield func(string, bool, float64)) { yield("third", true, 3) }))
	got := slices.Sorted(maps.Keys(p.series(t, catalog.HealthCheckUp)))
	if want := []string{catalog.HealthCheckUp + `{check="third"}`}; !slices.Equal(got, want) {
		t.Errorf("the checks are %v, want %v", got, want)
	}
	if got := p.series(t, failures)[failures+`{source="health"}`]; got == "0" || got == "" {
		t.Errorf("the failures are %q", got)
	}
}

func TestSelfCountsThePipelinesWork(t *testing.T) {
	p := newPipeline(t)
	self := must[*catalog.Self](t)(p.Self())
	exported := self.Exports("otlp", "traces")
	dropped := self.Dropped("otlp", "traces", "queue_full")
	p.want(t, catalog.TelemetryExports,
		`tutorflow_telemetry_exports_total{exporter="otlp",result="failure",signal="traces"} 0`,
		`tutorflow_telemetry_exports_total{exporter="otlp",result="success",signal="traces"} 0`)
	exported(true)
	exported(true)
	self.Exports("otlp", "traces")(false)
	dropped(512)
	dropped(-3)
	if err := self.LogLinesDropped(func(yield func(string, int64)) { yield("full", 7); yield("closed\xff", 0) }); err != nil {
		t.Fatal(err)
	}
	p.want(t, catalog.TelemetryExports,
		`tutorflow_telemetry_exports_total{exporter="otlp",result="failure",signal="traces"} 1`,
		`tutorflow_telemetry_exports_total{exporter="otlp",result="success",signal="traces"} 2`)
	p.want(t, catalog.TelemetryDropped,
		`tutorflow_telemetry_dropped_total{exporter="otlp",reason="queue_full",signal="traces"} 512`,
		invalidValues+" 0")
	p.want(t, catalog.TelemetryLogLinesDropped,
		`tutorflow_telemetry_log_lines_dropped_total{reason="full"} 7`,
		"tutorflow_telemetry_log_lines_dropped_total{reason=\"closed\uFFFD\"} 0")
	if err := self.LogLinesDropped(func(func(string, int64)) {}); err == nil {
		t.Error("the log lines were registered twice")
	}
	if _, err := p.Self(); err == nil || !strings.Contains(err.Error(), "taken by") {
		t.Errorf("made twice, the error is %v", err)
	}
}

func TestSelfKeepsTheTimeOfTheLastSuccess(t *testing.T) {
	p := newPipeline(t)
	done := must[*catalog.Self](t)(p.Self()).Exports("otlp", "logs")
	const series = `tutorflow_telemetry_last_success_timestamp_seconds{exporter="otlp",signal="logs"}`
	done(false)
	p.wantValue(t, series, "0")
	before := time.Now().Unix()
	done(true)
	got, err := strconv.ParseFloat(p.series(t, series)[series], 64)
	if err != nil || int64(got) < before || int64(got) > time.Now().Unix() {
		t.Errorf("the time is %f (%v), want one from %d on", got, err, before)
	}
	done(false)
	if p.series(t, series)[series] == "0" {
		t.Error("a failure takes the time back")
	}
}

func TestSelfCountsChanges(t *testing.T) {
	p := newPipeline(t)
	self := must[*catalog.Self](t)(p.Self())
	self.Change(catalog.ControlLogLevel, catalog.ActionSet)
	self.Change(catalog.ControlLogLevel, catalog.ActionSet)
	self.Change(catalog.ControlMetric, catalog.ActionRevert)
	self.Change(7, catalog.ActionSet)
	p.want(t, catalog.TelemetryChanges,
		`tutorflow_telemetry_changes_total{action="set",control="log_level"} 2`,
		`tutorflow_telemetry_changes_total{action="revert",control="log_level"} 0`,
		`tutorflow_telemetry_changes_total{action="set",control="metric"} 0`,
		`tutorflow_telemetry_changes_total{action="revert",control="metric"} 1`)
	p.wantValue(t, overflow+`{metric="tutorflow_telemetry_changes_total"}`, "1")
}

func TestSelfHoldsNoMoreSeriesThanTheSDKTakes(t *testing.T) {
	p := newPipeline(t)
	self := must[*catalog.Self](t)(p.Self())
	for i := range catalog.MaxSeries + 10 {
		self.Dropped("otlp", "traces", fmt.Sprint(i))(1)
	}
	text := p.text(t, "text/plain")
	if got := strings.Count(text, "\n"+catalog.TelemetryDropped+"{"); got != catalog.MaxSeries {
		t.Errorf("there are %d series", got)
	}
	if strings.Contains(text, "otel_metric_overflow") {
		t.Error("the SDK's overflow series is there")
	}
}

func TestInfoCarriesTheProgramInItsLabels(t *testing.T) {
	p := newPipeline(t)
	app := catalog.Application{Name: "api", Version: "1.4.0", Revision: "abc\xff", Environment: strings.Repeat("e", 200)}
	if err := p.Info(app); err != nil {
		t.Fatal(err)
	}
	p.want(t, catalog.ApplicationInfo, fmt.Sprintf("tutorflow_application_info{environment=%q,name=\"api\",revision=\"abc\uFFFD\",version=\"1.4.0\"} 1", strings.Repeat("e", 128)))
	if err := p.Info(app); err == nil {
		t.Error("the program has two names")
	}
}
