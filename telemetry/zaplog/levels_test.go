package zaplog_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/tutorflow/observability/telemetry/zaplog"
)

// changes records what a hook is told, without the time it took place.
type changes struct {
	mu  sync.Mutex
	got []string
}

func (c *changes) tell(l zaplog.LoggerLevel, expired bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	what := "reverted"
	if expired {
		what = "expired"
	}
	if !l.Until.IsZero() {
		what = "for " + time.Until(l.Until).String()
	}
	c.got = append(c.got, fmt.Sprintf("%s %v %s", l.Logger, l.Level, what))
}

func (c *changes) take() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	got := c.got
	c.got = nil
	return got
}

// leveled starts a pipeline at INFO whose hook is told of changes.
func leveled(t testing.TB, hook func(zaplog.LoggerLevel, bool)) (*zaplog.Pipeline, *sink) {
	t.Helper()
	out := &sink{}
	p, err := zaplog.New(zaplog.Config{}, out, zaplog.WithLevelHook(hook))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Shutdown(context.Background()); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
	})
	return p, out
}

func set(t testing.TB, p *zaplog.Pipeline, logger string, level zapcore.Level, expiry time.Duration) {
	t.Helper()
	if err := p.Levels().Set(logger, level, expiry); err != nil {
		t.Fatal(err)
	}
}

func TestAnOverrideHoldsForItsLoggerAndThoseBelow(t *testing.T) {
	for _, tc := range []struct {
		name   string
		levels map[string]zapcore.Level
		logger string
		want   zapcore.Level
	}{
		{"none", nil, "tutorflow.db", zap.InfoLevel},
		{"of the logger", map[string]zapcore.Level{"tutorflow.db": zap.DebugLevel}, "tutorflow.db", zap.DebugLevel},
		{"of the one above", map[string]zapcore.Level{"tutorflow.db": zap.DebugLevel}, "tutorflow.db.pool.slow", zap.DebugLevel},
		{"the longest name counts", map[string]zapcore.Level{"tutorflow": zap.DebugLevel, "tutorflow.db": zap.ErrorLevel}, "tutorflow.db.pool", zap.ErrorLevel},
		{"whatever the order of the levels", map[string]zapcore.Level{"tutorflow": zap.ErrorLevel, "tutorflow.db": zap.DebugLevel}, "tutorflow.db.pool", zap.DebugLevel},
		{"not of a neighbour", map[string]zapcore.Level{"tutorflow.db": zap.DebugLevel}, "tutorflow.http", zap.InfoLevel},
		{"not of the start of a word", map[string]zapcore.Level{"tutorflow.db": zap.DebugLevel}, "tutorflow.dbase", zap.InfoLevel},
		{"not of the one below", map[string]zapcore.Level{"tutorflow.db": zap.DebugLevel}, "tutorflow", zap.InfoLevel},
		{"of the root for all", map[string]zapcore.Level{"tutorflow": zap.WarnLevel}, "tutorflow.db", zap.WarnLevel},
		{"of the pipeline for all others", map[string]zapcore.Level{"": zap.ErrorLevel, "tutorflow.db": zap.WarnLevel}, "tutorflow.http", zap.ErrorLevel},
		{"but not for that one", map[string]zapcore.Level{"": zap.ErrorLevel, "tutorflow.db": zap.WarnLevel}, "tutorflow.db", zap.WarnLevel},
		{"of the logger without a name", map[string]zapcore.Level{"tutorflow": zap.ErrorLevel}, "", zap.ErrorLevel},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p, out := leveled(t, nil)
			logger := zap.New(p.Logger().Core()).Named(tc.logger)
			for name, level := range tc.levels {
				set(t, p, name, level, time.Hour)
			}
			for level := zap.DebugLevel; level <= zap.ErrorLevel; level++ {
				logger.Log(level, level.CapitalString())
			}
			if err := p.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			for level := zap.DebugLevel; level <= zap.ErrorLevel; level++ {
				if got := strings.Contains(out.String(), `"`+level.CapitalString()+`","app"`); got != (level >= tc.want) {
					t.Errorf("%v is written: %t, want %t", level, got, level >= tc.want)
				}
			}
		})
	}
}

