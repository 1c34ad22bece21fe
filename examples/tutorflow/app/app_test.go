package app_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tutorflow/observability/examples/tutorflow/app"
)

func TestMain(m *testing.M) {
	_ = os.Setenv("TUTORFLOW_DRAIN_DELAY", "0s")
	goleak.VerifyTestMain(m)
}

func config(t *testing.T) app.Config {
	return app.Config{Address: "127.0.0.1:0", Database: filepath.Join(t.TempDir(), "test.db"), Log: io.Discard}
}

func TestRunServesTrafficAndAnAdminListenerAndLeavesNothingBehind(t *testing.T) {
	admin, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := config(t)
	c.Admin, c.Traffic = admin.Addr().String(), 100
	_ = admin.Close()
	a, err := app.New(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()

	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	served := false
	for range 200 {
		response, err := client.Get("http://" + c.Admin + "/metrics")
		if err == nil {
			body, _ := io.ReadAll(response.Body)
			_ = response.Body.Close()
			if strings.Contains(string(body), `tutorflow_bookings_total{status="approved"} `) && !strings.Contains(string(body), `tutorflow_bookings_total{status="approved"} 0`) {
				served = true
				break
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	if !served {
		t.Error("no traffic on the admin listener's scrape")
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("Run: %v", err)
	}
}

func TestWrongConfigurationIsAnErrorAndLeavesNothingBehind(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	for name, test := range map[string]struct {
		change func(*app.Config)
		want   string
	}{
		"too much traffic":         {func(c *app.Config) { c.Traffic = 1e6 }, "traffic of 1e+06"},
		"an error rate in percent": {func(c *app.Config) { c.ErrorRate = 20 }, "error rate 20"},
		"a folder that is not":     {func(c *app.Config) { c.Database = "/nonexistent/x.db" }, "open sqlite"},
		"a port in use":            {func(c *app.Config) { c.Address = taken.Addr().String() }, "address already in use"},
		"an admin port in use":     {func(c *app.Config) { c.Admin = taken.Addr().String() }, "listen for admin"},
	} {
		t.Run(name, func(t *testing.T) {
			c := config(t)
			test.change(&c)
			a, err := app.New(t.Context(), c)
			if err == nil {
				err = a.Run(t.Context())
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want an error with %q", err, test.want)
			}
		})
	}
}
