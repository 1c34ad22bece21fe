package telemetry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"

	"github.com/tutorflow/observability/telemetry"
)

// plant is one way in which a secret comes to a program, and what careless code
// does with it.
type plant struct {
	// sent adds the secret to the request, where it comes with that.
	sent     func(r *http.Request, secret string)
	careless func(s *careless, r *http.Request, secret string)
}

// plants are all ways, by the origin of the secret.
func plants() map[string]plant {
	all := map[string]plant{
		"the headers": {sent: sendHeaders, careless: func(s *careless, r *http.Request, _ string) {
			dump, _ := httputil.DumpRequest(r, false)
			s.tell(r, "header", r.Header)
			s.tell(r, "request", r)
			s.tell(r, "cookies", r.Cookies())
			s.tell(r, "visitor", r.Cookies())
			s.tell(r, "visitor", r.Cookies()[0])
			s.tell(r, "dump", string(dump))
			s.tell(r, "sent", fmt.Sprintf("%v %+v", r.Header, r.Cookies()))
			span := trace.SpanFromContext(r.Context())
			for name, values := range r.Header {
				span.SetAttributes(attribute.StringSlice("http.request.header."+name, values))
				s.tell(r, name, values)
			}
		}},
		"the query": {
			sent: func(r *http.Request, secret string) {
				r.URL.RawQuery = url.Values{"access_token": {secret}, "code": {secret}, "sig": {secret}}.Encode()
			},
			careless: func(s *careless, r *http.Request, _ string) {
				s.tell(r, "url", r.URL)
				s.tell(r, "url", *r.URL)
				s.tell(r, "address", r.URL.String())
				s.tell(r, "uri", r.RequestURI)
				s.fail(r, fmt.Errorf("handle %s: %w", r.URL, &url.Error{Op: "Get", URL: "https://shop.example" + r.RequestURI, Err: io.EOF}))
			},
		},
		"a form": {
			sent: func(r *http.Request, secret string) {
				body(r, "application/x-www-form-urlencoded", url.Values{"card_number": {secret}, "cvc": {secret}, "name": {"kim"}}.Encode())
			},
			careless: func(s *careless, r *http.Request, _ string) {
				text, _ := io.ReadAll(r.Body)
				r.Body = io.NopCloser(bytes.NewReader(text))
				_ = r.ParseForm()
				s.tell(r, "form", r.PostForm)
				s.tell(r, "body", text)
				s.tell(r, "body", string(text))
				s.fail(r, fmt.Errorf("parse %q: %w", text, io.ErrUnexpectedEOF))
			},
		},
		"a body of JSON": {
			sent: func(r *http.Request, secret string) {
				body(r, "application/json", `{"user":"kim","password":"`+secret+`","card":{"card_number": "`+secret+`"}}`)
			},
			careless: func(s *careless, r *http.Request, _ string) {
				text, _ := io.ReadAll(r.Body)
				var decoded map[string]any
				_ = json.Unmarshal(text, &decoded)
				s.tell(r, "body", text)
				s.tell(r, "body", string(text))
				s.tell(r, "body", json.RawMessage(text))
				s.tell(r, "body", decoded)
				s.tell(r, "body", fmt.Sprintf("%v %+v %q", decoded, decoded, text))
				s.fail(r, fmt.Errorf("parse %q: %w", text, io.ErrUnexpectedEOF))
			},
		},
		"a token": {careless: func(s *careless, r *http.Request, secret string) {
			jwt := "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJraW0ifQ." + secret
			s.fail(r, errors.New("the partner refused Bearer "+secret))
			s.fail(r, errors.New("verify "+jwt+": signature is invalid"))
			s.tell(r, "sent", "Bearer "+secret)
			s.tell(r, "sent", "the assertion "+jwt)
		}},
		"a configuration": {careless: func(s *careless, r *http.Request, secret string) {
			type database struct{ URL, Password string }
			configuration := struct {
				Database database
				APIKey   string `json:"apiKey"`
				Secrets  []string
			}{database{"postgres://tutor:" + secret + "@db:5432/tutorflow", secret}, secret, []string{secret}}
			s.tell(r, "configuration", configuration)
			s.tell(r, "configuration", &configuration)
			s.tell(r, "configuration", fmt.Sprintf("%+v", configuration.Database))
			s.fail(r, fmt.Errorf("start with %+v: %w", configuration.Database, io.EOF))
		}},
		"a partner": {careless: func(s *careless, r *http.Request, secret string) {
			target := s.partner + "/oauth/token?code=" + secret + "&memo=" + secret
			request, _ := http.NewRequestWithContext(telemetry.WithOperation(r.Context(), "token"), http.MethodGet, target, nil)
			request.Header.Set("Authorization", "Bearer "+secret)
			client := &http.Client{Transport: s.tel.Transport("kakao_oauth", &http.Transport{DisableKeepAlives: true})}
			_, err := client.Do(request) // nobody listens there
			s.fail(r, err)
			s.tell(r, "request", request)
			_ = s.tel.ExternalCall(r.Context(), "toss_payments", "confirm", func(context.Context) error { return fmt.Errorf("confirm: %w", err) })
		}},
		"an event": {careless: func(s *careless, r *http.Request, secret string) {
			s.tel.Event(r.Context(), "paid", zap.String("card_number", secret), zap.Any("card", map[string]string{"cvc": secret}), zap.Namespace("session"), zap.String("id", secret))
		}},
		"the name of an error": {careless: func(s *careless, r *http.Request, secret string) {
			s.tel.RecordError(r.Context(), typedError{secret})
		}},
	}
	for name, dsn := range map[string]string{
		"a DSN": "postgres://tutor:%s@db:5432/tutorflow?sslmode=disable", "a DSN with odd letters": "postgres://tutor:a/b?c#d@%s@db/tutorflow",
		"a DSN of pairs": "host=db user=tutor password=%s dbname=tutorflow", "a DSN of pairs with odd letters": "host=db password=a&b,c;d)e%s user=tutor",
		"a DSN of quoted pairs": `host=db password='it\'s %s' user=tutor`, "a DSN without a scheme": "tutor:a/b@%s@tcp(db:3306)/tutorflow",
	} {
		all[name] = plant{careless: func(s *careless, r *http.Request, secret string) {
			dsn := fmt.Sprintf(dsn, secret)
			s.tell(r, "database", dsn)
			s.tell(r, "database", map[string][]string{"primary": {dsn}})
			s.fail(r, fmt.Errorf("open %s: %w", dsn, io.EOF))
			s.fail(r, fmt.Errorf("open %q: %w", dsn, io.EOF))
			_, err := s.failingDB(dsn).ExecContext(r.Context(), "SELECT 1")
			s.fail(r, err)
		}}
	}
	for name, value := range map[string]func(secret string) any{
		"a panic with a text":  func(secret string) any { return secret },
		"a panic with bytes":   func(secret string) any { return []byte(secret) },
		"a panic with a value": func(secret string) any { return struct{ Text string }{secret} },
		"a panic with an error": func(secret string) any {
			return fmt.Errorf("pay: %w", errors.Join(errors.New(secret), errOfRuntime()))
		},
	} {
		all[name] = plant{careless: func(_ *careless, _ *http.Request, secret string) { panic(value(secret)) }}
	}
	return all
}