func TestAnOverrideHoldsForEveryWayIn(t *testing.T) {
	p, out := leveled(t, nil)
	// All are made before the override.
	root, child, events := p.Logger(), p.Logger().Named("db").With(zap.Int("a", 1)), p.Events(0)
	lazy, sugar, records := p.Logger().WithLazy(zap.Int("a", 1)), p.Logger().Sugar(), slog.New(p.SlogHandler().WithGroup("g"))
	log := func() (lines int) {
		before := strings.Count(out.String(), "\n")
		root.Debug("m")
		child.Debug("m")
		lazy.Debug("m")
		sugar.Debugw("m")
		records.Debug("m")
		records.With("a", 1).Debug("m")
		events.Request(t.Context(), access)
		events.Business(t.Context(), "b")
		if err := p.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		return strings.Count(out.String(), "\n") - before
	}
	for _, step := range []struct {
		logger string
		level  zapcore.Level
		want   int
	}{
		{"none", zap.DebugLevel, 2},
		{"tutorflow", zap.DebugLevel, 8},
		{"tutorflow.request", zap.WarnLevel, 7},
		{"tutorflow", zap.ErrorLevel, 0},
		{"tutorflow.business", zap.InfoLevel, 1},
		{"tutorflow.request", zap.InfoLevel, 2},
	} {
		set(t, p, step.logger, step.level, time.Hour)
		if got := log(); got != step.want {
			t.Errorf("with %s at %v: %d lines, want %d", step.logger, step.level, got, step.want)
		}
	}
}

func TestAnOverrideRevertsByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told changes
		p, _ := leveled(t, told.tell)
		expect := func(want ...string) {
			t.Helper()
			synctest.Wait()
			if diff := cmp.Diff(want, told.take()); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
		}
		set(t, p, "tutorflow.db", zap.DebugLevel, time.Minute)
		set(t, p, "tutorflow", zap.WarnLevel, time.Hour)
		set(t, p, "", zap.ErrorLevel, 2*time.Hour)
		expect("tutorflow.db debug for 1m0s", "tutorflow warn for 1h0m0s", " error for 2h0m0s")
		now := time.Now()
		want := []zaplog.LoggerLevel{
			{Level: zap.ErrorLevel, Until: now.Add(2 * time.Hour)},
			{Logger: "tutorflow", Level: zap.WarnLevel, Until: now.Add(time.Hour)},
			{Logger: "tutorflow.db", Level: zap.DebugLevel, Until: now.Add(time.Minute)},
		}
		if diff := cmp.Diff(want, p.Levels().List()); diff != "" || p.Level().Level() != zap.ErrorLevel {
			t.Errorf("levels (-want +got):\n%s, the pipeline's is %v", diff, p.Level())
		}
		time.Sleep(time.Minute - 1)
		expect()
		time.Sleep(time.Nanosecond)
		expect("tutorflow.db warn expired") // to what holds for the logger above
		if !p.Levels().Revert("tutorflow") || p.Levels().Revert("tutorflow") {
			t.Error("Revert does not tell whether there was an override")
		}
		expect("tutorflow error reverted")
		time.Sleep(2*time.Hour - time.Minute)
		expect(" info expired")
		if diff := cmp.Diff([]zaplog.LoggerLevel{{Level: zap.InfoLevel}}, p.Levels().List()); diff != "" {
			t.Errorf("levels (-want +got):\n%s", diff)
		}
	})
}

