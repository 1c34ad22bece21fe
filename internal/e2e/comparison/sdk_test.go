package comparison_test

import (
	"context"
	"os"

	"github.com/tutorflow/observability/exporters/all"
	"github.com/tutorflow/observability/telemetry"
	"github.com/tutorflow/observability/telemetry/catalog"
)

// provider is who vouches for a login.
type provider int

const (
	unknownProvider provider = iota - 1
	kakao
	naver
)

func providerOf(name string) provider {
	switch name {
	case "kakao":
		return kakao
	case "naver":
		return naver
	}
	return unknownProvider
}

var sdk = wiring{"SDK", startWithSDK}

// startWithSDK makes the service observable with this SDK.
func startWithSDK(log *os.File) (*service, error) {
	options := []telemetry.Option{telemetry.WithExporters(all.Factories()...)}
	if log != nil {
		options = append(options, telemetry.WithLogWriter(log))
	}
	tel, err := telemetry.Init(context.Background(), telemetry.Service{Name: "comparison", Version: "1"}, options...)
	if err != nil {
		return nil, err
	}
	logins, err := catalog.NewCounterBy(tel.Meter(), loginsName, "Logins.", catalog.Enum[provider]("provider", "kakao", "naver"))
	if err != nil {
		return nil, err
	}
	lessons, err := catalog.NewHistogram(tel.Meter(), lessonsName, "Length of a lesson.", lessonBuckets())
	if err != nil {
		return nil, err
	}
	s := &service{
		requests: catalog.HTTPRequests,
		meters:   tel.MeterProvider(),
		tracers:  tel.TracerProvider(),
		logger:   tel.Logger(),
		login:    func(ctx context.Context, provider string, n int64) { logins.AddN(ctx, n, providerOf(provider)) },
		lesson:   lessons.Record,
		shutdown: tel.Shutdown,
	}
	mux := tel.NewServeMux()
	s.routes(mux)
	s.handler = tel.Handler(mux)
	return s, nil
}
