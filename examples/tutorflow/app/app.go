package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/tutorflow/observability/examples/tutorflow/api"
	"github.com/tutorflow/observability/examples/tutorflow/clients"
	"github.com/tutorflow/observability/examples/tutorflow/faults"
	"github.com/tutorflow/observability/examples/tutorflow/partners"
	"github.com/tutorflow/observability/examples/tutorflow/store"
	"github.com/tutorflow/observability/examples/tutorflow/traffic"
	"github.com/tutorflow/observability/exporters/all"
	"github.com/tutorflow/observability/health"
	"github.com/tutorflow/observability/health/checks"
	"github.com/tutorflow/observability/telemetry"
)

// Version is the version of the example service.
const Version = "1.0.0"

// App is the service. Its parts are open until Run returns or Close is called.
type App struct {
	config   Config
	tel      *telemetry.Telemetry
	store    *store.Store
	partners *partners.Partners
	checks   *health.Checker
	mux      http.Handler
	// transport is the service's own, so that its connections end with it.
	transport *http.Transport
}

// New opens everything but the listeners. What is wrong is in one error, and
// then nothing is left open.
func New(ctx context.Context, config Config) (_ *App, err error) {
	a := &App{config: config, transport: http.DefaultTransport.(*http.Transport).Clone()}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close(ctx))
		}
	}()
	if !(config.Traffic >= 0 && config.Traffic <= traffic.MaxPerSecond) { // not a number is refused, too
		return nil, fmt.Errorf("traffic of %v requests a second: must be 0 to %d", config.Traffic, traffic.MaxPerSecond)
	}
	options := []telemetry.Option{
		telemetry.WithExporters(all.Factories()...),
		telemetry.WithExporters(config.Exporters...),
		telemetry.WithErrorType(api.PartnerFailed),
	}
	if config.Log != nil {
		options = append(options, telemetry.WithLogWriter(config.Log))
	}
	if config.Admin != "" {
		listen, err := adminOn(config.Admin)
		if err != nil {
			return nil, err
		}
		options = append(options, telemetry.WithConfig(listen))
	}
	if a.tel, err = telemetry.Init(ctx, telemetry.Service{Name: "tutorflow-api", Version: Version}, options...); err != nil {
		return nil, err
	}
	failing, err := faults.New(faults.Config{
		ErrorRate: config.ErrorRate,
		Slow:      config.Slow,
		Failed:    func(ctx context.Context, err error) { a.tel.RecordError(ctx, err) },
	})
	if err != nil {
		return nil, err
	}
	if a.store, err = store.Open(ctx, config.Database, a.tel.TracerProvider()); err != nil {
		return nil, err
	}
	if _, err = a.tel.ObserveDB("primary", a.store.DB()); err != nil {
		return nil, err
	}
	if a.partners, err = partners.Start(ctx, partners.Config{Latency: config.PartnerLatency, Seed: 1}); err != nil {
		return nil, err
	}
	if a.checks, err = a.newChecks(); err != nil {
		return nil, err
	}

	mux := a.tel.NewServeMux()
	api.New(a.store, api.Partners{
		Kakao:    clients.NewKakao(a.client("kakao_oauth"), a.partners.Kakao.URL()),
		Toss:     clients.NewToss(a.client("toss_payments"), a.partners.Toss.URL()),
		Alimtalk: clients.NewAlimtalk(a.client("kakao_alimtalk"), a.partners.Alimtalk.URL()),
	}, a.tel).Register(failing.Routes(mux))
	a.checks.Mount(mux)
	a.mux = mux
	return a, nil
}

// adminOn returns the change of the configuration that has the admin listener
// listen on address.
func adminOn(address string) (func(*telemetry.Config), error) {
	host, text, err := net.SplitHostPort(address)
	port, portErr := strconv.Atoi(text)
	if err = errors.Join(err, portErr); err != nil || port == 0 {
		return nil, fmt.Errorf("admin address %q: must be host:port", address)
	}
	return func(c *telemetry.Config) {
		if host != "" {
			c.Admin.Host = host
		}
		c.Admin.Port = port
	}, nil
}

// client returns an HTTP client whose calls are recorded as calls to service.
func (a *App) client(service string) *http.Client {
	return &http.Client{Transport: a.tel.Transport(service, a.transport)}
}

func (a *App) newChecks() (*health.Checker, error) {
	every := health.Interval(5 * time.Second)
	if a.config.CheckInterval > 0 {
		every = health.Interval(a.config.CheckInterval)
	}
	return health.New(Version,
		checks.SQL("database", a.store.DB(), every, health.Timeout(time.Second)),
		checks.HTTP("kakao_oauth", a.partners.Kakao.URL(), every, health.NonCritical()),
		checks.HTTP("toss_payments", a.partners.Toss.URL(), every, health.NonCritical()),
		checks.HTTP("kakao_alimtalk", a.partners.Alimtalk.URL(), every, health.NonCritical()),
		health.WithLogger(slog.New(a.tel.SlogHandler())),
	)
}

// Store returns the database, for tests that break it.
func (a *App) Store() *store.Store { return a.store }

// Partners returns the stand-ins of the partners, for tests that break them.
func (a *App) Partners() *partners.Partners { return a.partners }

// Close ends everything that New opened. It may be called after Run.
func (a *App) Close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	a.transport.CloseIdleConnections()
	var errs []error
	if a.checks != nil {
		errs = append(errs, a.checks.Shutdown(ctx))
	}
	if a.partners != nil {
		errs = append(errs, a.partners.Shutdown(ctx))
	}
	if a.store != nil {
		errs = append(errs, a.store.Close())
	}
	if a.tel != nil {
		_ = a.tel.Shutdown(ctx) // its log tells of what is lost, which is no failure of the service
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("close service: %w", err)
	}
	return nil
}
