package partners

import (
	"context"
	"errors"
)

// Config says how the stand-ins behave.
type Config struct {
	// Latency scales the time that a partner takes, 10 to 150 ms at 1. At 0 it
	// answers at once.
	Latency float64
	// Seed starts the random numbers behind the latencies: the same seed gives
	// the same sequence.
	Seed uint64
}

// Partners are the running stand-ins.
type Partners struct {
	Kakao    *Server // POST /oauth/token, GET /v2/user/me
	Toss     *Server // POST /v1/payments/confirm, POST /v1/payments/{key}/cancel
	Alimtalk *Server // POST /alimtalk/v2/messages
}

// Start listens on three free ports of 127.0.0.1 and serves until Shutdown; ctx
// bounds listening only. When it fails nothing keeps running.
func Start(ctx context.Context, config Config) (*Partners, error) {
	var p Partners
	for _, partner := range []struct {
		server  **Server
		handler routes
	}{
		{&p.Kakao, kakao()},
		{&p.Toss, toss()},
		{&p.Alimtalk, alimtalk()},
	} {
		server, err := start(ctx, partner.handler, config)
		if err != nil {
			return nil, errors.Join(err, p.Shutdown(ctx))
		}
		*partner.server = server
	}
	return &p, nil
}

// Shutdown stops the stand-ins and waits for running requests until ctx ends,
// which is then the error. It may be called more than once.
func (p *Partners) Shutdown(ctx context.Context) error {
	var errs []error
	for _, server := range []*Server{p.Kakao, p.Toss, p.Alimtalk} {
		if server != nil {
			errs = append(errs, server.shutdown(ctx))
		}
	}
	return errors.Join(errs...)
}
