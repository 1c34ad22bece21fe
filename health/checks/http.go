package checks

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/tutorflow/observability/health"
)

// maxBody is how much of an answer is read. What it says does not matter.
const maxBody = 64 << 10

// HTTP sends a GET request to a URL and expects a status from 200 to 399. A redirect is an
// answer and is not followed. It is shown as components.external_services.{name}.
//
// Each run makes a new connection, so that it finds out about DNS, TLS and the listener
// and leaves none open; the proxy is taken from the environment. Point it at a status page
// that costs the other side little, and mind that every replica asks once in an interval.
//
// Neither the URL nor the credentials in it are logged.
func HTTP(name, target string, opts ...health.Option) health.Check {
	check := health.Check{Name: name, Kind: health.KindExternalService}
	if err := validateURL(target); err != nil {
		check.Err = err
		return check.With(opts...)
	}
	client := &http.Client{
		Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}
	check.Run = func(ctx context.Context) error { return get(ctx, client, target) }
	return check.With(opts...)
}

func get(ctx context.Context, client *http.Client, target string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return withoutURL(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		return withoutURL(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode < 200 || resp.StatusCode > 399 {
		return fmt.Errorf("get: status %d", resp.StatusCode)
	}
	if _, err := io.CopyN(io.Discard, resp.Body, maxBody); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read body: %w", err)
	}
	return nil
}

// withoutURL drops the URL that net/http puts into its errors: its query may hold a token.
func withoutURL(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	return fmt.Errorf("get: %w", err)
}

// validateURL shows the host at most, for everything else may be secret.
func validateURL(target string) error {
	u, err := url.Parse(target)
	if err != nil {
		return errors.New("url: must be an absolute http or https URL, and does not parse")
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return fmt.Errorf("url with host %q: must be an absolute http or https URL", u.Host)
	}
	return nil
}
