package comparison_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/metric"

	"github.com/tutorflow/observability/exporters"
)

func metricPromises() []promise {
	return []promise{
		{
			section: "2.3", name: "a callback that fails costs no other metric its export",
			broken: func(t *testing.T, w wiring) error {
				c := collect(t, exporters.ProtocolGRPC)
				r := run(t, w)
				r.login(t.Context(), "kakao", 7)
				r.observe(func(context.Context) error { return errors.New("no connection") })
				err := r.end(patience)
				if got, found := c.Value(loginsName, map[string]string{"provider": "kakao"}); !found || got != 7 {
					return fmt.Errorf("of 7 logins the collector knows %v; Shutdown: %v", got, err)
				}
				return nil
			},
			plain: "of 7 logins the collector knows 0",
		},
		{
			section: "2.3", name: "a callback that panics costs no other metric its scrape, and is not shown",
			broken: func(t *testing.T, w wiring) error {
				r := run(t, w)
				r.login(t.Context(), "kakao", 7)
				r.observe(func(context.Context) error { panic(panicText) })
				return r.stillScraped(panicText)
			},
			plain: "the scrape answers 500 with 0 of 7 logins and shows the panic's text",
		},
		{
			section: "2.4", name: "Shutdown returns in time while a callback hangs",
			broken: func(t *testing.T, w wiring) error {
				collect(t, exporters.ProtocolGRPC)
				r := run(t, w)
				release := make(chan struct{})
				r.observe(func(context.Context) error { <-release; return nil })
				ended := make(chan struct{})
				go func() {
					defer close(ended)
					_ = r.end(time.Second)
				}()
				defer func() {
					close(release)
					<-ended
				}()
				select {
				case <-ended:
					return nil
				case <-time.After(5 * time.Second):
					return errors.New("Shutdown has 1 s and still blocks after 5 s")
				}
			},
			plain: "still blocks after 5 s",
		},
		{
			section: "3.1", name: "300 requests with a Host of their own make no series",
			broken: func(t *testing.T, w wiring) error {
				r := run(t, w)
				r.get("/work")
				r.scraped() // which is a request itself
				before := len(r.scraped())
				for i := range 300 {
					r.get("/work", "Host", fmt.Sprintf("h%d.example:%d", i, 1000+i))
				}
				if more := len(r.scraped()) - before; more != 0 {
					return fmt.Errorf("they make %d more series", more)
				}
				return nil
			},
			plain: "more series",
		},
		{
			section: "3.2", name: "a flood of made-up label values hides no real one",
			broken: func(t *testing.T, w wiring) error {
				r := run(t, w)
				for i := range 3000 {
					r.login(t.Context(), fmt.Sprint("junk", i), 1)
				}
				r.get("/login?provider=naver")
				if got, found := sum(r.scraped(), loginsName, `provider="naver"`); got != 1 {
					return fmt.Errorf("1 login with naver is %v in %d series of it", got, found)
				}
				return nil
			},
			plain: "1 login with naver is 0 in 0 series of it",
		},
		{
			section: "4.2", name: "two instruments of one name in Prometheus cost no other metric its scrape",
			broken: func(t *testing.T, w wiring) error {
				r := run(t, w)
				r.login(t.Context(), "kakao", 7)
				meter := r.meters.Meter("orders")
				counter, err := meter.Int64Counter("orders.created")
				if err != nil {
					t.Fatal(err)
				}
				gauge, err := meter.Int64Gauge("orders_created_total")
				if err != nil {
					t.Fatal(err)
				}
				counter.Add(t.Context(), 1)
				gauge.Record(t.Context(), 1)
				return r.stillScraped("")
			},
			plain: "the scrape answers 500",
		},
		{
			section: "4.3", name: "a negative amount makes no counter fall",
			broken: func(t *testing.T, w wiring) error {
				r := run(t, w)
				r.login(t.Context(), "kakao", 5)
				r.login(t.Context(), "kakao", -7)
				if got, _ := sum(r.scraped(), loginsName, `provider="kakao"`); got != 5 {
					return fmt.Errorf("the counter falls from 5 to %v", got)
				}
				return nil
			},
			plain: "the counter falls from 5 to -2",
		},
		{
			section: "4.3", name: "a value that is no number spoils no sum",
			broken: func(t *testing.T, w wiring) error {
				r := run(t, w)
				r.lesson(t.Context(), 50)
				r.lesson(t.Context(), math.NaN())
				if got, _ := sum(r.scraped(), lessonsName+"_sum"); got != 50 {
					return fmt.Errorf("the sum goes from 50 to %v", got)
				}
				return nil
			},
			plain: "the sum goes from 50 to NaN",
		},
		{
			section: "4.3", name: "an instrument of OpenTelemetry's own keeps its sum whatever is added",
			broken: func(t *testing.T, w wiring) error {
				r := run(t, w)
				counter, err := r.meters.Meter("orders").Float64Counter("tutorflow_order_seconds_total")
				if err != nil {
					t.Fatal(err)
				}
				for _, v := range []float64{5, -7, math.NaN(), math.Inf(1)} {
					counter.Add(t.Context(), v)
				}
				if got, _ := sum(r.scraped(), "tutorflow_order_seconds_total"); got != 5 {
					return fmt.Errorf("the counter goes from 5 to %v", got)
				}
				return nil
			},
			plain: "the counter goes from 5 to NaN",
		},
		{
			section: "4.4", name: "the first error of a route is an increase, since its series starts at 0",
			broken: func(t *testing.T, w wiring) error {
				r := run(t, w)
				for _, s := range r.scraped() {
					if s.value == 0 && s.has("/work", `="500"`) {
						return nil
					}
				}
				return errors.New("no series tells that /work had 0 answers of 500 so far")
			},
			plain: "no series tells that /work had 0 answers of 500 so far",
		},
		{
			section: "4.5", name: "a scrape after the end is no success",
			broken: func(t *testing.T, w wiring) error {
				r := run(t, w)
				if err := r.end(patience); err != nil {
					t.Error(err)
				}
				if status, body := r.scrape(); status != http.StatusServiceUnavailable {
					return fmt.Errorf("the scrape answers %d with %d bytes", status, len(body))
				}
				return nil
			},
			plain: "the scrape answers 200 with 0 bytes",
		},
	}
}

// observe has callback called whenever metrics are collected, as the service's
// own source of a metric.
func (s *service) observe(callback func(context.Context) error) {
	meter := s.meters.Meter("orders")
	_, err := meter.Float64ObservableGauge("tutorflow_orders_open", metric.WithFloat64Callback(func(ctx context.Context, o metric.Float64Observer) error {
		o.Observe(1)
		return callback(ctx)
	}))
	if err != nil {
		panic(err)
	}
}

// stillScraped looks for the 7 logins on a scrape, which must not have secret.
func (s *service) stillScraped(secret string) error {
	status, body := s.scrape()
	got, _ := sum(samples(body), loginsName, `provider="kakao"`)
	shown := ""
	if secret != "" && strings.Contains(body, secret) {
		shown = " and shows the panic's text"
	}
	if status != http.StatusOK || got != 7 || shown != "" {
		return fmt.Errorf("the scrape answers %d with %v of 7 logins%s", status, got, shown)
	}
	return nil
}
