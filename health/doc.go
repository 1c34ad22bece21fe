// Package health answers whether a service lives, has started and can take traffic.
//
// Checks run in the background on a schedule and a context of their own. A probe
// reads the last result of each check and never touches a dependency, so it answers
// in microseconds whatever the dependencies do, and a thousand probes a second cost
// the database nothing.
//
//	checker, err := health.New("1.4.0",
//		checks.SQL("database", db),
//		checks.HTTP("toss_payments", statusURL, health.NonCritical()),
//		health.Check{Name: "search", Run: searchClient.Ping},
//	)
//	if err != nil {
//		return err
//	}
//	defer checker.Shutdown(context.Background())
//
//	mux := http.NewServeMux()
//	checker.Mount(mux)
//
// # Paths
//
// All answer GET and HEAD with JSON that no cache keeps. Timestamps are RFC 3339 in UTC.
//
//	/health           healthy, degraded (both 200) or unhealthy (503), with the version
//	/health/detailed  the same, with each component and the system's figures
//	/health/ready     ready (200), or not_ready (503) with a reason such as "database: timeout"
//	/health/live      alive, always 200: it looks at no check, by construction
//	/health/startup   starting (503) until each critical check has passed once, then started for ever
//	/health/db        the database checks alone; 404 when there is none
//
// Use live, ready and startup for the three Kubernetes probes. Restarting a service
// does not repair its database, which is why live knows nothing of it.
//
// # From a result to a status
//
// A check is critical unless [NonCritical] says otherwise. The service is unhealthy
// when a critical check is unhealthy, and degraded when a non-critical one is
// unhealthy or any check is degraded. Without checks it is healthy, ready and started.
//
// A check's shown status changes after [Check.FailureThreshold] results in a row that
// are worse than it, or [Check.SuccessThreshold] that are better; the very first result
// decides at once. A dependency that stops answering is therefore shown as unhealthy
// after at most FailureThreshold x Interval + Timeout: 22 seconds with the defaults.
//
// A check without a result yet, or whose last result is older than [Check.MaxAge],
// is unhealthy with the reason stale: what is not known is not claimed. A check that
// ignores its context costs one goroutine, ever: it is shown as hung, is not run again
// while it hangs, and goes on with its schedule once it has returned.
//
// # Secrets
//
// No error text reaches a response. A response holds a [Reason] out of a fixed
// vocabulary; the text goes to the log, once for each change of a check's status.
// [WithoutDetails] keeps the detailed path off a public port.
//
// # Lifecycle
//
// [New] starts the schedule, [Checker.Drain] makes readiness fail while everything else
// goes on, and [Checker.Shutdown] stops the schedule and waits for it. Every method of a
// [Checker] is safe to call concurrently.
//
// # What it does not do
//
// It exports no metric: [Checker.EachCheck] gives another package the figures. It never
// ends the process, and it authenticates nobody.
package health