// errOfRuntime is an error that the runtime panicked with.
func errOfRuntime() (err error) {
	defer func() { err, _ = recover().(error) }()
	var none *http.Request
	none.Close = true
	return nil
}

func sendHeaders(r *http.Request, secret string) {
	r.Header.Set("Authorization", "Bearer "+secret)
	r.Header.Set("Proxy-Authorization", "Basic "+secret)
	r.Header.Set("X-Api-Key", secret)
	r.Header.Set("X-Auth-Token", secret)
	r.Header.Set("Baggage", "token="+secret)
	r.Header.Set("User-Agent", "curl token="+secret)
	r.AddCookie(&http.Cookie{Name: "session", Value: secret})
	r.AddCookie(&http.Cookie{Name: "theme", Value: secret})
}

func body(r *http.Request, kind, text string) {
	r.Header.Set("Content-Type", kind)
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader([]byte(text))), int64(len(text))
}

// tell hands a value to everything that takes one.
func (s *careless) tell(r *http.Request, key string, value any) {
	ctx, logger := r.Context(), telemetry.Log(r.Context())
	logger.Info("told", zap.Any(key, value))
	logger.With(zap.Any(key, value)).Info("told")
	logger.Info("told", zap.Namespace("inner"), zap.Dict("deeper", zap.Any(key, value)))
	logger.Sugar().Infow("told", key, value)
	slog.InfoContext(ctx, "told", key, value)
	slog.With(key, value).WithGroup("group").InfoContext(ctx, "told", slog.Group("inner", key, value))
	s.tel.Event(ctx, "told", zap.Any(key, value))
	if text, ok := value.(string); ok {
		logger.Info(text)
		slog.Info(text)
		log.Print(text)
		span := trace.SpanFromContext(ctx)
		span.SetAttributes(attribute.String(key, text), attribute.StringSlice(key+".all", []string{text}))
		span.AddEvent(text, trace.WithAttributes(attribute.String(key, text)))
		_, child := s.tel.TracerProvider().Tracer("test").Start(ctx, text)
		child.End()
	}
}

// fail hands an error, alone and in a chain, to everything that takes one.
func (s *careless) fail(r *http.Request, err error) {
	ctx, logger, span := r.Context(), telemetry.Log(r.Context()), trace.SpanFromContext(r.Context())
	for _, err := range []error{err, fmt.Errorf("confirm payment: %w", err), errors.Join(errors.New("first"), err), fmt.Errorf("%v", err)} {
		logger.Error("failed", zap.Error(err), zap.NamedError("cause", err), zap.Any("reason", err), zap.Errors("all", []error{err}))
		logger.Sugar().Errorw("failed", "cause", err)
		slog.ErrorContext(ctx, "failed", "error", err, "cause", err, slog.Group("inner", "cause", err))
		s.tel.RecordError(ctx, err)
		span.RecordError(err)
		span.SetStatus(codes.Error, err.Error())
		_ = s.tel.ExternalCall(ctx, "toss_payments", "confirm", func(context.Context) error { return err })
	}
}
