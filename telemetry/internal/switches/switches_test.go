package switches_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/tutorflow/observability/telemetry/internal/switches"
)

const metric = "tutorflow_errors_total"

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open makes a set that is closed when the test ends.
func open(t *testing.T, expired func(string)) *switches.Set {
	t.Helper()
	s := switches.New(expired)
	t.Cleanup(s.Close)
	return s
}

func off(t *testing.T, s *switches.Set, metric string, expiry time.Duration) {
	t.Helper()
	if err := s.Off(metric, expiry); err != nil {
		t.Fatal(err)
	}
}

func TestMetricIsOffUntilItsExpiry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		back := make(chan string, 10)
		s := open(t, func(metric string) { back <- metric })
		off(t, s, metric, time.Minute)
		off(t, s, "go_goroutines", time.Hour)
		want := []switches.Metric{{Name: "go_goroutines", Until: time.Now().Add(time.Hour)}, {Name: metric, Until: time.Now().Add(time.Minute)}}
		if diff := cmp.Diff(want, s.List()); diff != "" {
			t.Errorf("off (-want +got):\n%s", diff)
		}
		time.Sleep(time.Minute - time.Nanosecond)
		synctest.Wait()
		if s.Enabled(metric) || s.Enabled("go_goroutines") || !s.Enabled("tutorflow_bookings_total") || len(back) != 0 {
			t.Errorf("before the expiry %v are off, %d are back", s.List(), len(back))
		}
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		if !s.Enabled(metric) || s.Enabled("go_goroutines") || len(s.List()) != 1 {
			t.Errorf("after the expiry %v are off", s.List())
		}
		if len(back) != 1 || <-back != metric {
			t.Error("what is told of is not the metric alone")
		}
	})
}

func TestMetricThatIsSwitchedOnDoesNotExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, func(metric string) { t.Errorf("%s is told of", metric) })
		off(t, s, metric, time.Minute)
		if !s.On(metric) || s.On(metric) || !s.Enabled(metric) || len(s.List()) != 0 {
			t.Errorf("%v are off", s.List())
		}
		time.Sleep(time.Hour)
		synctest.Wait()
	})
}

// TestOldExpiryDoesNotEndANewSwitch has the two ways to a new switch, while the
// time of the old one is still to come.
func TestOldExpiryDoesNotEndANewSwitch(t *testing.T) {
	for name, between := range map[string]func(*switches.Set){
		"switched off again":       func(*switches.Set) {},
		"on and off again between": func(s *switches.Set) { s.On(metric) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var back atomic.Int64
				s := open(t, func(string) { back.Add(1) })
				off(t, s, metric, time.Minute)
				between(s)
				off(t, s, metric, time.Hour)
				time.Sleep(time.Hour - time.Nanosecond)
				synctest.Wait()
				if s.Enabled(metric) || back.Load() != 0 {
					t.Error("the old expiry put it back")
				}
				time.Sleep(time.Nanosecond)
				synctest.Wait()
				if !s.Enabled(metric) || back.Load() != 1 {
					t.Errorf("on is %v, told %d times", s.Enabled(metric), back.Load())
				}
			})
		})
	}
}

func TestOffRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		metric string
		expiry time.Duration
		want   string
	}{
		"a name of 128 bytes is taken":   {strings.Repeat("x", 128), time.Minute, ""},
		"a name with colons is taken":    {":job:x_total9", time.Minute, ""},
		"a day is taken":                 {metric, 24 * time.Hour, ""},
		"a name of 129 bytes":            {strings.Repeat("x", 129), time.Minute, "1 to 128"},
		"no name":                        {"", time.Minute, `metric ""`},
		"a name that begins with 9":      {"9x", time.Minute, `metric "9x"`},
		"a name with a dot":              {"http.server.duration", time.Minute, `metric "http.server.duration"`},
		"a name with a line of its own":  {"x\nadmin: off", time.Minute, `metric "x\nadmin: off"`},
		"a name that is not UTF-8":       {"x\xff", time.Minute, `metric "x\xff"`},
		"no expiry":                      {metric, 0, "expiry 0s: allowed"},
		"an expiry that has passed":      {metric, -time.Second, "expiry -1s: allowed"},
		"an expiry of more than one day": {metric, 24*time.Hour + 1, "at most 24h0m0s"},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, nil)
			err := s.Off(test.metric, test.expiry)
			if (err == nil) != (test.want == "") {
				t.Fatalf("the error is %v", err)
			}
			if got := s.Enabled(test.metric); got != (err != nil) {
				t.Errorf("enabled is %v", got)
			}
			if err != nil && (!strings.HasPrefix(err.Error(), "switch off metric ") || !strings.Contains(err.Error(), test.want) || len(err.Error()) > 250) {
				t.Errorf("the error is %v, want %s", err, test.want)
			}
		})
	}
}

