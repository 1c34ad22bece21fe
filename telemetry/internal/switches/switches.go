package switches

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// MaxExpiry is the longest time for which a metric can be off.
	MaxExpiry = 24 * time.Hour
	// MaxOff is how many metrics can be off at once.
	MaxOff = 100
	// maxName is the length of the longest name, in bytes.
	maxName = 128
)

var validName = regexp.MustCompile(`^[a-zA-Z_:][a-zA-Z0-9_:]*$`)

// Metric is one that is off.
type Metric struct {
	// Name is that of the metric on a scrape in the text format, like
	// tutorflow_errors_total.
	Name string
	// Until is when it comes back by itself.
	Until time.Time
}

// Set is the set of metrics that are off. It is safe for concurrent use.
type Set struct {
	expired func(metric string)
	// off is replaced, never changed: Enabled reads it without a lock.
	off atomic.Pointer[map[string]*entry]

	mu      sync.Mutex // held to replace off
	closed  bool
	running sync.WaitGroup // calls of expired
}

type entry struct {
	until time.Time
	timer *time.Timer
}

// New makes a set in which every metric is on. expired, which may be nil, is
// told of each metric that came back by itself, and is not called after Close;
// it must not call Close.
func New(expired func(metric string)) *Set {
	if expired == nil {
		expired = func(string) {}
	}
	s := &Set{expired: expired}
	s.off.Store(&map[string]*entry{})
	return s
}

// Off takes a metric off every export until expiry has passed. For a metric
// that is off already the new expiry counts.
func (s *Set) Off(metric string, expiry time.Duration) error {
	if len(metric) > maxName || !validName.MatchString(metric) {
		return fmt.Errorf("switch off metric %.64q: allowed are names of 1 to %d letters, digits, _ and :, the first of which is no digit", metric, maxName)
	}
	if expiry <= 0 || expiry > MaxExpiry {
		return fmt.Errorf("switch off metric %s: expiry %v: allowed is more than 0 and at most %v", metric, expiry, MaxExpiry)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return fmt.Errorf("switch off metric %s: the switches are closed", metric)
	}
	off := maps.Clone(*s.off.Load())
	if old := off[metric]; old != nil {
		old.timer.Stop()
	} else if len(off) >= MaxOff {
		return fmt.Errorf("switch off metric %s: %d metrics are off, allowed are %d", metric, len(off), MaxOff)
	}
	e := &entry{until: time.Now().Add(expiry)}
	// The lock is held until e is complete, which the timer waits for.
	e.timer = time.AfterFunc(expiry, func() { s.expire(metric, e) })
	off[metric] = e
	s.off.Store(&off)
	return nil
}

// expire puts a metric back on, unless e was replaced since its timer was set.
func (s *Set) expire(metric string, e *entry) {
	if !s.expireLocked(metric, e) {
		return
	}
	defer s.running.Done()
	s.expired(metric)
}

func (s *Set) expireLocked(metric string, e *entry) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || (*s.off.Load())[metric] != e {
		return false
	}
	s.remove(metric)
	s.running.Add(1)
	return true
}

// remove needs the lock.
func (s *Set) remove(metric string) {
	off := maps.Clone(*s.off.Load())
	delete(off, metric)
	s.off.Store(&off)
}

// On puts a metric back on and reports whether it was off.
func (s *Set) On(metric string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := (*s.off.Load())[metric]
	if e == nil {
		return false
	}
	e.timer.Stop()
	s.remove(metric)
	return true
}

// Enabled reports whether a metric is exported. It takes no lock and allocates
// nothing.
func (s *Set) Enabled(metric string) bool {
	_, off := (*s.off.Load())[metric]
	return !off
}

// List returns the metrics that are off, by name.
func (s *Set) List() []Metric {
	off := *s.off.Load()
	list := make([]Metric, 0, len(off))
	for name, e := range off {
		list = append(list, Metric{name, e.until})
	}
	slices.SortFunc(list, func(a, b Metric) int { return cmp.Compare(a.Name, b.Name) })
	return list
}

// Close stops every timer and waits for the calls of expired. What is off stays
// off, and nothing else can be switched off any more.
func (s *Set) Close() {
	s.mu.Lock()
	s.closed = true
	for _, e := range *s.off.Load() {
		e.timer.Stop()
	}
	s.mu.Unlock()
	s.running.Wait()
}
