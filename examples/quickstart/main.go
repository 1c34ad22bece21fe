// Command quickstart is the smallest service that is observed.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"

	"go.uber.org/zap"

	"github.com/tutorflow/observability/health"
	"github.com/tutorflow/observability/health/checks"
	"github.com/tutorflow/observability/telemetry"
	"github.com/tutorflow/observability/telemetry/catalog"
)

func main() {
	ctx := context.Background()
	tel, err := telemetry.Init(ctx, telemetry.Service{Name: "quickstart", Version: "1.0.0"})
	if err != nil {
		log.Fatal(err)
	}
	checker, err := health.New("1.0.0", checks.Disk("disk", ".", 5)) // and checks.SQL, checks.HTTP, …
	if err != nil {
		log.Fatal(err)
	}
	mux := tel.NewServeMux() // an http.ServeMux that knows its routes, with /metrics on it
	mux.HandleFunc("POST /bookings/{id}", func(w http.ResponseWriter, r *http.Request) {
		tel.Bookings.Add(r.Context(), catalog.BookingPending)
		telemetry.Log(r.Context()).Info("booking created", zap.String("booking_id", r.PathValue("id")))
		fmt.Fprintln(w, "booked")
	})
	checker.Mount(mux) // /health, /health/ready, /health/live, …
	if err := tel.Serve(ctx, &http.Server{Addr: ":8000", Handler: mux}, checker); err != nil {
		log.Fatal(err)
	}
}
