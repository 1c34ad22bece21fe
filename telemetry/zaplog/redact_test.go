package zaplog_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/tutorflow/observability/telemetry/zaplog"
)

const canary = "c4n4ry"

func TestSecretsAreRedactedByKey(t *testing.T) {
	for _, key := range []string{
		"password", "PASSWORD", "db_password", "userPassword", "passwd", "pwd", "passphrase", "password_hash",
		"secret", "client_secret", "clientSecret", "Secrets", "token", "access-token", "refreshToken", "X-CSRF-Token", "tokens",
		"authorization", "Proxy-Authorization", "cookie", "Set-Cookie", "cookies", "api_key", "X-Api-Key", "apiKey", "api.key",
		"access_key", "private_key", "PrivateKey", "secret_key", "credential", "credentials", "session", "session_id", "JSESSIONID", "dsn", "DB_DSN", "x-honeycomb-team",
		"card_number", "cardNumber", "card_no", "cvc", "cvv", "rrn", "resident_number", "resident_registration_number", "ssn", "jwt", "otp", "auth", "Toss-Signature",
	} {
		t.Run(key, func(t *testing.T) {
			line, _ := loggedOne(t, func(p *zaplog.Pipeline) {
				log := p.Logger().With(zap.String(key, canary), zap.Any(strings.ToUpper(key), canary))
				log.Info("m", zap.Namespace("ns"), zap.String(key, canary), zap.Strings("-"+key, []string{canary}), zap.Any("_"+key, map[string]string{"a": canary}),
					zap.Object("o", zap.DictObject(zap.ByteString(key, []byte(canary)))), zap.Any("m", map[string]any{"deep": []any{map[string]any{key: canary}}}),
					zap.Any("h", http.Header{key: {canary}}), zap.Any("v", url.Values{key: {canary}}), zap.Namespace(key), zap.String("harmless", canary))
			})
			if strings.Contains(line, canary) {
				t.Errorf("got %s", line)
			}
		})
	}
}

func TestHarmlessKeysAreKept(t *testing.T) {
	for _, key := range []string{
		"booking_id", "tutor", "author", "path", "status", "class", "address", "name", "key", "keyboard", "passed", "count", "secretary", "tokenizer", "id", "",
		"s", "description", "reason", "version_code", "sessions_open", "cookies_accepted_at", "monkey", "compass",
	} {
		_, got := loggedOne(t, func(p *zaplog.Pipeline) { p.Logger().Info("m", zap.String(key, canary)) })
		if got[key] != canary {
			t.Errorf("%s is %v", key, got[key])
		}
	}
	_, got := loggedOne(t, func(p *zaplog.Pipeline) {
		p.Logger().Info("m", zap.Bool("token", true), zap.Duration("session", time.Second), zap.Time("password", fixed{}.Now()), zap.Int("cvc", 123))
	})
	if got["token"] != true || got["session"] != 1.0 || got["password"] != "2026-01-02T03:04:05.678900Z" || got["cvc"] != "[REDACTED]" {
		t.Errorf("got %v", got)
	}
}

func TestSecretPrintsNowhere(t *testing.T) {
	s := zaplog.Secret(canary)
	holder := struct {
		S zaplog.Secret
		P *zaplog.Secret
	}{s, &s}
	encoded, err := json.Marshal(holder)
	if err != nil {
		t.Fatal(err)
	}
	text, err := s.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	lines := logged(t, func(p *zaplog.Pipeline) {
		p.Logger().Info("m", zap.Any("a", s), zap.Any("b", holder), zap.Stringer("c", s), zap.Any("d", []zaplog.Secret{s}), zap.Any("e", map[string]any{"f": s}))
		p.Logger().Sugar().Infow(fmt.Sprint(s), "s", s)
		slog.New(p.SlogHandler()).Info("m", "a", s, "b", holder, slog.Group("g", "c", s))
	})
	for _, got := range append(lines, string(encoded), string(text), s.String(), s.GoString(), s.LogValue().String(),
		fmt.Sprintf("%s %v %+v %#v %q %x %d", s, s, s, s, s, s, s), fmt.Sprintf("%v %+v", holder.S, []any{s}), fmt.Errorf("e %w %v", errors.New("x"), s).Error()) {
		if strings.Contains(got, canary) || strings.Contains(got, fmt.Sprintf("%x", canary)) || !strings.Contains(got, "[REDACTED]") {
			t.Errorf("got %s", got)
		}
	}
	if string(s) != canary {
		t.Error("the secret itself is lost")
	}
}

