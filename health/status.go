package health

import (
	"context"
	"errors"
)

// Status is what a path or a component reports. The values are the whole set.
type Status string

// The statuses of a check, a component and the service as a whole.
const (
	StatusHealthy   Status = "healthy"
	StatusDegraded  Status = "degraded"  // impaired, and still serving: answered with 200
	StatusUnhealthy Status = "unhealthy" // answered with 503 where it is critical
)

// The statuses of the probes.
const (
	StatusReady    Status = "ready"
	StatusNotReady Status = "not_ready"
	StatusAlive    Status = "alive"
	StatusStarted  Status = "started"
	StatusStarting Status = "starting"
)

// Reason is why a check is not healthy or the service is not ready. The values are the
// whole set, so that a reason can be shown to anybody.
type Reason string

// The reasons.
const (
	ReasonFailed   Reason = "failed"   // the check returned an error
	ReasonTimeout  Reason = "timeout"  // the check returned, but not within its timeout
	ReasonHung     Reason = "hung"     // the timeout has passed and the check has not returned
	ReasonPanic    Reason = "panic"    // the check panicked, or ended its goroutine
	ReasonStale    Reason = "stale"    // there is no result yet, or none that is young enough
	ReasonDraining Reason = "draining" // the service is about to stop; on readiness only
)

// ErrDegraded makes a failed run count as degraded rather than unhealthy, even for a
// critical check. Join it with the cause:
//
//	return errors.Join(health.ErrDegraded, err)
//
// Use it for a dependency that works but is short of something, such as a connection
// pool with no free slot: taking every replica out of rotation would make that worse.
var ErrDegraded = errors.New("degraded")

// severity orders the statuses of a check.
func severity(s Status) int {
	switch s {
	case StatusHealthy:
		return 0
	case StatusDegraded:
		return 1
	default:
		return 2
	}
}

// judge turns what a run returned into a status and a reason. The context is the run's
// own: a run that outlived it has timed out whatever it returned.
func judge(ctx context.Context, err error) (Status, Reason) {
	late := ctx.Err() != nil
	if err == nil && !late {
		return StatusHealthy, ""
	}
	reason := ReasonFailed
	if late || errors.Is(err, context.DeadlineExceeded) {
		reason = ReasonTimeout
	}
	if errors.Is(err, ErrDegraded) {
		return StatusDegraded, reason
	}
	return StatusUnhealthy, reason
}
