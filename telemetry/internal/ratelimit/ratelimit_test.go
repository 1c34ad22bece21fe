package ratelimit_test

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/tutorflow/observability/telemetry/internal/ratelimit"
)

// passed is what a limiter let through.
type passed struct {
	texts    []string
	heldBack int64
}

func (p *passed) take(err error, heldBack int64) {
	p.texts = append(p.texts, err.Error())
	p.heldBack += heldBack
}

func TestErrorsOfOneCausePassOnceInAnInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const storm = 100_000
		var p passed
		e := ratelimit.New(p.take)
		for i := range storm {
			e.Handle(fmt.Errorf("export traces to 127.0.0.1:4317 over grpc: attempt %d", i))
			time.Sleep(time.Minute / storm)
		}
		if n := len(p.texts); n < 6 || n > 7 {
			t.Errorf("%d errors passed in a minute", n)
		}
		time.Sleep(ratelimit.Interval)
		e.Handle(fmt.Errorf("export traces to 127.0.0.1:4317 over grpc: attempt %d", storm))
		if got := p.heldBack + int64(len(p.texts)); got != storm+1 {
			t.Errorf("%d errors passed or were held back, want %d", got, storm+1)
		}
		if e.Causes() != 2 {
			t.Errorf("%d causes are kept", e.Causes())
		}
	})
}

func TestErrorsOfAnotherCauseOrTypePassAtOnce(t *testing.T) {
	var p passed
	e := ratelimit.New(p.take)
	e.Handle(nil)
	for range 2 {
		e.Handle(errors.New("connection refused"))
		e.Handle(errors.New("unavailable"))
		e.Handle(&fs.PathError{Op: "connection", Path: "refused", Err: errors.New("x")})
		e.Handle(fmt.Errorf("%w", errors.New("connection refused")))
	}
	if len(p.texts) != 4 || p.heldBack != 0 {
		t.Errorf("%q passed", p.texts)
	}
}

func TestCauseIsWhatWentWrongNotWhereAndWhen(t *testing.T) {
	for name, test := range map[string]struct {
		first, second string
		same          bool
	}{
		"another code":     {"export traces to otlp: rpc error: code = Unavailable desc = no", "export traces to otlp: rpc error: code = Unauthenticated desc = no", false},
		"another reason":   {"export metrics to otlp: Post \"https://c:4318/v1/metrics\": dial tcp 10.0.0.1:4318: connect: connection refused", "export metrics to otlp: Post \"https://c:4318/v1/metrics\": tls: certificate has expired", false},
		"another signal":   {"export traces to otlp: refused", "export logs to otlp: refused", false},
		"another exporter": {"export traces to otlp: refused", "export traces to file: refused", false},
		"another port":     {"export traces to otlp: read tcp 127.0.0.1:41234->127.0.0.1:4317: reset", "export traces to otlp: read tcp 127.0.0.1:59999->127.0.0.1:4317: reset", true},
		"another attempt":  {"export traces to otlp: attempt 9: refused", "export traces to otlp: attempt 10: refused", true},
		"another id":       {"get span 7fab01cd: gone", "get span 00e1f2ab: gone", true},
		"another quote":    {`export logs to otlp: answer "be patient" of it`, `export logs to otlp: answer "go away" of it`, true},
		"an open quote":    {`export logs to otlp: answer "be patient`, `export logs to otlp: answer "go away`, true},
	} {
		t.Run(name, func(t *testing.T) {
			var p passed
			e := ratelimit.New(p.take)
			e.Handle(errors.New(test.first))
			e.Handle(errors.New(test.second))
			if same := len(p.texts) == 1; same != test.same {
				t.Errorf("%q passed", p.texts)
			}
		})
	}
}

func TestErrorPassesUnchangedWhenItIsHarmless(t *testing.T) {
	want := fmt.Errorf("open “key”: %w", fs.ErrNotExist)
	ratelimit.New(func(err error, heldBack int64) {
		if err != want || heldBack != 0 {
			t.Errorf("%v passed, %d held back", err, heldBack)
		}
	}).Handle(want)
}

func TestTextIsMadeFitForALogLine(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"lines of a collector":        {"400: no\n{\"level\":\"ERROR\"}\r\n", `400: no\n{"level":"ERROR"}\r\n`},
		"colours and bells":           {"\x1b[31mred\a\x00", `\x1b[31mred\a\x00`},
		"a line separator":            {"a\u2028b\u202ec", `a\u2028b\u202ec`},
		"bytes that are no UTF-8":     {"a\xff\xfeb", "a\uFFFD\uFFFDb"},
		"the password of a URL":       {"dial https://me:hunter2@collector:4318/v1: refused", "dial https://[REDACTED]@collector:4318/v1: refused"},
		"the query of a URL":          {"Post https://collector/v1?key=1: refused", "Post https://collector/v1 refused"},
		"a header":                    {"authorization: Basic dTpw\nnext", `authorization: [REDACTED]\nnext`},
		"a bearer token":              {"sent Bearer abc.def", "sent Bearer [REDACTED]"},
		"basic authentication":        {"sent Basic dXNlcjpwYXNz", "sent Basic [REDACTED]"},
		"pairs with a secret":         {"x-token=a api_key=b apikey=c password=d client_secret=e api-key=f a=b", "x-token=[REDACTED] api_key=[REDACTED] apikey=[REDACTED] password=[REDACTED] client_secret=[REDACTED] api-key=[REDACTED] a=b"},
		"a secret across the escapes": {"\ntoken=a\x00b\nnext", `\ntoken=[REDACTED]\nnext`},
	} {
		t.Run(name, func(t *testing.T) {
			var p passed
			ratelimit.New(p.take).Handle(errors.New(test.text))
			if len(p.texts) != 1 || p.texts[0] != test.want {
				t.Errorf("%q becomes %q, want %q", test.text, p.texts, test.want)
			}
		})
	}
}

