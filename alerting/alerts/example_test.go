package alerts_test

import (
	"flag"
	"fmt"

	"github.com/tutorflow/observability/alerting/alerts"
)

// What pages, and after how long.
func ExampleAll() {
	for _, a := range alerts.All(alerts.Defaults()) {
		if a.Severity == alerts.Critical {
			fmt.Println(a.Title(), a.For)
		}
	}
	// Output:
	// TutorFlowDown 2m0s
	// HighErrorRate 5m0s
	// TutorFlowErrorBudgetBurn 1h/5m 2m0s
	// TutorFlowErrorBudgetBurn 6h/30m 15m0s
	// TutorFlowPaymentFailures 5m0s
}

// A generator that takes the thresholds as flags.
func ExampleFlags() {
	thresholds := alerts.Defaults()
	set := flag.NewFlagSet("generate", flag.ExitOnError)
	alerts.Flags(set, &thresholds)
	_ = set.Parse([]string{"-error-ratio", "0.02", "-latency", "0.3"})

	fmt.Println(thresholds.ErrorRatio)
	fmt.Println(thresholds.Validate())
	// Output:
	// 0.02
	// latency: 0.3 is no bucket bound of tutorflow_http_request_duration_seconds, which has [0.005 0.01 0.025 0.05 0.075 0.1 0.25 0.5 0.75 1 2.5 5 7.5 10]
}

// The lines that a dashboard draws.
func ExampleOn() {
	for _, a := range alerts.On("tutorflow-business", alerts.Defaults()) {
		for _, c := range a.Conditions {
			fmt.Println(c.What, c.Op, c.Value)
		}
	}
	// Output:
	// share of failed payments > 0.2
	// failed payments in 15m >= 5
	// bookings against last week < 0.2
	// bookings in the hour last week >= 20
}