func TestSecretsInTextAreMasked(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{"postgres://user:c4n4ry@db:5432/app", "postgres://[REDACTED]@db:5432/app"},
		{"postgres://user:c4n4ry/x?y#z@db/app", "postgres://[REDACTED]@db/app"},
		{"postgres://user:a@c4n4ry@db/app", "postgres://[REDACTED]@db/app"},
		{`parse "postgres://user:c4n4ry c4n4ry@db/": invalid`, `parse "postgres://[REDACTED]@db/": invalid`},
		{"https://c4n4ry@github.com/x and redis://:c4n4ry@cache:6379", "https://[REDACTED]@github.com/x and redis://[REDACTED]@cache:6379"},
		{"https://shop/?a=1&access_token=c4n4ry&b=2", "https://shop/?a=1&access_token=[REDACTED]&b=2"},
		{"host=db user=app password=c4n4ry sslmode=disable", "host=db user=app password=[REDACTED] sslmode=disable"},
		{"password='c4n4ry c4n4ry' x", "password=[REDACTED] x"},
		{"host=db password=a&b,c;d)e'c4n4ry user=app", "host=db password=[REDACTED] user=app"},
		{`password='it\'s c4n4ry' x`, "password=[REDACTED] x"},
		{`open "password='it\\'s c4n4ry' x": refused`, `open "password=[REDACTED] x": refused`},
		{"map[password:[a]c4n4ry] user:[kim]]", "map[password:[REDACTED] user:[kim]]"},
		{`get "https://shop/pay?a=c4n4ry": refused`, `get "https://shop/pay": refused`},
		{"(token=c4n4ry), [token=c4n4ry]: x=token=c4n4ry;b=2", "(token=[REDACTED]), [token=[REDACTED]]: x=token=[REDACTED];b=2"},
		{"tutor:a/b@c4n4ry@tcp(db:3306)/app", "[REDACTED]@tcp(db:3306)/app"},
		{"/callback?code=c4n4ry&state=x&sig=c4n4ry", "/callback?code=[REDACTED]&state=x&sig=[REDACTED]"},
		{"verify eyJhbGciOiJIUzI1NiJ9.e30.c4n4ry: refused", "verify [REDACTED]: refused"},
		{`{"user":"kim","password":"c4n4ry \" c4n4ry","n":1}`, `{"user":"kim","password":[REDACTED],"n":1}`},
		{`"{\"password\":\"c4n4ry\"}"`, `"{\"password\":[REDACTED]}"`},
		{`{"secret": "c4n4ry"}`, `{"secret": [REDACTED]}`},
		{"{Name:kim Password:c4n4ry}", "{Name:kim Password:[REDACTED]}"},
		{"map[Authorization:[Bearer c4n4ry] Accept:[*/*]]", "map[Authorization:[REDACTED]"},
		{"Authorization: Basic c4n4ry\nAccept: */*", "Authorization: [REDACTED]\nAccept: */*"},
		{"authorization=Bearer c4n4ry x", "authorization=[REDACTED] x"},
		{"Cookie: a=c4n4ry; b=c4n4ry", "Cookie: [REDACTED]"},
		{"api-key: c4n4ry, and more", "api-key: [REDACTED], and more"},
		{"sent x-honeycomb-team: c4n4ry to it", "sent x-honeycomb-team: [REDACTED] to it"},
		{"X-Api-Key: c4n4ry\nAccept: */*", "X-Api-Key: [REDACTED]\nAccept: */*"},
		{"x-auth-token:  c4n4ry", "x-auth-token:  [REDACTED]"},
		{"authorization: ApiKey c4n4ry", "authorization: [REDACTED]"},
		{"authorization=ApiKey c4n4ry x", "authorization=[REDACTED] x"},
		{"sent Basic dTpjNG40cnk= to it", "sent Basic [REDACTED] to it"},
		{"basic authentication failed: asic YTpi", "basic authentication failed: asic YTpi"},
		{"sent Bearer c4n4ry.c4n4ry to it", "sent Bearer [REDACTED] to it"},
		// Nothing secret: unchanged.
		{"parse token: unexpected end", ""},
		{"access token: refused; x-team: a", ""},
		{"get session: context deadline exceeded", ""},
		{"http://[::1]:8080/a@b", ""},
		{"https://host/@user/a:b", ""},
		{"a=b c:d 12:34:56 = : ://", ""},
		{"mailto:kim@example.com", ""},
		{`get "/oauth/token": refused`, ""},
		{"exit code=7 key=3 eyJ heyJa.b", ""},
		{"", ""},
	} {
		t.Run(tc.text, func(t *testing.T) {
			if tc.want == "" {
				tc.want = tc.text
			}
			line, got := loggedOne(t, func(p *zaplog.Pipeline) {
				p.Logger().Info(tc.text, zap.String("k", tc.text), zap.Any("m", map[string]string{"k": tc.text}), zap.NamedError("e", errors.New(tc.text)),
					zap.Stringer("s", time.FixedZone(tc.text, 0)), zap.Strings("l", []string{tc.text}))
			})
			if s := got["k"].(string); s != tc.want && !(strings.HasPrefix(s, tc.want) && strings.HasPrefix(tc.text, "map[")) {
				t.Errorf("got %s, want %s", s, tc.want)
			}
			if strings.Contains(line, canary) {
				t.Errorf("got %s", line)
			}
		})
	}
}

type wrapped struct{ error }

func (w wrapped) Unwrap() error { return w.error }

func (w wrapped) Format(f fmt.State, _ rune) { fmt.Fprint(f, "stack of ", w.error) }

