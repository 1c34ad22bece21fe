package health

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Checker runs checks on their schedules and serves their last results. Make one with New.
// All methods are safe to call concurrently.
type Checker struct {
	version string
	cfg     config
	runners []*runner
	system  systemSampler

	draining atomic.Bool

	group    sync.WaitGroup
	cancel   context.CancelFunc
	stop     sync.Once
	stopped  chan struct{}         // closed when every goroutine has ended after Shutdown
	shutdown atomic.Pointer[error] // what the first Shutdown answered
}

// New makes a Checker and starts its schedule: each check runs at once and then at its
// interval. It does not wait for the first results. The version is the service's and is
// shown on /health.
//
// The error holds everything that is wrong with the parts, one line each, with the check,
// the field, the value and what is allowed. When there is one, nothing was started.
func New(version string, parts ...Part) (*Checker, error) {
	cfg := config{logger: slog.Default, prefix: "/health", wall: time.Now}
	var errs []error
	for i, part := range parts {
		if part == nil {
			errs = append(errs, fmt.Errorf("part %d: must be a check or an option, not nil", i+1))
			continue
		}
		part.apply(&cfg)
	}
	errs = append(errs, cfg.validatePrefix())
	seen := make(map[string]bool)
	for i := range cfg.checks {
		check := cfg.checks[i].withDefaults()
		cfg.checks[i] = check
		errs = append(errs, check.validate())
		if seen[check.Name] {
			errs = append(errs, fmt.Errorf("check %q: name %q: must be unique", check.Name, check.Name))
		}
		seen[check.Name] = true
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("configure health checks: %w", err)
	}

	ctx, cancel := context.WithCancel(context.Background())
	c := &Checker{version: version, cfg: cfg, cancel: cancel, stopped: make(chan struct{})}
	for _, check := range cfg.checks {
		c.runners = append(c.runners, &runner{
			check:  check,
			logger: cfg.logger,
			group:  &c.group,
			shown:  hysteresis{failures: check.FailureThreshold, successes: check.SuccessThreshold},
		})
	}
	for _, r := range c.runners {
		c.group.Go(func() { r.schedule(ctx) })
	}
	c.group.Go(func() { c.system.schedule(ctx) })
	return c, nil
}

// Drain makes readiness answer 503 with the reason draining, from now on. Every other path
// and the schedule go on as before. Call it first when the service is to stop, wait until
// the load balancer has noticed, and then stop the server. It cannot be undone.
func (c *Checker) Drain() { c.draining.Store(true) }

// Shutdown drains, ends the context of every check and waits until they have returned, but
// never longer than ctx allows: a check that hangs is named in the error and left behind.
// The handlers stay usable; their results grow stale. A further call gives the first
// call's answer.
func (c *Checker) Shutdown(ctx context.Context) error {
	c.stop.Do(func() {
		c.Drain()
		c.cancel()
		go func() {
			c.group.Wait()
			close(c.stopped)
		}()
	})
	var err error
	select {
	case <-c.stopped:
	case <-ctx.Done():
		select {
		case <-c.stopped: // A select with both ready takes either.
		default:
			err = c.unfinished(ctx.Err())
		}
	}
	c.shutdown.CompareAndSwap(nil, &err)
	return *c.shutdown.Load()
}

// unfinished names the checks that Shutdown did not wait for.
func (c *Checker) unfinished(cause error) error {
	var names []string
	for _, r := range c.runners {
		if r.running.Load() {
			names = append(names, r.check.Name)
		}
	}
	if len(names) == 0 {
		return fmt.Errorf("shut down health checks: %w", cause)
	}
	return fmt.Errorf("shut down health checks: still running %s: %w", strings.Join(names, ", "), cause)
}

// EachCheck calls fn for each check in the order given to New: its name, whether it is up,
// and the duration of its last run in seconds. A degraded check is up, and one without a
// result that is young enough is not. Seconds are 0 before the first result, and those since
// its start for a check that hangs. EachCheck takes no lock and runs no check, so it can be
// called at each scrape.
func (c *Checker) EachCheck(fn func(name string, up bool, seconds float64)) {
	for _, r := range c.runners {
		current := r.current()
		fn(r.check.Name, current.status != StatusUnhealthy, current.latency.Seconds())
	}
}

// results is the current result of each check, in the order of the runners. A response is
// made from one such slice, so that it agrees with itself.
func (c *Checker) results() []result {
	results := make([]result, len(c.runners))
	for i, r := range c.runners {
		results[i] = r.current()
	}
	return results
}

// overall is the status of the service.
func (c *Checker) overall(results []result) Status {
	status := StatusHealthy
	for i, r := range c.runners {
		s := results[i].status
		if s == StatusUnhealthy && r.check.NonCritical {
			s = StatusDegraded
		}
		if severity(s) > severity(status) {
			status = s
		}
	}
	return status
}

// notReady is why the service can take no traffic, or empty when it can. Of several
// failing checks it names the first in the order given to New.
func (c *Checker) notReady() string {
	if c.draining.Load() {
		return string(ReasonDraining)
	}
	for _, r := range c.runners {
		if r.check.NonCritical {
			continue
		}
		if current := r.current(); current.status == StatusUnhealthy {
			return r.check.Name + ": " + string(current.reason)
		}
	}
	return ""
}

// started reports whether each critical check has passed once. It never goes back, since
// what it is made of never does.
func (c *Checker) started() bool {
	for _, r := range c.runners {
		if !r.check.NonCritical && !r.passed.Load() {
			return false
		}
	}
	return true
}
