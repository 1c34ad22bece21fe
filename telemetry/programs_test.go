package telemetry_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/tutorflow/observability/exporters/otlp"
	"github.com/tutorflow/observability/telemetry"
)

// programs are what the test binary runs as a process of its own, by the name
// in TELEMETRY_TEST_PROGRAM; the result is the exit code.
var programs = map[string]func() int{
	"serve": serveProgram, "console": consoleProgram, "start": startProgram,
	"held": heldProgram, "closed": closedProgram, "early": earlyProgram,
}

// consoleProgram prints metrics and spans to a stdout that may be closed, and
// ends well all the same.
func consoleProgram() int {
	tel, err := telemetry.Init(context.Background(), telemetry.Service{Name: "test"})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	for range 20 {
		_, span := tel.TracerProvider().Tracer("test").Start(context.Background(), "work")
		span.End()
		tel.Logger().Info("work")
		time.Sleep(10 * time.Millisecond)
	}
	_ = tel.Shutdown(context.Background()) // says that stdout is closed
	return 0
}

// serveProgram is a service whose requests take as long as TEST_SLOW says. It
// prints its address when it listens and "draining" when it drains, which those
// to /held wait for. Those to /lines log a lot.
func serveProgram() int {
	tel, err := telemetry.Init(context.Background(), telemetry.Service{Name: "test"}, telemetry.WithExporters(otlp.New()))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	address := listener.Addr().String()
	_ = listener.Close()

	slow, _ := time.ParseDuration(os.Getenv("TEST_SLOW"))
	mux := tel.NewServeMux()
	mux.HandleFunc("GET /slow", func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(slow)
		fmt.Fprintln(w, "done")
	})
	checks := &drainable{began: make(chan struct{})}
	mux.HandleFunc("GET /held", func(w http.ResponseWriter, r *http.Request) {
		<-checks.began
		time.Sleep(200 * time.Millisecond) // past the end of the listener
		tel.Reviews.Add(r.Context())
		fmt.Fprintln(w, "done")
	})
	mux.HandleFunc("GET /lines", func(w http.ResponseWriter, r *http.Request) {
		for i := range 1000 {
			telemetry.Log(r.Context()).Info("work", zap.Int("i", i))
		}
		fmt.Fprintln(w, "done")
	})
	mux.HandleFunc("GET /ready", func(w http.ResponseWriter, _ *http.Request) {
		if checks.draining.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	fmt.Fprintln(os.Stderr, address)
	if err := tel.Serve(context.Background(), &http.Server{Addr: address, Handler: mux}, checks); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

type drainable struct {
	draining atomic.Bool
	began    chan struct{} // closed by Drain
}

func (d *drainable) Drain() {
	d.draining.Store(true)
	if d.began != nil {
		close(d.began)
	}
	fmt.Fprintln(os.Stderr, "draining")
}
func (*drainable) EachCheck(yield func(string, bool, float64)) { yield("database", true, 0) }
func (*drainable) Shutdown(context.Context) error              { return nil }