func TestURLsLoseTheirQuery(t *testing.T) {
	u, err := url.Parse("https://kim:c4n4ry@shop.example/pay;v=1?token=c4n4ry&x=c4n4ry#c4n4ry")
	if err != nil {
		t.Fatal(err)
	}
	failed := &url.Error{Op: "Get", URL: "https://shop.example/pay?code=c4n4ry&y=a b\"c4n4ry", Err: errors.New("refused")}
	relative := &url.Error{Op: "Get", URL: "/pay?code=c4n4ry", Err: errors.New("no scheme")}
	for _, tc := range []struct {
		name  string
		field zap.Field
		want  string
	}{
		{"a pointer", zap.Any("k", u), `"k":"https://shop.example/pay;v=1"`},
		{"a value", zap.Any("k", *u), `"k":"https://shop.example/pay;v=1"`},
		{"a Stringer", zap.Stringer("k", u), `"k":"https://shop.example/pay;v=1"`},
		{"a nil URL", zap.Any("k", (*url.URL)(nil)), `"k":"<nil>"`},
		{"in a struct", zap.Any("k", struct{ U *url.URL }{u}), `shop.example`},
		{"an error", zap.Error(failed), `"error":"Get \"https://shop.example/pay\": refused"`},
		{"a wrapped error", zap.Error(fmt.Errorf("pay: %w", failed)), `shop.example/pay\": refused`},
		{"a flattened error", zap.NamedError("k", fmt.Errorf("pay: %v", failed)), `shop.example/pay\": refused`},
		{"a joined error", zap.Error(errors.Join(errors.New("a"), failed)), `refused`},
		{"a relative one", zap.Error(relative), `"Get \"/pay\": no scheme"`},
		{"an error with details", zap.Error(wrapped{failed}), `refused`},
		{"a list of errors", zap.Errors("k", []error{wrapped{failed}}), `refused`},
		{"an error in an object", zap.Object("k", zap.DictObject(zap.Error(wrapped{failed}))), `refused`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, line := range logged(t, func(p *zaplog.Pipeline) {
				p.Logger().Info("m", tc.field)
				p.Logger().With(tc.field).Info("m")
			}) {
				if strings.Contains(line, canary) || !strings.Contains(line, tc.want) {
					t.Errorf("got %s", line)
				}
			}
		})
	}
}

type credentials struct {
	User, Password string
	Nested         struct {
		APIKey string `json:"apiKey"`
	}
	Any any
}

func (c credentials) MarshalLogObject(enc zapcore.ObjectEncoder) error {
	enc.AddString("user", c.User)
	enc.AddString("password", c.Password)
	enc.OpenNamespace("session")
	enc.AddString("harmless", c.Password)
	return nil
}

func TestSecretsInWholeValues(t *testing.T) {
	c := credentials{User: "kim", Password: canary}
	c.Nested.APIKey = canary
	c.Any = http.Header{"Authorization": {"Bearer " + canary}, "Accept": {"text/html"}}
	req, err := http.NewRequest(http.MethodGet, "https://kim:c4n4ry@shop.example/?q=c4n4ry", strings.NewReader(canary))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+canary)
	ctx := context.WithValue(t.Context(), zaplog.LoggerKey{}, canary)
	lines := logged(t, func(p *zaplog.Pipeline) {
		p.Logger().Info("m", zap.Any("c", &struct{ C any }{struct{ credentials }{c}}), zap.Object("o", c), zap.Any("r", req), zap.Any("ctx", ctx), zap.Reflect("ctx2", ctx),
			zap.Any("jar", []*http.Cookie{{Name: "theme", Value: canary}}), zap.Any("crumb", &http.Cookie{Name: "theme", Value: canary}), zap.Reflect("crumbs", http.Cookie{Value: canary}))
		p.Logger().Sugar().Infow("m", "header", c.Any, "password", canary, "url", req.URL)
		slog.New(p.SlogHandler()).With("token", canary).WithGroup("credentials").Info("m", "a", canary)
		slog.New(p.SlogHandler()).Info("m", slog.Group("g", "password", canary), "header", c.Any, "err", &url.Error{Op: "Get", URL: req.URL.String(), Err: errors.New("e")})
		p.Events(0).Business(t.Context(), "paid", zap.Any("card", map[string]string{"card_number": canary, "cvc": canary}))
		p.Events(0).Request(t.Context(), zaplog.RequestEvent{Path: "/reset/token=" + canary})
	})
	_, body := loggedOne(t, func(p *zaplog.Pipeline) { p.Logger().Info("m", zap.Any("body", []byte("card_number="+canary+"&a=1"))) })
	if text, err := base64.StdEncoding.DecodeString(fmt.Sprint(body["body"])); string(text) != "card_number=[REDACTED]&a=1" || err != nil {
		t.Errorf("got the body %q, %v", text, err)
	}
	for _, line := range lines {
		if strings.Contains(line, canary) || !strings.Contains(line, "[REDACTED]") {
			t.Errorf("got %s", line)
		}
	}
	if !strings.Contains(lines[0], `"User":"kim"`) && !strings.Contains(lines[0], `"user":"kim"`) || !strings.Contains(lines[1], "text/html") {
		t.Errorf("harmless values are missing: %s", lines[:2])
	}
}
