package alerts

// watchdog always fires. Whoever waits for it learns that the way from Prometheus
// to people is broken, when it does not come any more.
func watchdog() subject {
	return subject{alerts: []Alert{{
		Name: "TutorFlowWatchdog", Severity: None, Component: "telemetry",
		Summary:      "The way from Prometheus to people works.",
		Description:  "This alert always fires. Route it to a service that calls somebody when it stops coming: then Prometheus or Alertmanager is down, and no other alert can arrive.",
		DashboardUID: TelemetryUID,
	}}}
}