func TestAnOverrideSetAgainStartsAnew(t *testing.T) {
	for _, logger := range []string{"", "tutorflow", "tutorflow.db"} {
		synctest.Test(t, func(t *testing.T) {
			var told changes
			p, _ := leveled(t, told.tell)
			set(t, p, logger, zap.WarnLevel, time.Minute)
			time.Sleep(time.Minute - 1)
			set(t, p, logger, zap.DebugLevel, time.Hour)
			time.Sleep(time.Hour - 1)
			synctest.Wait()
			if got := told.take(); len(got) != 2 {
				t.Errorf("%q: the first expiry was kept: %q", logger, got)
			}
			time.Sleep(time.Nanosecond)
			synctest.Wait()
			if diff := cmp.Diff([]string{logger + " info expired"}, told.take()); diff != "" {
				t.Errorf("%q does not revert to the configuration: %s", logger, diff)
			}
		})
	}
}

// The timer of an override may fire in the moment in which it is replaced.
func TestAStaleTimerRevertsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _ := leveled(t, nil)
		for range 100 {
			set(t, p, "tutorflow", zap.WarnLevel, time.Second)
			time.Sleep(time.Second) // wakes together with the timer
			set(t, p, "tutorflow", zap.DebugLevel, time.Hour)
			synctest.Wait()
			if got := p.Levels().List(); len(got) != 2 || got[1].Level != zap.DebugLevel {
				t.Fatalf("got %v", got)
			}
			p.Levels().Revert("tutorflow")
		}
	})
}

func TestAChangeOfTheProgramStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _ := leveled(t, nil)
		set(t, p, "", zap.DebugLevel, time.Hour)
		p.Level().SetLevel(zap.ErrorLevel)
		if got := p.Levels().List(); len(got) != 1 || !got[0].Until.IsZero() || got[0].Level != zap.ErrorLevel {
			t.Errorf("got %v", got)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if got := p.Level().Level(); got != zap.ErrorLevel {
			t.Errorf("reverted to %v", got)
		}
		set(t, p, "", zap.DebugLevel, time.Hour)
		p.Level().SetLevel(zap.WarnLevel)
		set(t, p, "", zap.InfoLevel, time.Hour)
		p.Levels().Revert("")
		if got := p.Level().Level(); got != zap.WarnLevel {
			t.Errorf("reverted to %v", got)
		}
	})
}

func TestWrongOverridesAreRefused(t *testing.T) {
	p, _ := leveled(t, func(l zaplog.LoggerLevel, _ bool) { t.Errorf("told of %v", l) })
	const names = "allowed are up to 128 characters of A-Z a-z 0-9 . _ / -"
	for _, tc := range []struct {
		logger string
		level  zapcore.Level
		expiry time.Duration
		want   string
	}{
		{"a b", zap.InfoLevel, 1, `set log level: logger is "a b", ` + names},
		{"예약", zap.InfoLevel, 1, `set log level: logger is "예약", ` + names},
		{"a[b", zap.InfoLevel, 1, `set log level: logger is "a[b", ` + names},
		{"a\n", zap.InfoLevel, 1, `set log level: logger is "a\n", ` + names},
		{strings.Repeat("x", 129), zap.InfoLevel, 1, `set log level: logger is "` + strings.Repeat("x", 32) + `", ` + names},
		{"a", zap.DPanicLevel, 1, `set log level: level is "dpanic", allowed are debug, info, warn and error`},
		{"a", -2, 1, `set log level: level is "Level(-2)", allowed are debug, info, warn and error`},
		{"a", zap.InfoLevel, 0, "set log level: expiry is 0s, allowed is more than 0s and at most 24h0m0s"},
		{"a", zap.InfoLevel, 24*time.Hour + 1, "set log level: expiry is 24h0m0.000000001s, allowed is more than 0s and at most 24h0m0s"},
		{"*", zap.FatalLevel, -1, `set log level: logger is "*", ` + names + "\n" +
			`set log level: level is "fatal", allowed are debug, info, warn and error` + "\n" +
			"set log level: expiry is -1ns, allowed is more than 0s and at most 24h0m0s"},
	} {
		if err := p.Levels().Set(tc.logger, tc.level, tc.expiry); err == nil || err.Error() != tc.want {
			t.Errorf("Set(%q, %v, %v): %v, want %s", tc.logger, tc.level, tc.expiry, err, tc.want)
		}
	}
	if got := p.Levels().List(); len(got) != 1 {
		t.Errorf("got %v", got)
	}
}

