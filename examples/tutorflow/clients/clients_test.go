package clients_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tutorflow/observability/examples/tutorflow/clients"
	"github.com/tutorflow/observability/examples/tutorflow/partners"
)

type all struct {
	partners *partners.Partners
	kakao    *clients.Kakao
	toss     *clients.Toss
	alimtalk *clients.Alimtalk
}

func start(t *testing.T) all {
	t.Helper()
	p, err := partners.Start(t.Context(), partners.Config{})
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
	client := &http.Client{Transport: transport}
	return all{
		partners: p,
		kakao:    clients.NewKakao(client, p.Kakao.URL()),
		toss:     clients.NewToss(client, p.Toss.URL()+"/"),
		alimtalk: clients.NewAlimtalk(client, p.Alimtalk.URL()),
	}
}

func TestCallsSucceed(t *testing.T) {
	c := start(t)
	if user, err := c.kakao.Login(t.Context(), "code-42"); err != nil || user != "42" {
		t.Errorf("login: got user %q and %v", user, err)
	}
	if user, err := c.kakao.User(t.Context(), "kakao-7"); err != nil || user != "7" {
		t.Errorf("user: got user %q and %v", user, err)
	}
	if err := c.toss.Confirm(t.Context(), "key", "order-1", 45000); err != nil {
		t.Errorf("confirm: %v", err)
	}
	if err := c.toss.Cancel(t.Context(), "a/key", "cancelled by the student", 45000); err != nil {
		t.Errorf("cancel: %v", err)
	}
	if err := c.alimtalk.Send(t.Context(), "42", "booking_created"); err != nil {
		t.Errorf("send: %v", err)
	}
}

func TestRefusalsAreTold(t *testing.T) {
	c := start(t)
	tests := map[string]struct {
		call              func() error
		want              clients.Error
		declined, refused bool
	}{
		"a code that is not known": {
			func() error { _, err := c.kakao.Login(t.Context(), "s3cret"); return err },
			clients.Error{Service: "kakao_oauth", Operation: "token", Status: 400, Code: "KOE320"}, false, true,
		},
		"a token that is not known": {
			func() error { _, err := c.kakao.User(t.Context(), "s3cret"); return err },
			clients.Error{Service: "kakao_oauth", Operation: "user_info", Status: 401, Code: "-401"}, false, true,
		},
		"a card that is declined": {
			func() error { return c.toss.Confirm(t.Context(), "s3cret", "order-1", 45013) },
			clients.Error{Service: "toss_payments", Operation: "confirm", Status: 403, Code: "REJECT_CARD_COMPANY"}, true, false,
		},
		"a refund of nothing": {
			func() error { return c.toss.Cancel(t.Context(), "s3cret", "reason", 0) },
			clients.Error{Service: "toss_payments", Operation: "cancel", Status: 400, Code: "INVALID_REQUEST"}, false, false,
		},
		"a message to nobody": {
			func() error { return c.alimtalk.Send(t.Context(), "", "booking_created") },
			clients.Error{Service: "kakao_alimtalk", Operation: "send", Status: 400, Code: "INVALID_REQUEST"}, false, false,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := test.call()
			if got, ok := errors.AsType[*clients.Error](err); !ok || *got != test.want {
				t.Fatalf("got %v, want %v", err, &test.want)
			}
			if clients.Declined(err) != test.declined || clients.Refused(err) != test.refused {
				t.Errorf("declined %t, refused %t", clients.Declined(err), clients.Refused(err))
			}
			if strings.Contains(err.Error(), "s3cret") {
				t.Errorf("the error tells a secret: %v", err)
			}
		})
	}
}

func TestOutagesAreErrors(t *testing.T) {
	t.Run("a partner that fails", func(t *testing.T) {
		c := start(t)
		c.partners.Toss.SetFault(partners.Fault{Status: 503})
		err := c.toss.Confirm(t.Context(), "key", "order-1", 45000)
		if e, ok := errors.AsType[*clients.Error](err); !ok || e.Status != 503 || clients.Declined(err) {
			t.Errorf("got %v, want status 503", err)
		}
	})
	t.Run("a partner that hangs", func(t *testing.T) {
		c := start(t)
		c.partners.Toss.SetFault(partners.Fault{Hang: true})
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
		defer cancel()
		err := c.toss.Cancel(ctx, "s3cret", "reason", 45000)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want a deadline that was exceeded", err)
		}
		if strings.Contains(err.Error(), "s3cret") {
			t.Errorf("the error tells the payment key: %v", err)
		}
	})
	t.Run("a partner that is not there", func(t *testing.T) {
		c := start(t)
		if err := c.partners.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := c.alimtalk.Send(t.Context(), "42", "booking_created"); err == nil {
			t.Error("the call succeeded")
		}
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestStrangeAnswers(t *testing.T) {
	tests := map[string]struct {
		status int
		body   string
		want   string
	}{
		"success that is no JSON": {200, "<html>", "kakao_oauth user_info: decode answer: "},
		"a refusal in HTML":       {502, "<html>", "kakao_oauth user_info: status 502"},
		"a code that forges logs": {400, `{"code":"x\ny"}`, "kakao_oauth user_info: status 400"},
		"a redirect to nowhere":   {304, "", "kakao_oauth user_info: status 304"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			transport := roundTrip(func(r *http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: test.status, Body: io.NopCloser(strings.NewReader(test.body)), Request: r}, nil
			})
			_, err := clients.NewKakao(&http.Client{Transport: transport}, "http://kakao").User(t.Context(), "kakao-1")
			if err == nil || !strings.HasPrefix(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}
