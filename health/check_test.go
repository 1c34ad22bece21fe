package health_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tutorflow/observability/health"
)

func TestNewReportsEveryMistake(t *testing.T) {
	cases := map[string]struct {
		parts []health.Part
		want  []string
	}{
		"a name that is no label": {
			[]health.Part{health.Check{Name: "Data base", Run: passes}},
			[]string{`check "Data base": name "Data base": must match [a-z][a-z0-9_]{0,62}`},
		},
		"a name that is too long": {
			[]health.Part{health.Check{Name: strings.Repeat("a", 64), Run: passes}},
			[]string{`must match [a-z][a-z0-9_]{0,62}`},
		},
		"a name that is used twice": {
			[]health.Part{health.Check{Name: "a", Run: passes}, health.Check{Name: "a", Run: passes}},
			[]string{`check "a": name "a": must be unique`},
		},
		"a name that is a key of the body": {
			[]health.Part{health.Check{Name: "external_services", Run: passes}},
			[]string{`check "external_services": name "external_services": is reserved unless`},
		},
		"a kind that does not exist": {
			[]health.Part{health.Check{Name: "a", Run: passes, Kind: 9}},
			[]string{`check "a": kind 9: must be KindOther`},
		},
		"no function": {
			[]health.Part{health.Check{Name: "a"}},
			[]string{`check "a": run nil: must be a function`},
		},
		"a constructor's error": {
			[]health.Part{health.Check{Name: "a", Err: errors.New("db nil: must be an open *sql.DB")}},
			[]string{`check "a": db nil: must be an open *sql.DB`},
		},
		"every number of one check": {
			[]health.Part{health.Check{Name: "a", Run: passes}.With(
				health.Timeout(-time.Second), health.Interval(48*time.Hour), health.MaxAge(time.Second), health.Thresholds(-1, -2))},
			[]string{
				`check "a": timeout -1s: must be between 1ms and 24h`,
				`check "a": interval 48h0m0s: must be between 1ms and 24h`,
				`check "a": max age 1s: must be at least interval + timeout (47h59m59s)`,
				`check "a": failure threshold -1: must be at least 1`,
				`check "a": success threshold -2: must be at least 1`,
			},
		},
		"mistakes of several parts": {
			[]health.Part{health.Check{Name: "A", Run: passes}, nil, health.WithPrefix("health/"), health.Check{Name: "b"}},
			[]string{`check "A": name`, `part 2: must be a check or an option`, `prefix "health/": must be a path`, `check "b": run nil`},
		},
		"a prefix with a wildcard": {
			[]health.Part{health.WithPrefix("/{tenant}/health")},
			[]string{`prefix "/{tenant}/health"`},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			c, err := health.New("1.4.0", tc.parts...)
			if err == nil {
				_ = c.Shutdown(context.Background())
				t.Fatal("no error")
			}
			if c != nil {
				t.Error("a checker beside the error")
			}
			if !strings.HasPrefix(err.Error(), "configure health checks: ") {
				t.Errorf("error without its context: %v", err)
			}
			for _, want := range tc.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error lacks %q:\n%v", want, err)
				}
			}
		})
	}
}

func TestOptionsFillTheFieldsThatTheyName(t *testing.T) {
	got := health.Check{Name: "a", SuccessThreshold: 9}.With(
		health.NonCritical(), health.Timeout(time.Second), health.Interval(time.Minute), health.MaxAge(time.Hour), nil, health.Thresholds(3, 4))
	want := health.Check{
		Name: "a", NonCritical: true, Timeout: time.Second, Interval: time.Minute,
		MaxAge: time.Hour, FailureThreshold: 3, SuccessThreshold: 4,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
