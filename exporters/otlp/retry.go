package otlp

import (
	"context"
	"crypto/tls"
	"errors"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
)

// retry has the form of the official exporters' configurations.
type retry struct {
	Enabled         bool
	InitialInterval time.Duration
	MaxInterval     time.Duration
	MaxElapsedTime  time.Duration
}

// retries says when an export is tried again. The official exporters wait up to
// half as long again, and have no other end than the context, which ends at the
// export's timeout.
func retries() retry {
	return retry{Enabled: true, InitialInterval: 500 * time.Millisecond, MaxInterval: 5 * time.Second}
}

// reconnects says when gRPC connects again, and how long an attempt may take. Together with the wait between two
// attempts, 7.5 s at most, it keeps a collector that is back waiting for less
// than 15 s, and finds it within the default timeout of 10 s where an export
// begins after its return. gRPC's own longest wait is two minutes.
func reconnects() grpc.ConnectParams {
	return grpc.ConnectParams{
		Backoff:           backoff.Config{BaseDelay: 500 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 4 * time.Second},
		MinConnectTimeout: 5 * time.Second,
	}
}

// temporary marks an error that the official HTTP exporters try again after;
// by themselves they give up on a refused or broken connection.
type temporary struct{ error }

func (t temporary) Unwrap() error { return t.error }

func (temporary) Temporary() bool { return true }

// temporaryError marks the error of a request to be tried again, unless nobody
// waits for it or the collector is not who it should be.
func temporaryError(ctx context.Context, err error) error {
	var certificate *tls.CertificateVerificationError
	if ctx.Err() != nil || errors.As(err, &certificate) {
		return err
	}
	return temporary{err}
}