func TestOnlySoManyMetricsAreOff(t *testing.T) {
	s := open(t, nil)
	for i := range switches.MaxOff {
		off(t, s, fmt.Sprint("x_", i), time.Hour)
	}
	off(t, s, "x_0", time.Minute)
	if err := s.Off(metric, time.Minute); err == nil || !strings.Contains(err.Error(), "100 metrics are off, allowed are 100") || !s.Enabled(metric) {
		t.Errorf("the error is %v", err)
	}
	s.On("x_0")
	off(t, s, metric, time.Minute)
}

func TestCloseStopsTimers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := switches.New(func(metric string) { t.Errorf("%s is told of", metric) })
		off(t, s, metric, time.Minute)
		s.Close()
		s.Close()
		time.Sleep(time.Hour)
		synctest.Wait()
		if s.Enabled(metric) {
			t.Error("it came back after the end")
		}
		if err := s.Off("go_goroutines", time.Minute); err == nil || !s.Enabled("go_goroutines") {
			t.Errorf("switched off after the end: %v", err)
		}
	})
}

func TestCloseWaitsForWhoIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told atomic.Bool
		s := switches.New(func(string) {
			time.Sleep(time.Second)
			told.Store(true)
		})
		off(t, s, metric, time.Minute)
		time.Sleep(time.Minute)
		synctest.Wait()
		s.Close()
		if !told.Load() {
			t.Error("it did not wait")
		}
	})
}

// TestSameMomentConcurrentSafe has what happens in the very moment in which an
// expiry passes: it may come before or after, but not half.
func TestSameMomentConcurrentSafe(t *testing.T) {
	for range 200 {
		synctest.Test(t, func(t *testing.T) {
			var closed atomic.Bool
			s := switches.New(func(metric string) {
				if closed.Load() {
					t.Errorf("%s is told of after the end", metric)
				}
			})
			off(t, s, "x_again", time.Minute)
			off(t, s, "x_end", 2*time.Minute)
			time.Sleep(time.Minute)
			off(t, s, "x_again", time.Hour)
			synctest.Wait()
			if s.Enabled("x_again") {
				t.Error("the old expiry ended the new switch")
			}
			time.Sleep(time.Minute)
			s.Close()
			closed.Store(true)
		})
	}
}

func TestEnabledAllocatesNothing(t *testing.T) {
	s := open(t, nil)
	off(t, s, metric, time.Hour)
	if n := testing.AllocsPerRun(1000, func() {
		if s.Enabled(metric) || !s.Enabled("go_goroutines") {
			t.Fatal("wrong answer")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestSwitchesConcurrentSafe has each worker switch a metric of its own and one
// that all share, while expiries pass.
func TestSwitchesConcurrentSafe(t *testing.T) {
	var back atomic.Int64
	s := switches.New(func(string) { back.Add(1) })
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			own := fmt.Sprint("x_", worker)
			for i := range 100 {
				for _, err := range []error{s.Off(own, time.Hour), s.Off(metric, time.Duration(1+i%3)*100*time.Microsecond)} {
					if err != nil {
						t.Error(err)
					}
				}
				if s.Enabled(own) {
					t.Errorf("%s is on", own)
				}
				s.Enabled(metric)
				s.List()
				if i%2 == 0 && (!s.On(own) || !s.Enabled(own)) {
					t.Errorf("%s is off", own)
				}
			}
		})
	}
	all.Wait()
	off(t, s, metric, time.Microsecond)
	for !s.Enabled(metric) {
		time.Sleep(time.Millisecond)
	}
	s.Close()
	if got := len(s.List()); got != 8 || back.Load() == 0 {
		t.Errorf("%d are off, want 8; %d came back by themselves", got, back.Load())
	}
}