func TestTextOfControlCharactersIsCutBetweenEscapes(t *testing.T) {
	for shift := range 4 {
		var p passed
		ratelimit.New(p.take).Handle(errors.New(strings.Repeat("x", shift) + strings.Repeat("\x00", 4<<20)))
		text := strings.TrimSuffix(p.texts[0], "…")
		if len(p.texts[0]) > 1024 || len(p.texts[0]) < 1000 || strings.Trim(text, "x") == "" || strings.ReplaceAll(text, `\x00`, "") != strings.Repeat("x", shift) {
			t.Errorf("%d bytes passed: %q", len(p.texts[0]), p.texts[0])
		}
	}
}

func TestLongTextIsCut(t *testing.T) {
	var p passed
	e := ratelimit.New(p.take)
	e.Handle(errors.New(strings.Repeat("é", 1<<20)))
	e.Handle(errors.New("x" + strings.Repeat("é", 1<<20)))
	for _, text := range p.texts {
		if len(text) > 1024 || len(text) < 1000 || !utf8.ValidString(text) || !strings.HasSuffix(text, "é…") {
			t.Errorf("%d bytes passed: %q", len(text), text)
		}
	}
	if len(p.texts) != 2 {
		t.Errorf("%d errors passed", len(p.texts))
	}
}

// typed is an error whose method a nil pointer does not survive.
type typed struct{ text string }

func (e *typed) Error() string { return e.text }

func TestErrorThatCannotBePrintedDoesNotPanic(t *testing.T) {
	n := 0
	ratelimit.New(func(error, int64) { n++ }).Handle((*typed)(nil))
	if n != 1 {
		t.Errorf("%d errors passed", n)
	}
}

func TestCausesAreBoundedAndTheirPlacesAreUsedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p passed
		e := ratelimit.New(p.take)
		handled := 0
		storm := func(name string) {
			for i := range 10 * ratelimit.MaxCauses {
				for range 2 {
					e.Handle(fmt.Errorf("%s cause %s", name, letters(i)))
					handled++
				}
			}
		}
		storm("first")
		if got := e.Causes(); got != ratelimit.MaxCauses {
			t.Errorf("%d causes are kept, want %d", got, ratelimit.MaxCauses)
		}
		// Each cause of its own passes once, and the shared one once.
		if got := len(p.texts); got != ratelimit.MaxCauses {
			t.Errorf("%d errors passed, want %d", got, ratelimit.MaxCauses)
		}
		time.Sleep(ratelimit.Interval)
		before := len(p.texts)
		storm("second")
		if got := len(p.texts) - before; got != ratelimit.MaxCauses {
			t.Errorf("%d errors passed after the interval, want %d", got, ratelimit.MaxCauses)
		}
		time.Sleep(ratelimit.Interval)
		// Only new causes: the old ones make room, and the shared one tells of
		// them.
		storm("third")
		time.Sleep(ratelimit.Interval)
		storm("fourth")
		time.Sleep(ratelimit.Interval)
		storm("fifth")
		if e.Causes() > ratelimit.MaxCauses {
			t.Errorf("%d causes are kept", e.Causes())
		}
		stillHeld := int64(handled) - int64(len(p.texts)) - p.heldBack
		if limit := int64(20 * ratelimit.MaxCauses); stillHeld <= 0 || stillHeld > limit {
			t.Errorf("%d of %d errors are neither passed nor told of, want at most the last storm", stillHeld, handled)
		}
	})
}

// letters write a number without digits, which would not make a cause.
func letters(n int) string {
	return strings.Map(func(r rune) rune { return r - '0' + 'a' }, strconv.Itoa(n))
}

func TestStormIsConcurrentSafe(t *testing.T) {
	var count, heldBack atomic.Int64
	e := ratelimit.New(func(_ error, n int64) {
		count.Add(1)
		heldBack.Add(n)
	})
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			for i := range 500 {
				e.Handle(fmt.Errorf("cause %s", letters((i+worker)%200)))
			}
		})
	}
	all.Wait()
	if got := count.Load(); got != ratelimit.MaxCauses {
		t.Errorf("%d errors passed, want %d", got, ratelimit.MaxCauses)
	}
	if got := heldBack.Load(); got != 0 {
		t.Errorf("%d were told of as held back within one interval", got)
	}
}
