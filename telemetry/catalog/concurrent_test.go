package catalog_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tutorflow/observability/telemetry/catalog"
)

// TestRecordingCollectingAndDeclaringAreConcurrentSafe does everything at once;
// the race detector and the sums at the end are the test.
func TestRecordingCollectingAndDeclaringAreConcurrentSafe(t *testing.T) {
	const workers, rounds = 4, 50
	p, ctx := newPipeline(t), t.Context()
	business := must[*catalog.Business](t)(p.Business())
	h := must[*catalog.HTTP](t)(p.HTTP())
	x := must[*catalog.ExternalServices](t)(p.ExternalServices(catalog.TutorFlowServices()...))
	pools := must[*catalog.Pools](t)(p.Pools())
	self := must[*catalog.Self](t)(p.Self())
	gauge := must[*catalog.GaugeBy[subject]](t)(catalog.NewGaugeBy(p.Meter, "x_gauge", "A gauge.", subjects()))

	var all sync.WaitGroup
	for worker := range workers {
		all.Go(func() {
			for i := range rounds {
				e := h.Endpoint(fmt.Sprintf("/%d", i))
				h.Started()
				e.Count(get(), 200+i%3)
				e.Observe(ctx, get(), 0.1)
				e.Error(catalog.ErrorServer)
				h.Ended()
				business.Bookings.Add(ctx, catalog.BookingPending)
				business.Reviews.AddN(ctx, 2)
				gauge.Set(ctx, float64(i), physics)
				x.Record(ctx, "toss_payments", "confirm", catalog.CallSuccess, time.Second)
				self.Exports("otlp", fmt.Sprint(i))(true)
				stop, err := pools.Observe(fmt.Sprintf("%d-%d", worker, i), func() catalog.PoolStats { return catalog.PoolStats{} })
				if err != nil {
					t.Error(err)
					continue
				}
				if err := stop(); err != nil {
					t.Error(err)
				}
			}
		})
		all.Go(func() {
			for i := range rounds / 10 {
				p.text(t, "text/plain")
				_, err := catalog.NewCounter(p.Meter, fmt.Sprintf("x_%d_total", i), "A counter.")
				if err != nil && !strings.Contains(err.Error(), "taken by") {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()

	p.wantValue(t, catalog.Bookings+`{status="pending"}`, fmt.Sprint(workers*rounds))
	p.wantValue(t, catalog.Reviews, fmt.Sprint(2*workers*rounds))
	p.wantValue(t, catalog.HTTPRequestsActive, "0")
	p.wantValue(t, calls+`{operation="confirm",service="toss_payments",status="success"}`, fmt.Sprint(workers*rounds))
	p.wantValue(t, requests+`{endpoint="/7",method="GET",status="201"}`, fmt.Sprint(workers))
	p.wantValue(t, duration+`_count{endpoint="/7",method="GET"}`, fmt.Sprint(workers))
	p.wantValue(t, httpErrors+`{endpoint="/7",error_type="server_error"}`, fmt.Sprint(workers))
	p.wantValue(t, catalog.TelemetryExports+`{exporter="otlp",result="success",signal="7"}`, fmt.Sprint(workers))
	for i := range rounds / 10 {
		p.wantValue(t, fmt.Sprintf("x_%d_total", i), "0")
	}
}

// TestOneEndpointForOneTemplateConcurrentSafe has many first requests of one
// route at once.
func TestOneEndpointForOneTemplateConcurrentSafe(t *testing.T) {
	p, h := newHTTP(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for i := range 20 {
				h.Endpoint(fmt.Sprintf("/%d", i)).Count(get(), 404)
			}
		})
	}
	all.Wait()
	got := p.series(t, requests)
	if len(got) != 40 {
		t.Errorf("there are %d series, want 40", len(got))
	}
	for i := range 20 {
		series := fmt.Sprintf(`%s{endpoint="/%d",method="GET",status="404"}`, requests, i)
		if got[series] != "8" {
			t.Errorf("%s is %s", series, got[series])
		}
	}
}
