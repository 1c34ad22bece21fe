// Package checks has ready-made checks for package health: a database behind
// database/sql, an HTTP service, a TCP port and the free space of a disk.
//
//	checker, err := health.New("1.4.0",
//		checks.SQL("database", db),
//		checks.HTTP("toss_payments", statusURL, health.NonCritical()),
//		checks.TCP("cache", "127.0.0.1:6379", health.Interval(5*time.Second)),
//		checks.Disk("disk", "/var/lib/tutorflow", 10, health.NonCritical()),
//	)
//
// A constructor opens nothing and returns no error: health.New reports what is wrong with
// its arguments together with everything else. The checks hold nothing between two runs,
// so there is nothing to close.
//
// What they do not do: they neither log in to a service nor write to one, and they do not
// retry. The thresholds of health.Check do that.
package checks
