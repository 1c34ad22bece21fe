package partners_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tutorflow/observability/examples/tutorflow/partners"
)

func startPartners(t *testing.T, config partners.Config) (*partners.Partners, *http.Client) {
	t.Helper()
	p, err := partners.Start(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	transport := new(http.Transport)
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := p.Shutdown(ctx); err != nil {
			t.Error(err)
		}
	})
	return p, &http.Client{Transport: transport, Timeout: 5 * time.Second}
}

func get(t *testing.T, client *http.Client, url string) int {
	t.Helper()
	response, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	return response.StatusCode
}

func TestBadRequestsAreRefused(t *testing.T) {
	p, client := startPartners(t, partners.Config{})
	tests := map[string]struct {
		url, contentType, body string
		want                   int
	}{
		"a code nobody was given":         {p.Kakao.URL() + "/oauth/token", "application/x-www-form-urlencoded", "grant_type=authorization_code&code=x", 400},
		"a grant that is not offered":     {p.Kakao.URL() + "/oauth/token", "application/x-www-form-urlencoded", "grant_type=password&code=code-1", 400},
		"a payment that is no JSON":       {p.Toss.URL() + "/v1/payments/confirm", "application/json", "{", 400},
		"a payment without an order":      {p.Toss.URL() + "/v1/payments/confirm", "application/json", `{"paymentKey":"k","amount":1}`, 400},
		"a cancellation without a reason": {p.Toss.URL() + "/v1/payments/k/cancel", "application/json", `{"cancelAmount":1}`, 400},
		"a message to nobody":             {p.Alimtalk.URL() + "/alimtalk/v2/messages", "application/json", `{"templateCode":"x"}`, 400},
		"a body of a megabyte":            {p.Toss.URL() + "/v1/payments/confirm", "application/json", strings.Repeat(" ", 1<<20), 400},
		"an endpoint that is not there":   {p.Toss.URL() + "/v1/refunds", "application/json", "{}", 404},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			response, err := client.Post(test.url, test.contentType, strings.NewReader(test.body))
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			if _, err := io.Copy(io.Discard, response.Body); err != nil {
				t.Error(err)
			}
			if response.StatusCode != test.want {
				t.Errorf("status %d, want %d", response.StatusCode, test.want)
			}
		})
	}
}

func TestHealthFollowsTheFault(t *testing.T) {
	p, client := startPartners(t, partners.Config{Latency: 1})
	p.Toss.SetFault(partners.Fault{Status: 503})
	if status := get(t, client, p.Toss.URL()); status != 503 {
		t.Errorf("with the fault: status %d, want 503", status)
	}
	if status := get(t, client, p.Kakao.URL()); status != 200 {
		t.Errorf("another partner: status %d, want 200", status)
	}
	p.Toss.SetFault(partners.Fault{})
	if status := get(t, client, p.Toss.URL()); status != 200 {
		t.Errorf("without the fault: status %d, want 200", status)
	}
}

func TestDelayIsKept(t *testing.T) {
	p, client := startPartners(t, partners.Config{})
	p.Alimtalk.SetFault(partners.Fault{Delay: 50 * time.Millisecond})
	begin := time.Now()
	get(t, client, p.Alimtalk.URL())
	if took := time.Since(begin); took < 50*time.Millisecond {
		t.Errorf("answered after %v, want 50ms or more", took)
	}
}

func TestShutdownEndsHangingRequests(t *testing.T) {
	p, client := startPartners(t, partners.Config{})
	p.Toss.SetFault(partners.Fault{Hang: true})
	result := make(chan error, 1)
	go func() {
		response, err := client.Get(p.Toss.URL())
		if err == nil {
			response.Body.Close()
		}
		result <- err
	}()
	time.Sleep(20 * time.Millisecond) // let the request arrive; the test holds either way
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := p.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	if err := <-result; err == nil {
		t.Error("the hanging request was answered")
	}
}

func TestHangEndsWithTheClient(t *testing.T) {
	p, client := startPartners(t, partners.Config{})
	p.Kakao.SetFault(partners.Fault{Hang: true})
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.Kakao.URL(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Do(request); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want a deadline that was exceeded", err)
	}
}

func TestStartFailsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := partners.Start(ctx, partners.Config{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

func TestFaultsConcurrentSafe(t *testing.T) {
	p, client := startPartners(t, partners.Config{Latency: 0.01})
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 10 {
				p.Toss.SetFault(partners.Fault{Status: 500 + i})
				response, err := client.Get(p.Toss.URL())
				if err != nil {
					t.Error(err)
					return
				}
				response.Body.Close()
				if response.StatusCode < 500 || response.StatusCode > 507 {
					t.Errorf("status %d is none that was set", response.StatusCode)
				}
			}
		})
	}
	wg.Wait()
}