func TestTheNumberOfOverridesIsBounded(t *testing.T) {
	p, _ := leveled(t, nil)
	for i := range 100 {
		set(t, p, fmt.Sprintf("Az09._/-%d", i), zap.DebugLevel, 24*time.Hour)
	}
	const want = `set log level of "a": 100 loggers have one set already, which is what is allowed`
	if err := p.Levels().Set("a", zap.DebugLevel, 1); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	set(t, p, "Az09._/-7", zap.WarnLevel, time.Hour)
	p.Levels().Revert("Az09._/-7")
	set(t, p, "a", zap.DebugLevel, time.Hour)
}

func TestShutdownStopsTheTimersAndWaitsForTheHook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		entered, leave, reverted := make(chan struct{}), make(chan struct{}), 0
		p, err := zaplog.New(zaplog.Config{}, &sink{}, zaplog.WithLevelHook(func(_ zaplog.LoggerLevel, expired bool) {
			if expired {
				reverted++
				close(entered)
				<-leave
				panic("of the hook")
			}
		}))
		if err != nil {
			t.Fatal(err)
		}
		set(t, p, "tutorflow", zap.DebugLevel, time.Second)
		set(t, p, "", zap.DebugLevel, time.Minute)
		<-entered
		ended := make(chan error)
		go func() { ended <- p.Shutdown(context.Background()) }()
		time.Sleep(time.Second)
		select {
		case err := <-ended:
			t.Errorf("Shutdown returned %v before the hook did", err)
		default:
			close(leave)
			if err := <-ended; err != nil {
				t.Errorf("Shutdown: %v", err)
			}
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if err := p.Levels().Set("", zap.InfoLevel, time.Hour); err == nil || err.Error() != "set log level: the log is shut down" {
			t.Errorf("got %v", err)
		}
		if reverted != 1 || p.Levels().Revert("") {
			t.Errorf("%d overrides reverted", reverted)
		}
	})
}

func TestLevelsConcurrentSafe(t *testing.T) {
	var told changes
	p, _ := leveled(t, told.tell)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			logger := []string{"", "tutorflow", "tutorflow.request", "tutorflow.db"}[i]
			for j := range 50 {
				set(t, p, logger, zapcore.Level(j%3), time.Duration(j%2)*time.Hour+time.Microsecond)
				p.Logger().Named("db").Debug("m")
				p.Events(0).Request(t.Context(), access)
				p.Levels().List()
				p.Levels().Revert(logger)
			}
		})
	}
	wg.Wait()
	if got := p.Levels().List(); len(got) != 1 || got[0].Level != zap.InfoLevel {
		t.Errorf("got %v", got)
	}
	if err := p.Shutdown(t.Context()); err != nil { // waits for the last hook
		t.Error(err)
	}
	if got := told.take(); len(got) != 400 {
		t.Errorf("told of %d changes, want 400", len(got))
	}
}

func TestLevelsCostNoAllocation(t *testing.T) {
	p, _ := leveled(t, nil)
	logger := p.Logger().Named("db.pool")
	check := func(when string) {
		if n := testing.AllocsPerRun(100, func() { logger.Check(zap.DebugLevel, "m"); p.Logger().Core().Enabled(zap.InfoLevel) }); n != 0 {
			t.Errorf("%s: %v allocations", when, n)
		}
	}
	check("without overrides")
	set(t, p, "tutorflow.http", zap.DebugLevel, time.Hour)
	check("with one of another logger")
}
