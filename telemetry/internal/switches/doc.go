// Package switches takes metrics off every export at run time and puts them
// back by itself, for an incident in which one metric floods the store of
// metrics and a deployment would take too long.
//
//	off := switches.New(func(metric string) { log.Info("metric is back", zap.String("metric", metric)) })
//	defer off.Close()
//	err := off.Off("tutorflow_errors_total", 30*time.Minute)
//	settings := exporters.Settings{Enabled: off.Enabled}
//
// A metric that is off is still recorded. When it comes back, its counters have
// not fallen, which a store would read as a restart. What it costs the service
// to record stays; what it costs to carry away and to keep is saved.
package switches
